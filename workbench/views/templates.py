"""A judge's template as text, with what is known of it and where a copy of it stands."""

from pathlib import Path

from judges.templates import Template
from workbench.html import Html, join, tag


def text(template: Template, home: Path) -> Html:
    """Return a template: its kind, its digest, its file where it can be changed, and every word of it."""
    facts = [
        "compares two answers" if template.kind == "pairwise" else "scores one answer",
        "needs a reference" if template.needs_reference else None,
        "JSON or marked text" if template.structured else "marked text",
        f"SHA-256 {template.digest[:12]}",
    ]
    if template.builtin:
        where = tag("p", "It came with the workbench. Copy it to change it.", class_="muted")
    else:
        path = template.path
        shown = path.relative_to(home) if path.is_relative_to(home) else path
        where = tag(
            "p", "Change it in ", tag("code", str(shown)), " of the home folder; the next run reads it."
        )
    close = tag("button", "Close", type="button", class_="small", data_do="close", data_name="")
    return join(
        tag("div", tag("h2", template.title), tag("span", close, class_="push"), class_="transcript-head"),
        tag("p", template.description),
        tag("p", " \u00b7 ".join(filter(None, facts)), class_="muted"),
        where,
        tag("pre", template.path.read_text(encoding="utf-8"), class_="log tall-log", tabindex=0),
    )
