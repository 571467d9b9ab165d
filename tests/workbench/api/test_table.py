"""Whether the API has what commands use, and says what it is."""

import ast
from pathlib import Path

import pytest

from workbench.api.signature import signature_of
from workbench.api.table import TABLE, by_verb
from workbench.api.words import WORDS
from workbench.bench import Workbench
from workbench.remote.bench import RemoteWorkbench

COMMANDS = Path(__file__).parents[3] / "workbench" / "commands"
SERVED_ONLY = {"headless.py", "serve.py"}
"""What always opens the home itself."""

LINES = [pytest.param(exposed, id=exposed.verb) for lines in TABLE.values() for exposed in lines]


def verbs_used(path):
    """Return (line, verb) for each attribute that a command reads of something called `bench`."""
    tree = ast.parse(path.read_text("utf-8"))
    return {
        (node.lineno, node.attr)
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "bench"
    }


def test_every_verb_that_a_command_uses_goes_over_the_api():
    used = {
        (path.name, line, verb)
        for path in sorted(COMMANDS.glob("*.py"))
        if path.name not in SERVED_ONLY
        for line, verb in verbs_used(path)
    }
    assert len({verb for _, _, verb in used}) > 30
    missing = [
        found
        for found in sorted(used)
        if found[2] not in by_verb() and not hasattr(RemoteWorkbench, found[2])
    ]
    assert not [found for found in missing if found[2] != "home"], missing


def test_no_verb_and_no_path_stands_in_the_table_twice():
    verbs = [exposed.verb for lines in TABLE.values() for exposed in lines if not exposed.own]
    places = [(exposed.method, exposed.path) for lines in TABLE.values() for exposed in lines]
    assert len(set(verbs)) == len(verbs)
    assert len(set(places)) == len(places)


@pytest.mark.parametrize("exposed", LINES)
def test_every_parameter_of_a_line_is_described(exposed):
    signature = signature_of(Workbench, exposed)
    names = [
        single.name
        for parameter in signature.parameters
        if parameter.place != "person"
        for single in (parameter.spread or (parameter,))
    ]
    assert not [name for name in names if name not in WORDS and name not in exposed.words]


@pytest.mark.parametrize("exposed", LINES)
def test_every_line_has_a_summary_and_its_path_names_parameters_of_the_verb(exposed):
    signature = signature_of(Workbench, exposed)
    assert signature.summary
    in_path = {part[1:-1] for part in exposed.path.split("/") if part.startswith("{")}
    assert in_path == {parameter.name for parameter in signature.parameters if parameter.place == "path"}
