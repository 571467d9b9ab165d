"""Judged battles for tests of preferences and exports."""

from uuid import UUID

from hypothesis import strategies as st

from arena.preferences import JudgedPair, WrittenText
from arena.types import Message, VoterKind, prompt_id_of


def judged(
    number: int,
    question: str = "Which way is north?",
    a: str = "Up on most maps.",
    b: str = "No idea.",
    *,
    wins_a: int = 0,
    wins_b: int = 0,
    ties: int = 0,
    both_bad: int = 0,
    failed: bool = False,
    models: tuple[str, str] = ("one", "two"),
    kinds: tuple[VoterKind, ...] = (VoterKind.HUMAN,),
    language: str | None = None,
    written: tuple[str, ...] = (),
) -> JudgedPair:
    """A battle of one turn, with the id `number`."""
    prompt = (Message("user", question),)
    return JudgedPair(
        UUID(int=number),
        prompt_id_of(prompt),
        prompt,
        (Message("assistant", a),),
        (Message("assistant", b),),
        *models,
        failed,
        wins_a,
        wins_b,
        ties,
        both_bad,
        kinds,
        language,
        tuple(WrittenText(text, kinds[0]) for text in written),
    )


def without_text(number: int, wins_a: int) -> JudgedPair:
    """A battle that was imported as a bare outcome."""
    return JudgedPair(
        UUID(int=number), None, (), (), (), "one", "two", False, wins_a, 0, 0, 0, (VoterKind.HUMAN,)
    )


@st.composite
def battles(draw: st.DrawFn, *, writers: bool = False) -> list[JudgedPair]:
    """Battles over few prompts and few texts, so that texts meet again, some of them the other way round.

    With `writers` some voters wrote an answer of their own, of the same few texts.
    """
    text = st.sampled_from(["yes", "no", "maybe", " ", "yes "])
    votes = st.integers(0, 3)
    rows = draw(
        st.lists(st.tuples(st.sampled_from("PQ"), text, text, votes, votes, votes, votes, st.integers(0, 9)))
    )
    made = []
    for number, (question, a, b, wins_a, wins_b, ties, both_bad, trouble) in enumerate(rows):
        if trouble == 0:
            made.append(without_text(number, wins_a))
            continue
        kinds = (VoterKind.HUMAN,) if trouble < 6 else (VoterKind.JUDGE, VoterKind.SIMULATED)
        made.append(
            judged(
                number,
                question,
                a,
                b,
                wins_a=wins_a,
                wins_b=wins_b,
                ties=ties,
                both_bad=both_bad,
                failed=trouble == 1,
                kinds=kinds,
                written=tuple(draw(st.lists(text, max_size=2))) if writers else (),
            )
        )
    return made
