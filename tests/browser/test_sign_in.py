"""Signing in and out, the account menu, and a page that was left open meanwhile."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe

from arena.types import Answer, ModelKind, ModelSpec, Prompt
from tests.browser.conftest import Server, _serve
from tests.support.raw_page import PASSWORD, add_users
from workbench.access.roles import Role
from workbench.access.users import Users
from workbench.bench import Workbench

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SIZES = {"desk": (1440, 900), "phone": (390, 844)}


@pytest.fixture(scope="module")
def served_to_users(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server where three people sign in, and others may vote."""
    home = tmp_path_factory.mktemp("users")
    (home / "workbench.toml").write_text('[access]\nanonymous = "voter"\n[limits]\nsign_in_per_minute = 0\n')
    add_users(Users(home), ana=Role.VOTER, lise=Role.ANALYST, root=Role.ADMIN)
    with Workbench.open(home) as bench:
        prompts = [Prompt.from_text(f"What is {thing}?") for thing in ("an owl", "a crow", "a wren")]
        bench.store.prompts.add("birds", prompts)
        for name in ("heron", "tern"):
            bench.add_model(ModelSpec(name, ModelKind.RECORDED))
            for prompt in prompts:
                answer = Answer(name, "A bird.", finish_reason="recorded")
                bench.store.answers.add(prompt, [answer], recorded=True)
    yield from _serve(home)


def sign_in(page, name, password=PASSWORD):
    page.fill("#name", name)
    page.fill("#password", password)
    page.get_by_role("button", name="Sign in").click()


def tabs(page):
    page.locator("#tabs [role=tab]").first.wait_for()
    shown = page.locator("#tabs [role=tab]").all_inner_texts()
    if page.locator("#tabs .overflow-menu > button").is_visible():
        shown += page.locator("#tabs .overflow-dropdown button").all_text_contents()
    return {text.strip() for text in shown}


def faults(page):
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    return [(fault["id"], [node["target"] for node in fault["nodes"]]) for fault in found if _serious(fault)]


def _serious(fault):
    return fault["impact"] in ("serious", "critical")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_a_guest_signs_in_and_out(visit, served_to_users, size, scheme):
    width, height = SIZES[size]
    person = visit(served_to_users, width=width, height=height, color_scheme=scheme)
    page = person.page
    page.get_by_role("link", name="Sign in").click()
    page.locator("#name").wait_for()
    page.wait_for_function("document.activeElement.id === 'name'")
    assert faults(page) == [] and person.sideways() <= 0
    page.get_by_role("link", name="Go on without signing in").wait_for()
    sign_in(page, "ana")
    account = page.get_by_role("button", name="Account of ana")
    account.click()
    page.locator("#account-card:popover-open").wait_for()
    assert "Voter: may vote" in page.locator("#account-card").inner_text()
    page.locator("#tabs [role=tab]").first.wait_for()
    assert faults(page) == [] and person.sideways() <= 0
    page.keyboard.press("Escape")
    page.locator("#account-card").wait_for(state="hidden")
    account.click()
    page.get_by_role("button", name="Sign out").click()
    page.locator("#name").wait_for()
    page.goto(served_to_users.url)
    page.get_by_role("link", name="Sign in").wait_for()


def test_a_wrong_password_is_said_where_one_typed_it(chromium, served_to_users):
    context = chromium.new_context()
    page = context.new_page()
    page.goto(served_to_users.url + "/sign-in")
    sign_in(page, "ana", "not the password")
    page.get_by_role("alert").wait_for()
    assert page.get_by_role("alert").inner_text() == "The name or the password is not right."
    assert page.locator("#name").input_value() == "ana" and page.locator("#password").input_value() == ""
    page.wait_for_function("document.activeElement.id === 'password'")
    assert page.locator("#password").get_attribute("aria-describedby") == "wrong"
    assert faults(page) == []
    context.close()


def test_it_works_without_scripts(chromium, served_to_users):
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(served_to_users.url + "/sign-in")
    with page.expect_navigation(url=served_to_users.url + "/"):
        sign_in(page, "ana")
    context.close()


def test_every_role_sees_its_tabs(visit, served_to_users):
    seen = {}
    for name in ("ana", "lise", "root"):
        page = visit(served_to_users).page
        page.goto(served_to_users.url + "/sign-in")
        sign_in(page, name)
        page.get_by_role("button", name=f"Account of {name}").wait_for()
        seen[name] = tabs(page)
    assert {"Arena", "Review", "Leaderboard", "My votes"} <= seen["ana"]
    assert not {"Side by side", "Judges", "Data", "Jobs", "Training", "Models"} & seen["ana"]
    assert seen["lise"] - seen["ana"] >= {"Side by side", "Judges", "Metrics", "Data", "Jobs"}
    assert seen["root"] - seen["lise"] >= {"Training", "Models"}


def test_a_page_left_open_while_one_signs_in_elsewhere_says_to_load_it_again(visit, served_to_users):
    person = visit(served_to_users)
    page = person.page
    page.locator("#start").wait_for()
    other = person.context.new_page()
    other.goto(served_to_users.url + "/sign-in")
    sign_in(other, "root")
    other.get_by_role("button", name="Account of root").wait_for()
    page.get_by_role("tab", name="Leaderboard").locator("visible=true").first.click()
    page.locator(".toast-message-text", has_text="load it again").first.wait_for()
    page.reload()
    page.get_by_role("button", name="Account of root").wait_for()
    person.errors.clear()
