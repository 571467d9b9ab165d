"""Every command and program of the README and the documents runs as it stands there, in order, page by page."""

from pathlib import Path

import pytest

from tests.docs.page import ROOT, Block, Page, pages, shows
from tests.docs.setups import install
from tests.docs.stage import Done, Stage

PAGES = {page.name: page for page in pages()}
SLOW = {"README.md", "docs/train.md"}
"""Pages that train a model."""

RUN = [
    pytest.param(page, id=page.name, marks=[pytest.mark.slow] if page.name in SLOW else [])
    for page in PAGES.values()
    if page.runs
]


@pytest.mark.timeout(1200)
@pytest.mark.parametrize("page", RUN)
def test_what_a_page_tells_a_reader_to_do_can_be_done(page: Page, stage: Stage, demo: Path) -> None:
    install(stage, page.setups, demo)
    last: list[Done] = []
    for block in page.blocks:
        last = _follow(page, block, stage, last)


def _follow(page: Page, block: Block, stage: Stage, before: list[Done]) -> list[Done]:
    """Do what one block says; return the commands that were run last."""
    words = block.mark.split()
    if words[:1] in (["elsewhere"], ["changes"], ["example"]):
        return before
    if words[:1] == ["file"]:
        stage.save(words[1], block.text)
        return before
    if block.language == "sh":
        done = stage.play(block.text, block.line)
        wanted = [int(code) for code in words[1:]] if words[:1] == ["exit"] else [0] * len(done)
        assert len(wanted) == len(done), (
            f"{page.name}:{block.line}: {len(done)} commands, {len(wanted)} codes"
        )
        for one, code in zip(done, wanted, strict=True):
            assert one.code == code, f"{page.name}, {one}"
            assert "Traceback" not in one.err, f"{page.name}, {one}"
        return done
    if block.language == "python":
        done = [stage.run_python(block.text, block.line)]
        assert done[0].code == 0, f"{page.name}, {done[0]}"
        return done
    if block.language == "text":
        printed = before[-1].out + before[-1].err
        missing = shows(stage.fill(block.text), printed)
        assert missing is None, f"{page.name}:{block.line}: not printed: {missing}\n{before[-1]}"
    return before


def test_commands_that_another_test_runs_are_there() -> None:
    for page in PAGES.values():
        for block in page.blocks:
            words = block.mark.split()
            if words[:1] != ["elsewhere"]:
                continue
            source = (ROOT / words[1]).read_text("utf-8")
            for word in block.text.split("#")[0].split():
                if word.startswith("--") and word != "--home":
                    assert word in source, f"{page.name}:{block.line}: {words[1]} does not run `{word}`"
