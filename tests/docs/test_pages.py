"""The pages hold together: commands and options they mention exist, links lead somewhere, settings can be read."""

import re
import tomllib

import pytest
import typer

from tests.docs.page import COMMAND, ROOT, Page, pages
from workbench.cli import app, hoisted
from workbench.settings import Settings

PAGES = pages()
LANGUAGES = {"sh", "text", "toml", "python", "json", "ini", "nginx", "caddy", "dockerfile"}
SETTINGS = set(Settings.model_fields)

each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)


@each_page
def test_commands_stand_in_fences_that_say_what_they_are(page: Page) -> None:
    for block in page.blocks:
        if block.fenced:
            assert block.language in LANGUAGES, f"{page.name}:{block.line}: language {block.language!r}"
        if block.language != "sh":
            found = COMMAND.search(block.text)
            allowed = block.language in ("ini", "dockerfile", "text", "python") and block.fenced
            assert not found or allowed, f"{page.name}:{block.line}: put `{found[0]}` into a fence of `sh`"


@each_page
def test_every_link_leads_somewhere(page: Page) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", page.text):
        if target.startswith(("http://", "https://")):
            continue
        path, _, anchor = target.partition("#")
        found = page.path.parent / path if path else page.path
        assert found.exists(), f"{page.name}: {target}"
        if anchor:
            titles = re.findall(r"^#+ (.*)$", found.read_text("utf-8"), re.MULTILINE)
            assert anchor in {_anchor(title) for title in titles}, f"{page.name}: {target}"


@each_page
def test_commands_in_sentences_exist_with_their_options(page: Page) -> None:
    prose = re.sub(r"^```.*?^```", "", page.text, flags=re.MULTILINE | re.DOTALL)
    for mention in re.findall(r"`workbench ([^`]*)`", prose.replace("\n", " ")):
        _check(mention, f"{page.name}: `workbench {mention}`")


@each_page
def test_settings_shown_can_be_read(page: Page) -> None:
    for block in page.blocks:
        if block.language == "toml":
            values = tomllib.loads(block.text)
            if set(values) & SETTINGS and "checks" not in values:
                Settings.model_validate(values)


def test_every_page_is_linked_from_another() -> None:
    linked = {
        (page.path.parent / target.partition("#")[0]).resolve()
        for page in PAGES
        for target in re.findall(r"\]\(([^)\s]+)\)", page.text)
    }
    for page in PAGES:
        assert page.path == ROOT / "README.md" or page.path.resolve() in linked, f"nothing links {page.name}"


def test_every_verb_stands_in_the_readme() -> None:
    named = set(re.findall(r"[a-z]+(?:-[a-z]+)*", " ".join(re.findall(r"`([^`]*)`", PAGES[0].text))))
    verbs = set(typer.main.get_command(app).commands)
    assert verbs <= named, f"README names no {', '.join(sorted(verbs - named))}"


def _check(mention: str, where: str) -> None:
    """Follow the words of a mention through the commands; alternatives such as `add|list` are all followed."""
    words = hoisted([word for word in mention.replace("\\|", "|").split() if word not in ("...", "…")])
    while words[:1] in (["--home"], ["--format"]):
        words = words[2:]
    command = typer.main.get_command(app)
    while words and hasattr(command, "commands") and re.fullmatch(r"[a-z][a-z|-]*", words[0]):
        alternatives = words.pop(0).split("|")
        for alternative in alternatives:
            assert alternative in command.commands, f"{where}: there is no {alternative!r}"
        command = command.commands[alternatives[-1]]
    known = {
        option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)
    }
    for word in words:
        option = word.strip("[]").partition("=")[0]
        if re.fullmatch(r"--?[a-z][a-z-]*", option):
            assert option in known | {"--home", "--format", "--help"}, f"{where}: there is no {option}"


def _anchor(title: str) -> str:
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")
