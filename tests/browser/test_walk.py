"""A walk through every tab, on a desk and on a phone, in both themes: what axe-core finds, what scrolls, what fails.

Each state is photographed; set WALK_PICTURES to a folder to keep the pictures.
"""

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.conftest import Server
from tests.browser.person import Person
from tests.browser.walked import FAILING, QUESTIONS

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(900)]

SIZES = {"desk": (1440, 900), "phone": (390, 844)}
WIDTHS = (320, 390, 768, 1024, 1920)
BACKGROUND = {"light": "rgb(246, 247, 249)", "dark": "rgb(14, 17, 22)"}
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SERIOUS = ("serious", "critical")


class Walk:
    """Somebody who looks closely at each place; what is wrong is collected, so that one walk shows it all."""

    def __init__(self, person: Person, pictures: Path, variant: str) -> None:
        self.person = person
        self.page = person.page
        self.found: list[str] = []
        self._pictures = pictures
        self._variant = variant

    def look(self, place: str) -> None:
        """Hold the page against axe-core's rules and its own width, and photograph it."""
        self.page.wait_for_function("document.fonts.status === 'loaded'")
        self.page.evaluate("scrollTo(0, 0)")
        self.page.screenshot(path=self._pictures / f"{place}-{self._variant}.png", full_page=True)
        if (over := self.person.sideways()) > 0:
            self.found.append(f"{place}: scrolls sideways by {over} px")
        options = {"resultTypes": ["violations"], "runOnly": {"type": "tag", "values": RULES}}
        for violation in Axe().run(self.page, options=options).response["violations"]:
            if violation["impact"] in SERIOUS:
                where = "; ".join(str(node["target"]) for node in violation["nodes"][:4])
                self.found.append(f"{place}: {violation['id']} ({violation['help']}) at {where}")

    def tab(self, name: str, content: str) -> None:
        """Open a tab, wait for what it shows and look at it."""
        self.person.tab(name)
        self.page.locator(content).locator("visible=true").first.wait_for()
        self.look(name.lower().replace(" ", "-"))


def arena(walk: Walk) -> None:
    """Look at a battle before, in and after it."""
    walk.page.locator("#examples button, #idle button").locator("visible=true").first.wait_for()
    walk.look("arena-idle")
    walk.person.fight(QUESTIONS[0])
    walk.page.locator("#pane-a math").first.or_(walk.page.locator("#pane-b math").first).or_(
        walk.page.locator("#pane-a p").first
    ).first.wait_for()
    walk.look("arena-ready")
    walk.person.press("1")
    walk.person.reach("voted")
    walk.look("arena-voted")


def side_by_side(walk: Walk) -> None:
    """Look at two named models, and at one that fails."""
    walk.tab("Side by side", "#beside-idle")
    _choose(walk, "#beside-model-a", "heron-large")
    _choose(walk, "#beside-model-b", "owl-chat")
    walk.page.fill("#beside-prompt textarea", QUESTIONS[1])
    walk.page.locator("#beside-start").click()
    walk.page.locator("#beside-vote-a:not([disabled])").wait_for()
    walk.look("side-by-side-ready")
    _choose(walk, "#beside-model-a", FAILING)
    walk.page.fill("#beside-prompt textarea", QUESTIONS[2])
    walk.page.locator("#beside-start").click()
    walk.page.locator("#beside-status [data-state=failed]").wait_for(state="attached")
    walk.look("side-by-side-failed")


def review(walk: Walk) -> None:
    """Look at the queues, and at two battles of one."""
    walk.tab("Review", "#review-start button, #review-votes button")
    start = walk.page.locator("#review-start button", has_text=re.compile("start|go on|begin|review", re.I))
    if start.locator("visible=true").count():
        start.locator("visible=true").first.click()
    walk.page.locator("#review-vote-a:not([disabled])").wait_for()
    walk.look("review-battle")
    walk.person.press("1")
    walk.page.locator("#review-back:not([disabled])").locator("visible=true").wait_for()
    walk.look("review-next")


def tables(walk: Walk) -> None:
    """Look at the tabs that show what came of votes and work."""
    page = walk.page
    walk.person.tab("Leaderboard")
    page.locator("#history .timeline").wait_for()
    page.locator("#matrix table").wait_for()
    walk.look("leaderboard")
    page.locator("#history summary").click()
    page.locator("#history table").wait_for()
    walk.look("leaderboard-figures")
    walk.person.tab("Voters")
    page.locator("#voter-checks table").wait_for()
    page.locator("#people-agreement h2").wait_for()
    page.locator("#self-named button[data-do=read]").click()
    page.locator("#self-named button[data-do=read]").wait_for(state="detached")
    walk.look("voters")
    walk.tab("My votes", "#mine-votes h2")
    walk.person.tab("Judges")
    page.locator("#judge-raters table").wait_for()
    page.locator("#judge-table button", has_text="strict").click()
    page.locator("#judge h2", has_text="strict").wait_for()
    walk.look("judges")
    page.locator("#verdict-list button").first.click()
    page.locator("#transcript h2").wait_for()
    walk.look("judges-transcript")
    walk.tab("Metrics", "#means table")
    walk.tab("Data", "#lengths table")
    walk.tab("Training", "#runs table")
    page.locator("#runs button", has_text="dpo-1").first.click()
    page.locator("svg[role=img]").locator("visible=true").first.wait_for()
    walk.look("training-run")
    walk.tab("Models", "#model-table table")
    walk.tab("Jobs", "#jobs-ended li, #jobs-ended table")


def other_pages(walk: Walk) -> None:
    """Look at the pages beside the app: sign-in, and the description of the API."""
    for place, path in (("sign-in", "/sign-in"), ("api", "/api/v1/docs")):
        walk.page.goto(walk.person.url + path)
        walk.page.locator("h1").first.wait_for()
        walk.look(place)


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    kept = os.environ.get("WALK_PICTURES")
    folder = Path(kept) if kept else tmp_path_factory.mktemp("walk")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_every_tab_is_sound(
    visit: Callable[..., Person], served_walked: Server, pictures: Path, size: str, theme: str
) -> None:
    width, height = SIZES[size]
    person = visit(served_walked, width=width, height=height, color_scheme=theme)
    walk = Walk(person, pictures, f"{size}-{theme}")
    for part in (arena, side_by_side, review, tables):
        part(walk)
    assert person.page.evaluate("getComputedStyle(document.body).backgroundColor") == BACKGROUND[theme]
    other_pages(walk)
    assert person.outside == []
    assert walk.found == [], "\n".join(["", *walk.found])


def _choose(walk: Walk, box: str, name: str) -> None:
    walk.page.locator(f"{box} input").click()
    walk.page.locator(f"{box} input").fill(name)
    walk.page.get_by_role("option", name=name).first.click()


def _tabs(person: Person) -> Iterator[str]:
    yield from (
        name.strip()
        for name in person.page.locator("#tabs .tab-container[role=tablist] button").all_inner_texts()
    )


def test_no_tab_scrolls_sideways_at_any_width(visit: Callable[..., Person], served_walked: Server) -> None:
    person = visit(served_walked, width=1920)
    over = []
    for name in _tabs(person):
        person.page.set_viewport_size({"width": 1920, "height": 900})
        person.tab(name)
        person.page.locator("#tabs .tabitem :is(.card, .stage, .empty-state)").locator(
            "visible=true"
        ).first.wait_for()
        for width in WIDTHS:
            person.page.set_viewport_size({"width": width, "height": 900})
            if (by := person.sideways()) > 0:
                over.append(f"{name} at {width}: {by} px")
    assert over == []
