import re
from pathlib import Path

import pytest

from arena.errors import InvalidInput, NotFound
from arena.types import Winner
from judges.template import BUILTIN_FOLDER, OUTCOMES, placeholders_in
from judges.template_file import read_template
from judges.templates import builtin_templates, load_template, template_names
from tests.judges.asked import TEMPLATES, template

GOOD = """+++
kind = "pairwise"
title = "Mine"
mark = "[[{code}: {label}]]"

[labels]
a = "A"
b = "B"
+++

[user]
{prompt} {answer_a} {answer_b}
{reply}

[text reply]
[[{code}: A]] or [[{code}: B]]
"""


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "mine.txt"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_built_in_templates_cover_every_way_of_judging():
    by_name = {t.name: t for t in builtin_templates()}
    assert set(by_name) == {
        "pairwise",
        "pairwise-reference",
        "pairwise-multi-turn",
        "pairwise-five-levels",
        "pairwise-scores",
        "single",
        "single-reference",
        "single-multi-turn",
    }
    assert {name for name, t in by_name.items() if t.needs_reference} == {
        "pairwise-reference",
        "single-reference",
    }
    assert all(t.builtin and t.coded and t.fence and t.structured for t in by_name.values())
    assert all(t.title and t.description for t in by_name.values())
    assert set(by_name["pairwise-five-levels"].labels.values()) == {"a_much", "a", "tie", "b", "b_much"}


def test_every_built_in_template_tells_of_the_fence_and_asks_about_the_criterion():
    for found in builtin_templates():
        text = "\n".join(text for _, text in found.messages)
        assert {"criterion", "code", "reply"} <= placeholders_in(text)
        assert "`<name {code}>`" in text
        assert "overall" in found.criteria and "other" in found.criteria


def test_every_label_of_the_built_in_templates_is_offered_in_both_forms_of_reply():
    for found in builtin_templates():
        for label in found.labels:
            assert f"[[{{code}}: {label}]]" in found.text_reply
            assert f'"{label}"' in found.json_reply


def test_labels_that_mean_the_other_side_are_turned_along_with_it():
    for outcome, (winner, strength) in OUTCOMES.items():
        if outcome.startswith("b") and outcome != "both_bad":
            assert OUTCOMES["a" + outcome[1:]] == (winner.swapped(), strength)
    assert OUTCOMES["both_bad"] == (Winner.BOTH_BAD, 1)


def test_a_users_template_goes_before_a_built_in_one_of_the_same_name(tmp_path):
    (tmp_path / "pairwise.txt").write_text(GOOD, encoding="utf-8")
    assert load_template("pairwise", (tmp_path,)).title == "Mine"
    assert load_template("pairwise").title != "Mine"
    assert "pairwise" in template_names((tmp_path,))


def test_a_copied_template_has_the_digest_of_the_original_until_it_is_changed(tmp_path):
    copy = tmp_path / "copy.txt"
    copy.write_bytes((BUILTIN_FOLDER / "single.txt").read_bytes())
    assert load_template("copy", (tmp_path,)).digest == load_template("single").digest
    copy.write_bytes(copy.read_bytes() + b"\n")
    assert load_template("copy", (tmp_path,)).digest != load_template("single").digest


def test_an_unknown_template_is_answered_with_those_there_are(tmp_path):
    with pytest.raises(NotFound, match="no template 'nobody'; there are pairwise"):
        load_template("nobody", (tmp_path,))


@pytest.mark.parametrize("name", ["../pairwise", "/etc/hosts", "a/b", ""])
def test_a_name_that_is_a_path_finds_no_file_outside_the_folder(tmp_path, name):
    (tmp_path / "pairwise.txt").write_text(GOOD, encoding="utf-8")
    (tmp_path / "inner").mkdir()
    with pytest.raises(NotFound):
        load_template(name, (tmp_path / "inner",))


def test_windows_line_ends_and_a_byte_order_mark_change_nothing_but_the_digest(tmp_path):
    plain = read_template(written(tmp_path, GOOD))
    path = tmp_path / "mine.txt"
    path.write_bytes(b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode())
    again = read_template(path)
    assert (again.messages, again.text_reply, again.labels) == (
        plain.messages,
        plain.text_reply,
        plain.labels,
    )
    assert again.digest != plain.digest


def test_a_brace_that_holds_no_plain_name_stands_for_itself(tmp_path):
    text = GOOD.replace("{prompt} ", 'Reply {"a": 1} { prompt } {{prompt}} {prompt} ')
    assert (
        read_template(written(tmp_path, text))
        .messages[0][1]
        .startswith('Reply {"a": 1} { prompt } {{prompt}} {prompt} ')
    )


