from dataclasses import replace

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena.judgments import Failure
from arena.types import Answer, Message, Prompt, Turn
from judges.reading import Unreadable
from judges.rendering import call_key, render_pairwise, render_single, schema_for
from judges.templates import builtin_templates, load_template
from tests.judges.asked import battle, template

PAIRWISE = [t for t in builtin_templates() if t.kind == "pairwise"]
SINGLE = [t for t in builtin_templates() if t.kind == "single"]


def text_of(question) -> str:
    return "\n".join(m.content for m in question.messages)


@pytest.mark.parametrize("found", PAIRWISE, ids=lambda t: t.name)
@pytest.mark.parametrize("structured", [False, True])
def test_a_question_shows_prompt_and_both_answers_in_the_order_asked(found, structured):
    for swapped in (False, True):
        question = render_pairwise(
            found, battle(("The first.", "The second.")), swapped=swapped, structured=structured
        )
        text = text_of(question)
        assert (text.index("The first.") > text.index("The second.")) == swapped
        assert "What is 2 + 2?" in text
        assert question.messages[0].role == "system" and question.messages[-1].role == "user"
        assert question.structured == structured
        assert ("JSON" in text) == structured
        assert "{" not in text.replace("{}", "") or structured


@pytest.mark.parametrize("found", SINGLE, ids=lambda t: t.name)
def test_a_single_question_shows_what_was_said_before_the_answer(found):
    fight = battle(("One.", "x"), ("Two.", "y"))
    text = text_of(render_single(found, fight.prompt, fight.conversation("a")))
    places = [text.index(part) for part in ("What is 2 + 2?", "One.", "And now 1?", "Two.")]
    assert places == sorted(places)


def test_every_turn_is_shown_on_both_sides():
    text = text_of(render_pairwise(load_template("pairwise"), battle(("a1", "b1"), ("a2", "b2"))))
    assert text.count("And now 1?") == 2
    places = [text.index(part) for part in ("a1", "a2", "b1", "b2")]
    assert places == sorted(places)


def test_all_messages_of_a_prompt_are_shown():
    prompt = Prompt((Message("system", "Be brief."), Message("user", "Hm?")))
    text = text_of(render_pairwise(load_template("pairwise"), replace(battle(("a", "b")), prompt=prompt)))
    assert "Be brief." in text and "<system " in text


def test_a_reference_is_shown_only_where_the_template_asks_for_it():
    fight = battle(("a", "b"), reference="The reference says 4.")
    assert "The reference says 4." in text_of(render_pairwise(load_template("pairwise-reference"), fight))
    assert "The reference says 4." not in text_of(render_pairwise(load_template("pairwise"), fight))


@pytest.mark.parametrize("reference", [None, "", "  \n"])
def test_without_the_reference_it_needs_a_judge_is_not_asked(reference):
    fight = battle(("a", "b"), reference=reference)
    with pytest.raises(Unreadable) as caught:
        render_pairwise(load_template("pairwise-reference"), fight)
    assert caught.value.failure is Failure.NOT_APPLICABLE
    with pytest.raises(Unreadable, match="no reference answer"):
        render_single(load_template("single-reference"), fight.prompt, fight.conversation("a"))


def test_a_battle_without_two_finished_answers_is_not_asked_about():
    for fight in (
        replace(battle(("a", "b")), prompt=None),
        battle(),
        replace(battle(), turns=(Turn(None, Answer("one", "a"), Answer("two", "", error="down")),)),
    ):
        with pytest.raises(Unreadable) as caught:
            render_pairwise(load_template("pairwise"), fight)
        assert caught.value.failure is Failure.NOT_APPLICABLE


def test_a_conversation_without_an_answer_at_its_end_is_not_asked_about():
    with pytest.raises(Unreadable):
        render_single(load_template("single"), Prompt.from_text("Hm?"), (Message("user", "Hm?"),))


def test_equal_questions_are_equal_letter_by_letter_and_share_a_key():
    first, second = (render_pairwise(load_template("pairwise"), battle(("a", "b"))) for _ in range(2))
    assert first.messages == second.messages
    assert call_key("f", first.messages) == call_key("f", second.messages)
    assert call_key("g", first.messages) != call_key("f", first.messages)


def test_a_battle_with_its_sides_exchanged_asks_the_same_in_the_other_order():
    forward = render_pairwise(load_template("pairwise"), battle(("a", "b")))
    exchanged = render_pairwise(load_template("pairwise"), battle(("b", "a")), swapped=True)
    assert forward.messages == exchanged.messages


def test_another_criterion_is_another_question():
    overall, wit = (
        render_pairwise(load_template("pairwise"), battle(("a", "b")), criterion=name)
        for name in ("overall", "wit")
    )
    assert overall.code != wit.code
    assert "Criterion: wit." in text_of(wit)


@given(st.text(min_size=1), st.text(min_size=1))
def test_placeholders_in_an_answer_are_never_filled(a, b):
    found = load_template("pairwise")
    a, b = f"{{answer_b}}{{reply}}{{code}} {a}", f"{{{{prompt}}}} \\1 \\g<0> {b}"
    text = text_of(render_pairwise(found, battle((a, b))))
    assert "{answer_b}{reply}{code}" in text and "{{prompt}} \\1 \\g<0>" in text


@given(st.text(alphabet="<>/answerABpomt 0123456789abcdef\n", max_size=80))
def test_no_answer_opens_or_closes_a_fence(answer):
    question = render_pairwise(load_template("pairwise"), battle((answer + "x", "b")))
    user = question.messages[-1].content
    assert user.count(f"{question.code}>\n") == 6
    assert user.count(f"\n</answer A {question.code}>\n") == 1


def test_an_unfenced_template_shows_answers_as_they_are():
    question = render_pairwise(template("double-brackets"), battle(("a <|im_end|>", "b"), ("c", "d")))
    assert "Assistant A: Assistant:\na <|im_end|>\n\nUser:\nAnd now 1?" in question.messages[0].content


@pytest.mark.parametrize("found", builtin_templates(), ids=lambda t: t.name)
def test_the_schema_takes_what_is_asked_for_and_nothing_else(found):
    schema = schema_for(found)
    jsonschema.Draft202012Validator.check_schema(schema)
    names = [name for name in schema["properties"] if name not in ("explanation", "code")]
    good = {"explanation": "because", "code": "c", **dict.fromkeys(names, next(iter(found.labels), 3))}
    jsonschema.validate(good, schema)
    for bad in ({**good, names[0]: "nonsense"}, {**good, "more": 1}, {"explanation": "", "code": ""}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(bad, schema)
    assert next(iter(schema["properties"])) == "explanation"
    assert all(f'"{name}"' in found.json_reply for name in schema["properties"])


def test_a_template_without_a_json_reply_has_no_schema_and_is_asked_for_text():
    assert schema_for(template("double-brackets")) is None
    assert not render_pairwise(template("double-brackets"), battle(("a", "b")), structured=True).structured
