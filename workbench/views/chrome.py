"""The header line: mark, name, account and theme switch; the tabs between them are Gradio's."""

from workbench.access.roles import Person, Role
from workbench.html import Html, tag

_MAY = {
    Role.VOTER: "may vote",
    Role.ANALYST: "may vote, judge and export",
    Role.ADMIN: "may do everything",
}


def brand() -> Html:
    """Return mark, name and theme switch."""
    switch = tag(
        "button",
        tag("span", class_="moon", aria_hidden="true"),
        id="theme-switch",
        type="button",
        data_theme_switch=True,
        aria_label="Switch between light and dark",
    )
    return tag(
        "div", tag("h1", mark(), tag("span", "Workbench", class_="brand-name")), switch, class_="brand"
    )


def mark() -> Html:
    """Return the two bars."""
    return tag("span", tag("i", class_="bar-a"), tag("i", class_="bar-b"), class_="mark", aria_hidden="true")


def account(person: Person, *, can_sign_in: bool) -> Html:
    """Return the menu that says who one is and lets one sign in or out; empty where nobody ever signs in."""
    if person.signed_in:
        return _menu(person)
    if can_sign_in:
        return tag("nav", tag("a", "Sign in", href="/sign-in"), class_="account guest", aria_label="Account")
    return Html("")


def _menu(person: Person) -> Html:
    initial = tag("span", person.name[:1].upper(), class_="initial", aria_hidden="true")
    label = f"Account of {person.name}"
    opener = tag(
        "button", initial, type="button", popovertarget="account-card", aria_label=label, title=label
    )
    card = tag(
        "div",
        tag("b", person.name, dir="auto"),
        tag("span", f"{person.role.capitalize()}: {_MAY[person.role]}", class_="role"),
        tag("form", tag("button", "Sign out", formaction="/sign-out", type="submit"), method="post"),
        id="account-card",
        popover="auto",
    )
    return tag("nav", opener, card, class_="account", aria_label="Account")
