"""How a person goes through a review queue in a browser."""

from tests.browser.person import Person

STEP = "#review-status [data-step]"


def begin(person: Person) -> None:
    person.tab("Review")
    person.page.locator("#review-start .go").wait_for()
    press(person, "n")


def step_of(person: Person) -> str:
    return str(person.page.locator(STEP).get_attribute("data-step"))


def settled(person: Person, before: str) -> None:
    """Wait until another step than `before` is shown and the page takes keys again."""
    person.page.wait_for_function(
        f"before => {{ const mark = document.querySelector('{STEP}'); return mark && mark.dataset.step !== before"
        " && (mark.dataset.state === 'idle' || document.querySelector('#review-vote-a:not([disabled])')); }",
        arg=before,
    )
    person.page.wait_for_timeout(350)  # a press just after a battle has come is not taken


def press(person: Person, key: str) -> None:
    before = step_of(person)
    person.press(key)
    settled(person, before)
