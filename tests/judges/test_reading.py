import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena.judgments import Failure
from arena.models.complete import TokenChoices
from judges.reading import Unreadable, read, spoken
from judges.refusals import sounds_like_refusal
from judges.rendering import render_pairwise, render_single
from judges.templates import builtin_templates
from tests.judges.asked import battle, reply, template

FIGHT = battle(("four", "five"))


def asked(name: str, structured: bool = False):
    found = template(name)
    if found.kind == "pairwise":
        return render_pairwise(found, FIGHT, structured=structured)
    return render_single(found, FIGHT.prompt, FIGHT.conversation("a"), structured=structured)


def heard(name: str, text: str, finish_reason: str = "stop", structured: bool = False, **known):
    question = asked(name, structured)
    return read(question, reply(text.replace("CODE", question.code), finish_reason, **known))


def failure(name: str, text: str, finish_reason: str = "stop", structured: bool = False) -> Failure:
    with pytest.raises(Unreadable) as caught:
        heard(name, text, finish_reason, structured)
    assert caught.value.detail.strip()
    return caught.value.failure


@pytest.mark.parametrize("found", builtin_templates(), ids=lambda t: t.name)
@pytest.mark.parametrize("structured", [False, True])
def test_every_verdict_of_every_built_in_template_can_be_given_and_read(found, structured):
    question = asked(found.name, structured)
    for label in found.labels or (f"{value:g}" for value in found.scale.values):
        if structured:
            names = (
                ["verdict"]
                if found.labels
                else ["score"]
                if found.kind == "single"
                else ["score_a", "score_b"]
            )
            value = label if found.labels else float(label)
            said = json.dumps({"explanation": "so", "code": question.code, **dict.fromkeys(names, value)})
        else:
            values = {"label": label, "score": label, "score_a": label, "score_b": label}
            said = "so\n\n" + found.marks[0].written(question.code, **values)
        reading = read(question, reply(said))
        assert json.loads(json.dumps(reading)) == reading
        assert reading["explanation"] == "so"
        if found.labels:
            outcome = found.labels[label]
            assert reading["strength"] == (3 if outcome.endswith("much") else 1)
            assert reading["winner"][-1] == outcome[0] or outcome in ("tie", "both_bad")
        elif found.kind == "single":
            assert reading["score"] == float(label)


def test_the_explanation_is_the_reply_without_the_line_of_the_verdict():
    assert heard("pairwise", "A adds\nwell.\n\n**[[CODE: A]]**\n")["explanation"] == "A adds\nwell."
    sentence = "I say [[CODE: A]] since it adds well."
    assert "since it adds well" in heard("pairwise", sentence)["explanation"]


def test_two_scores_make_a_winner():
    assert heard("pairwise-scores", "[[CODE: 8 3]]")["winner"] == "model_a"
    assert heard("pairwise-scores", "[[CODE: 3 8]]")["winner"] == "model_b"
    assert heard("pairwise-scores", "[[CODE: 8 8]]")["winner"] == "tie"
    assert heard("pairwise-scores", "[[CODE: 8 3]]")["scores"] == [8.0, 3.0]


@pytest.mark.parametrize("text", ["[[CODE: A]] [[CODE: A]]", "[[CODE: a]]\n[[CODE: A]]"])
def test_a_verdict_that_is_repeated_counts(text):
    assert heard("pairwise", text)["winner"] == "model_a"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[[CODE: A]] or rather [[CODE: B]]", Failure.CONTRADICTORY),
        ("[[CODE: A]] or [[CODE: C]]", Failure.CONTRADICTORY),
        ("[[CODE: C]]", Failure.OFF_SCALE),
        ("[[CODE: A or B]]", Failure.OFF_SCALE),
        ("[[CODE: A>B]]", Failure.OFF_SCALE),
        ("[[A]]", Failure.UNREADABLE),
        ("[[00000000: A]]", Failure.UNREADABLE),
        ("Answer A is better.", Failure.UNREADABLE),
        ("", Failure.UNREADABLE),
        ("I'm sorry, but I can't help with that.", Failure.REFUSED),
        ("<think>[[CODE: A]] no, wait", Failure.UNREADABLE),
    ],
)
def test_what_holds_no_verdict_is_a_failure_of_its_kind(text, expected):
    assert failure("pairwise", text) is expected


