"""The only place that builds HTML: every piece goes through `tag`, and every text in it is escaped here.

Model names, prompts, answers, file names and messages are strangers' text. Gradio's HTML component runs its template
through JavaScript, so besides the five HTML characters the three that mean something in a JavaScript or Handlebars
template (dollar, brace, backtick) become entities too. Only a value of type `Html` is inserted as it is, and only this
module and `workbench.markdown` make one.
"""

import re
from collections.abc import Iterable

Child = "Html | str | int | float | None | Iterable[Child]"
"""What may stand inside a tag: text (escaped), numbers, nothing, ready HTML, or any nesting of these."""

_NAME = re.compile(r"[a-zA-Z][a-zA-Z0-9-]*\Z")
_STYLE = re.compile(r"[-a-z]+:[-+ .,%()#a-zA-Z0-9]*\Z")
_LINK = re.compile(r"(?:https?://|mailto:|/(?!/)|#)", re.IGNORECASE)
_VOID = frozenset({"br", "col", "hr", "input", "line", "link", "meta", "path", "circle", "rect", "polyline"})
_ENTITIES = str.maketrans(
    {
        "&": "&amp;",
        "<": "&lt;",
        ">": "&gt;",
        '"': "&quot;",
        "'": "&#39;",
        "$": "&#36;",
        "{": "&#123;",
        "`": "&#96;",
        "\x00": "\ufffd",
    }
)


class Html(str):
    """Text that is HTML already, built by `tag` or `join`; adding plain text to it gives plain text again."""

    __slots__ = ()


def escape(text: object) -> Html:
    """Return `text` as HTML that shows exactly these characters, in an element or in a quoted attribute."""
    return Html(str(text).translate(_ENTITIES))


def shield(html: str) -> Html:
    """Mark HTML made by a renderer we trust as ready, with its template characters turned into entities."""
    return Html(
        html.replace("$", "&#36;").replace("{", "&#123;").replace("`", "&#96;").replace("\x00", "\ufffd")
    )


def join(*children: object) -> Html:
    """Return the children one after another; plain ones are escaped, `None` is left out."""
    return Html("".join(_flat(children)))


def tag(name: str, /, *children: object, **attributes: object) -> Html:
    """Return one element.

    `class_` gives `class`, other underscores become hyphens (`aria_label`), `True` a bare attribute, `None` and
    `False` none. Handlers (`on…`) do not exist here, `style` takes simple declarations only and `href` only
    addresses of the web, of mail or of this server.

    Raises:
        ValueError: an attribute that could carry code was asked for; that is a bug of the caller.
    """
    if not _NAME.match(name):
        raise ValueError(f"{name!r} is not an element name.")
    opening = name + "".join(_attribute(key, value) for key, value in attributes.items())
    if name in _VOID:
        return Html(f"<{opening}/>")
    return Html(f"<{opening}>{join(*children)}</{name}>")


def number(value: float, digits: int = 0) -> str:
    """Return a number with thin groups of three and a real minus sign."""
    text = f"{value:,.{digits}f}"
    return text.replace("-", "\u2212") if float(text.replace(",", "")) else text.lstrip("-")


def signed(value: float, digits: int = 0) -> str:
    """Return a change with its sign; zero has none."""
    text = number(value, digits)
    return "+" + text if value > 0 and float(text.replace(",", "")) else text


def points(value: float) -> str:
    """Return a rating: whole points, no separators, so that ratings line up and read as one word."""
    return f"{value:.0f}".replace("-", "\u2212")


def percent(share: float, digits: int = 0) -> str:
    """Return a share of one as per cent, with a narrow space that does not break."""
    return f"{100 * share:.{digits}f}\u202f%"


def plural(count: int, one: str, many: str | None = None) -> str:
    """Return `1 vote`, `2 votes`, `1,234 votes`."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def duration(seconds: float) -> str:
    """Return a length of time as people say it: `45 s`, `12 min`, `3.5 h`."""
    if seconds < 90:
        return f"{seconds:.0f}\u202fs"
    return f"{seconds / 60:.0f}\u202fmin" if seconds < 5400 else f"{seconds / 3600:.1f}\u202fh"


def _flat(children: Iterable[object]) -> Iterable[str]:
    for child in children:
        if isinstance(child, Html):
            yield child
        elif isinstance(child, str | int | float):
            yield escape(child)
        elif child is not None:
            if not isinstance(child, Iterable):
                raise ValueError(f"{type(child).__name__} cannot stand in HTML.")
            yield from _flat(child)


def _attribute(key: str, value: object) -> str:
    name = key.rstrip("_").replace("_", "-")
    if value is None or value is False:
        return ""
    if not _NAME.match(name) or name.lower().startswith("on") or name.lower() in ("srcdoc", "src", "action"):
        raise ValueError(f"{name!r} is not an attribute this page uses.")
    if value is True:
        return f" {name}"
    text = str(value)
    if name == "style" and not all(_STYLE.match(part.strip()) for part in text.split(";") if part.strip()):
        raise ValueError(f"The style {text!r} is not a plain declaration.")
    if name == "href" and not _LINK.match(text):
        raise ValueError(f"{text!r} is not an address a link may have.")
    return f' {name}="{escape(text)}"'
