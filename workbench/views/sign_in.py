"""The sign-in page: one small form in the look of the app, without Gradio and without a script of its own."""

from workbench.html import Html, join, tag
from workbench.page import plain_head
from workbench.views.chrome import mark


def page(form: str, *, wrong: str, name: str, anonymous: bool, anybody: bool) -> str:
    """Return the page.

    Args:
        form: the token that the form brings back.
        wrong: why the last attempt did not succeed, empty for the first.
        name: the name given in it.
        anonymous: whether one may go on without signing in.
        anybody: whether there is anybody who could sign in.
    """
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("title", "Sign in \u00b7 Workbench"),
        plain_head("sign-in"),
    )
    body = tag("body", tag("main", _card(form, wrong, name, anonymous, anybody), class_="sign-in"))
    return "<!doctype html>" + tag("html", head, body, lang="en")


def _card(form: str, wrong: str, name: str, anonymous: bool, anybody: bool) -> Html:
    heading = tag("h1", mark(), tag("span", "Workbench"))
    guest = tag("a", "Go on without signing in", href="/", class_="guest") if anonymous else None
    if not anybody:
        hint = tag(
            "p",
            "Nobody can sign in here yet. Whoever runs this workbench adds people with ",
            tag("code", "workbench users add NAME"),
            ".",
            class_="hint",
        )
        return join(heading, hint, guest)
    return join(heading, _form(form, wrong, name), guest)


def _form(form: str, wrong: str, name: str) -> Html:
    alert = tag("p", wrong, role="alert", class_="wrong", id="wrong") if wrong else None
    described = "wrong" if wrong else None
    return tag(
        "form",
        tag("input", type="hidden", name="form", value=form),
        tag("label", "Name", for_="name"),
        tag(
            "input",
            id="name",
            name="name",
            type="text",
            value=name[:64],
            autocomplete="username",
            autocapitalize="none",
            spellcheck="false",
            required=True,
            autofocus=not name,
            aria_describedby=described,
        ),
        tag("label", "Password", for_="password"),
        tag(
            "input",
            id="password",
            name="password",
            type="password",
            autocomplete="current-password",
            required=True,
            autofocus=bool(name),
            aria_describedby=described,
        ),
        alert,
        tag("button", "Sign in", type="submit"),
        method="post",
    )