@pytest.mark.parametrize("text", ["A is", "[[CODE: A", "<think>[[CODE: A]]", ""])
def test_a_reply_cut_before_its_verdict_is_truncated(text):
    assert failure("pairwise", text, "length") is Failure.TRUNCATED


def test_a_reply_cut_after_its_verdict_counts():
    assert heard("pairwise", "[[CODE: A]] because", "length")["winner"] == "model_a"


def test_a_number_at_the_cut_may_have_lost_its_end():
    assert failure("vicuna-scores", "8 1", "length") is Failure.TRUNCATED
    assert heard("vicuna-scores", "8 1")["scores"] == [8.0, 1.0]
    assert heard("vicuna-scores", "8 1\nFirst", "length")["scores"] == [8.0, 1.0]


def test_a_withheld_reply_is_a_refusal():
    assert failure("pairwise", "", "content_filter") is Failure.REFUSED


@pytest.mark.parametrize(
    "text", ["[[CODE: 0]]", "[[CODE: 11]]", "[[CODE: 7.5]]", "[[CODE: seven]]", "[[CODE: 7 8]]"]
)
def test_a_score_off_the_scale_is_a_failure(text):
    assert failure("single", text) is Failure.OFF_SCALE


@pytest.mark.parametrize("text", ["[[CODE: 7]]", "[[CODE: 7.0]]", "[[CODE: 7/10]]", "[[CODE: **7**]]"])
def test_a_score_is_read_however_it_is_written(text):
    assert heard("single", text)["score"] == 7.0


def test_a_verdict_considered_while_thinking_is_none():
    text = "<think>Perhaps [[CODE: B]]?</think>\nNo.\n[[CODE: A]]"
    assert heard("pairwise", text)["winner"] == "model_a"
    assert heard("pairwise", text)["explanation"] == "No."
    assert heard("pairwise", text.removeprefix("<think>"))["winner"] == "model_a"
    assert failure("pairwise", "<think>[[CODE: B]]</think>") is Failure.UNREADABLE
    assert spoken("plain") == "plain"


def said(**entries) -> str:
    return json.dumps({"explanation": "so", "code": "CODE", **entries})


@pytest.mark.parametrize(
    "text",
    [
        said(verdict="B"),
        f"```json\n{said(verdict='B')}\n```",
        f"Here you are: {said(verdict='B')} Anything else?",
        said(verdict="b ", code="CODE "),
        '{"verdict": "A", "code": "00000000"} ' + said(verdict="B"),
        '{"verdict": "A"}' + said(verdict="B"),
        said(verdict="B", quoted={"code": "CODE", "verdict": "A"}),
        "{ {{ {\n" + said(verdict="B"),
    ],
)
def test_a_json_reply_is_read_wherever_the_object_stands(text):
    assert heard("pairwise", text, structured=True)["winner"] == "model_b"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (said(verdict="A") + said(verdict="B"), Failure.CONTRADICTORY),
        ('{"code": "CODE", "verdict": "A", "verdict": "B"}', Failure.CONTRADICTORY),
        (said(verdict="C"), Failure.OFF_SCALE),
        (said(verdict=None), Failure.OFF_SCALE),
        (said(verdict=["A"]), Failure.OFF_SCALE),
        (said(), Failure.UNREADABLE),
        ('{"verdict": "A"}', Failure.UNREADABLE),
        ('{"code": "00000000", "verdict": "A"}', Failure.UNREADABLE),
        ("[[CODE: A]]", Failure.UNREADABLE),
        ('["CODE", "A"]', Failure.UNREADABLE),
        (said(verdict="A")[:-3], Failure.UNREADABLE),
        ("[" * 3000 + "{" * 3000, Failure.UNREADABLE),
    ],
)
def test_a_json_reply_without_a_verdict_is_a_failure(text, expected):
    assert failure("pairwise", text, structured=True) is expected