FAULTS = {
    "no head": ("hello\n" + GOOD, 1, "begins with a head"),
    "open head": ("+++\nkind = 1\n", 1, "no closing line"),
    "unknown key": (GOOD.replace('title = "Mine"', 'title = "Mine"\ncolour = "red"'), 4, "no 'colour'"),
    "wrong kind": (GOOD.replace('"pairwise"', '"triple"'), 2, "kind is 'triple'"),
    "no title": (GOOD.replace('"Mine"', '" "'), 3, "title must be a text that is not empty"),
    "no mark": (GOOD.replace('mark = "[[{code}: {label}]]"\n', ""), 1, "mark must be a text"),
    "wrong mark": (GOOD.replace('"[[{code}: {label}]]"', '"[[{score}]]"'), 4, "must hold {label}"),
    "wrong place": (GOOD.replace("\n[labels]", 'place = "middle"\n[labels]'), 5, "place is 'middle'"),
    "wrong label": (GOOD.replace('b = "B"', 'b = "B"\nc = "C"'), 9, "no label 'c'"),
    "one label": (GOOD.replace('b = "B"', ""), 6, "labels need both a and b"),
    "same labels": (GOOD.replace('b = "B"', 'b = "a"'), 6, "the same but for case"),
    "label lost": (GOOD.replace('b = "B"', 'b = "B]C"'), 4, "'B]C' cannot be read back"),
    "no section": (GOOD.replace("[user]", "hello\n[user]"), 11, "comes a section"),
    "no user": (GOOD.replace("[user]", "[system]"), None, "needs a section [user]"),
    "system later": (
        GOOD.replace("[user]", "[user]\nhi\n[system]\nhi\n[user]"),
        13,
        "must be the first section",
    ),
    "unknown placeholder": (
        GOOD.replace("{reply}\n", "{reply} {answer_c}\n"),
        13,
        "no placeholder {answer_c}",
    ),
    "answer in reply": (GOOD.replace("or [[", "or {answer_a} [["), 16, "no placeholder {answer_a} here"),
    "one answer": (GOOD.replace("{answer_b}", ""), 2, "must show {answer_a} and {answer_b}"),
    "mark not shown": (GOOD.replace("[[{code}: B]]", "[[B]]"), 4, "never shows the verdict mark"),
    "no reply": (GOOD.replace("{reply}\n", "\n"), None, "both a {reply} before"),
    "reply of nothing": (GOOD[: GOOD.index("[text reply]")], 4, "no section [text reply]"),
    "json without code": (GOOD + "[json reply]\nJSON please\n", 18, "must ask for the code"),
    "second reply": (GOOD + "[text reply]\nagain\n", 17, "a second section [text reply]"),
    "both forms": (
        GOOD.replace("\n[labels]", "\n[scale]\nlow = 1\nhigh = 2\n[labels]"),
        1,
        "either [labels]",
    ),
    "neither form": (GOOD.replace('[labels]\na = "A"\nb = "B"\n', ""), 1, "either [labels]"),
    "scale upside down": (
        GOOD.replace('[labels]\na = "A"\nb = "B"\n', "[scale]\nlow = 2\nhigh = 1\n"),
        6,
        "low must lie below high",
    ),
    "scale of words": (
        GOOD.replace('[labels]\na = "A"\nb = "B"\n', '[scale]\nlow = 2\nhigh = "x"\n'),
        6,
        "needs the numbers low and high",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_in_a_template_is_named_with_file_and_line(tmp_path, fault):
    text, line, why = FAULTS[fault]
    path = written(tmp_path, text)
    with pytest.raises(InvalidInput, match=re.escape(why)) as caught:
        read_template(path)
    assert str(path) in str(caught.value)
    if line is not None:
        assert f", line {line}:" in str(caught.value)


def test_a_head_that_is_not_toml_is_named_with_its_line(tmp_path):
    with pytest.raises(InvalidInput, match="line 3"):
        read_template(written(tmp_path, GOOD.replace('title = "Mine"', "title = Mine")))


def test_a_file_that_is_no_text_is_refused(tmp_path):
    path = tmp_path / "mine.txt"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InvalidInput, match="cannot be read"):
        read_template(path)


def test_templates_of_other_benchmarks_can_be_written():
    for path in TEMPLATES.glob("*.txt"):
        found = template(path.stem)
        assert not found.coded and not found.structured


def test_a_criterion_without_a_text_of_its_own_is_asked_for_by_name():
    found = load_template("pairwise")
    assert found.criterion_text("overall") == found.criteria["overall"]
    assert found.criterion_text("wit {code}").startswith("wit {code}. Leave")


def test_the_example_in_the_documents_is_a_template(tmp_path):
    page = (Path(__file__).parents[2] / "docs" / "judge-templates.md").read_text(encoding="utf-8")
    lines = page.split("\n")
    begin = lines.index("    +++")
    end = next(i for i in range(begin, len(lines)) if lines[i].startswith("- "))
    example = read_template(written(tmp_path, "\n".join(line[4:] for line in lines[begin:end])))
    assert (example.kind, example.structured, example.coded) == ("pairwise", True, True)
    named = set(re.findall(r"`((?:pairwise|single)[a-z-]*)`", page))
    assert named == {t.name for t in builtin_templates()}
