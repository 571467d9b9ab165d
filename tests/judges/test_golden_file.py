import json

import pytest

from arena.errors import InvalidInput, NotFound
from arena.golden import Check, CheckKind
from judges.golden_file import parse_check, read_golden

TOML = """
[[checks]]
metric = "rouge"
at_least = 0.5
options = { stemmer = "none" }

[[checks]]
rule = "short"
options = { max_words = 20 }
at_least = 0.9

[[checks]]
judge = "strict"
at_least = 6

[[prompts]]
prompt = "Who bakes?"
references = ["Anna.", "Anna bakes."]
rules = [{ pattern = "anna", ignore_case = true }, { forbidden = "bob" }]
category = "job"

[[prompts]]
messages = [{ role = "system", content = "Be kind." }, { role = "user", content = "And?" }]
reference = "Yes."
"""


def written(tmp_path, text, name="golden.toml"):
    file = tmp_path / name
    file.write_text(text, "utf-8")
    return file


def test_a_file_says_prompts_references_rules_and_checks(tmp_path):
    golden = read_golden(written(tmp_path, TOML), "village")
    first, second = golden.prompts
    assert first.references == ("Anna.", "Anna bakes.")
    assert first.prompt.reference == "Anna."
    assert first.rules == ({"pattern": "anna", "ignore_case": True}, {"forbidden": "bob"})
    assert [m.role for m in second.prompt.messages] == ["system", "user"]
    assert second.references == ("Yes.",)
    names = [check.name for check in golden.checks]
    assert names == ["rouge1", "rouge2", "rougeL", "rougeLsum", "short", "strict", "rules"]
    assert golden.checks[0] == Check("rouge1", CheckKind.METRIC, {"stemmer": "none"}, at_least=0.5)
    assert golden.checks[4].kind is CheckKind.RULE
    assert golden.checks[5] == Check("strict", CheckKind.JUDGE, at_least=6)


def test_json_lines_are_prompts_and_the_checks_are_given_beside(tmp_path):
    lines = [json.dumps({"prompt": f"Q{n}", "reference": f"A{n}"}) for n in range(3)]
    golden = read_golden(written(tmp_path, "\n".join(lines) + "\n", "g.jsonl"), "g", parse_check("chrf>=20"))
    assert len(golden.prompts) == 3
    assert golden.checks == (Check("chrf", CheckKind.METRIC, at_least=20.0),)


@pytest.mark.parametrize(
    ("text", "check"),
    [
        ("rougeL>=0.5", Check("rougeL", CheckKind.METRIC, at_least=0.5)),
        ("chrf", Check("chrf", CheckKind.METRIC)),
        ("bleu <= 3.5", Check("bleu", CheckKind.METRIC, at_most=3.5)),
        ("rules>=1", Check("rules", CheckKind.RULE, at_least=1.0)),
        ("judge:my judge>=6", Check("my judge", CheckKind.JUDGE, at_least=6.0)),
    ],
)
def test_a_check_is_written_in_one_word(text, check):
    assert parse_check(text) == [check]


def test_a_metric_of_several_scorers_is_a_check_for_each():
    assert [check.name for check in parse_check("rouge>=0.1")] == ["rouge1", "rouge2", "rougeL", "rougeLsum"]


def test_an_unknown_metric_and_a_bound_that_is_no_number_are_refused():
    with pytest.raises(NotFound, match="no metric 'rogue'"):
        parse_check("rogue>=0.5")
    with pytest.raises(InvalidInput, match="'high' in the check 'rougeL>=high' is not a number"):
        parse_check("rougeL>=high")


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('prompt = "Who bakes?"\n', "", "prompt 1 has no `prompt`"),
        ('prompt = "Who bakes?"', 'prompt = " "', "prompt 1 does not end with something the user says"),
        ('pattern = "anna"', 'pattern = "("', "prompt 1 .* is not a regular expression"),
        ('pattern = "anna"', 'patern = "anna"', "prompt 1 .*'patern'"),
        ('metric = "rouge"\n', "", "check 1 names none or several"),
        ('metric = "rouge"', 'metric = "rouge"\njudge = "x"', "check 1 names none or several"),
        ('category = "job"', "colour = 1", "`prompts.0.colour` cannot be used"),
        ("at_least = 0.9", 'at_least = "much"', "`checks.1.at_least` cannot be used"),
        ("And?", "Who bakes?", None),
        ("[[checks]]", "[[checks", "is no valid TOML"),
    ],
)
def test_what_is_wrong_with_a_file_is_said_with_its_place(tmp_path, old, new, sentence):
    file = written(tmp_path, TOML.replace(old, new, 1))
    if sentence is None:
        assert len(read_golden(file, "g").prompts) == 2
        return
    with pytest.raises(InvalidInput, match=sentence):
        read_golden(file, "g")


def test_a_prompt_or_a_check_stands_once(tmp_path):
    twice = '[[prompts]]\nprompt = "Q"\nreference = "A"\n' * 2
    with pytest.raises(InvalidInput, match="The prompt 'Q' stands twice"):
        read_golden(written(tmp_path, twice), "g", parse_check("f1"))
    once = '[[prompts]]\nprompt = "Q"\nreference = "A"\n'
    with pytest.raises(InvalidInput, match="The check 'f1' stands twice"):
        read_golden(written(tmp_path, once), "g", [*parse_check("f1"), *parse_check("f1>=0.5")])


def test_a_set_without_checks_or_with_rules_for_nobody_is_refused(tmp_path):
    once = '[[prompts]]\nprompt = "Q"\nreference = "A"\n'
    with pytest.raises(InvalidInput, match="needs a check"):
        read_golden(written(tmp_path, once), "g")
    with pytest.raises(InvalidInput, match="needs prompts with rules"):
        read_golden(written(tmp_path, once), "g", parse_check("rules>=1"))


def test_a_missing_file_is_one_sentence(tmp_path):
    with pytest.raises(InvalidInput, match="cannot be read"):
        read_golden(tmp_path / "no.toml", "g")