def test_a_json_reply_cut_in_its_middle_is_truncated():
    assert failure("pairwise", said(verdict="A")[:-3], "length", structured=True) is Failure.TRUNCATED


@pytest.mark.parametrize(("value", "expected"), [(7, 7.0), (7.0, 7.0), ("7", 7.0), ("7/10", 7.0)])
def test_a_json_score_is_read_as_number_or_text(value, expected):
    assert heard("single", said(score=value), structured=True)["score"] == expected


@pytest.mark.parametrize("value", [0, 11, 7.5, True, None, "NaN", float("inf"), 10**400, -(10**30), "x"])
def test_a_json_score_off_the_scale_is_a_failure(value):
    assert failure("single", said(score=value), structured=True) is Failure.OFF_SCALE


@pytest.mark.parametrize(
    ("name", "text", "winner"),
    [
        ("llmbar-plain", "Output (b)", "model_b"),
        ("llmbar-reasons", "Output (a) adds well.\n\nTherefore, Output (a) is better.", "model_a"),
        ("double-brackets", "My final verdict is: [[C]]", "tie"),
        ("vicuna-scores", "9 8.5\nBoth are good.", "model_a"),
    ],
)
def test_marks_of_other_benchmarks_are_read(name, text, winner):
    assert heard(name, text)["winner"] == winner


def test_both_marks_of_another_benchmark_are_no_verdict():
    assert failure("llmbar-plain", "Neither Output (a) nor Output (b)") is Failure.CONTRADICTORY
    assert failure("double-brackets", "[[A]] [[B]]") is Failure.CONTRADICTORY


@pytest.mark.parametrize(
    "text",
    [
        "I cannot assist with that request.",
        "I’m sorry, but these answers are harmful.",
        "As an AI, I do not take sides.",
        "Es tut mir leid, das geht nicht.",
        "Lo siento, no puedo evaluar esto.",
        "Je ne peux pas répondre.",
        "对不起，我无法评价。",
        "申し訳ありませんが、お答えできません。",
        "Извините, я не могу помочь.",
        "آسف، لا أستطيع.",
    ],
)
def test_a_refusal_is_told_from_a_reply_without_a_verdict(text):
    assert sounds_like_refusal(text)
    assert failure("pairwise", text) is Failure.REFUSED


@pytest.mark.parametrize("text", ["Answer A is right.", "I cannot find an error in A.", "Both are wrong."])
def test_an_honest_reply_is_no_refusal(text):
    assert not sounds_like_refusal(text)


def test_a_verdict_with_a_refusal_in_its_reasons_counts():
    assert heard("pairwise", "I'm sorry to say that B is wrong. [[CODE: A]]")["winner"] == "model_a"


@given(st.text(max_size=300), st.sampled_from([t.name for t in builtin_templates()]), st.booleans())
def test_no_text_without_the_code_is_ever_a_verdict(text, name, structured):
    question = asked(name, structured)
    if question.code not in text.casefold():
        with pytest.raises(Unreadable):
            read(question, reply(text))


def tokens(*pieces) -> tuple[TokenChoices, ...]:
    """Each piece is a token, or a token with the probabilities of the likeliest ones."""
    return tuple(
        TokenChoices(piece, {piece: 0.0})
        if isinstance(piece, str)
        else TokenChoices(piece[0], {token: math.log(p) for token, p in piece[1].items()})
        for piece in pieces
    )


def with_choices(name: str, *pieces, structured: bool = False):
    question = asked(name, structured)
    choices = tokens(*(p.replace("CODE", question.code) if isinstance(p, str) else p for p in pieces))
    return read(question, reply("".join(c.token for c in choices), logprobs=choices))


def test_probabilities_of_the_verdict_make_it_soft():
    reading = with_choices(
        "pairwise", "So", " [[", "CODE", ":", (" A", {" A": 0.6, " B": 0.2, " tie": 0.1, "\n": 0.1}), "]]"
    )
    assert reading["winner"] == "model_a"
    assert reading["probability_a"] == pytest.approx((0.6 + 0.05) / 0.9)


def test_probabilities_are_read_in_json_too():
    reading = with_choices(
        "pairwise",
        '{"explanation": "A", "code": "CODE", "verdict',
        '": "',
        ("B", {"B": 0.7, "A": 0.3}),
        '"}',
        structured=True,
    )
    assert reading["winner"] == "model_b"
    assert reading["probability_a"] == pytest.approx(0.3)


def test_a_label_of_several_tokens_is_followed():
    reading = with_choices(
        "pairwise-five-levels",
        "[[CODE: ",
        ("A", {"A": 0.5, "B": 0.3, "t": 0.2}),
        (">>", {">>": 0.8, ">": 0.2}),
        "B",
        "]]",
    )
    assert (reading["winner"], reading["strength"]) == ("model_a", 3)
    assert reading["probability_a"] == pytest.approx(0.5 + 0.1)


def test_a_score_has_an_expected_value():
    reading = with_choices("single", "[[CODE", ": ", ("8", {"8": 0.5, "7": 0.25, "9": 0.25}), "]]")
    assert (reading["score"], reading["expected"]) == (8.0, pytest.approx(8.0))
    reading = with_choices("single", "[[CODE", ": ", ("10", {"10": 0.5, "1": 0.5}), "]]")
    assert reading["expected"] == pytest.approx(5.5)


def test_digits_apart_are_put_together():
    reading = with_choices(
        "single", "[[CODE: ", ("1", {"1": 0.9, "8": 0.1}), ("0", {"0": 0.75, "]]": 0.25}), "]]"
    )
    assert reading["score"] == 10.0
    assert reading["expected"] == pytest.approx(0.9 * 0.75 * 10 + 0.9 * 0.25 * 1 + 0.1 * 8)


def test_where_a_token_may_mean_two_scores_nothing_is_said():
    reading = with_choices("single", "[[CODE: ", ("8", {"8": 0.6, "1": 0.4}), "]]")
    assert (reading["score"], reading["expected"]) == (8.0, None)


def test_where_the_likeliest_tokens_say_little_nothing_is_said():
    reading = with_choices("pairwise", "[[CODE: ", ("A", {"A": 0.3, "The": 0.3, "So": 0.2}), "]]")
    assert reading["probability_a"] is None


def test_without_log_probabilities_a_verdict_is_not_soft():
    assert heard("pairwise", "[[CODE: A]]")["probability_a"] is None
    assert heard("single", "[[CODE: 4]]")["expected"] is None


def test_log_probabilities_that_do_not_belong_to_the_reply_say_nothing():
    assert heard("pairwise", "[[CODE: A]]", logprobs=tokens("other", " words"))["probability_a"] is None


@given(
    st.dictionaries(
        st.sampled_from(["A", " B", "tie", "neither", "n", "x", ""]), st.floats(0.001, 1), min_size=1
    ),
)
def test_a_soft_verdict_is_a_probability(weights):
    total = sum(weights.values())
    shares = {token: weight / total for token, weight in weights.items()}
    token = next((t for t in shares if t.strip() in ("A", "B", "tie", "neither")), None)
    if token is not None:
        chance = with_choices("pairwise", "[[CODE: ", (token, shares), "]]")["probability_a"]
        assert chance is None or 0.0 <= chance <= 1.0
