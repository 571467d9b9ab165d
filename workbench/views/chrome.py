"""The header line: mark, name and theme switch; the tabs between them are Gradio's."""

from workbench.html import Html, tag


def brand() -> Html:
    """Return mark, name and theme switch."""
    mark = tag("span", tag("i", class_="bar-a"), tag("i", class_="bar-b"), class_="mark", aria_hidden="true")
    switch = tag(
        "button",
        tag("span", class_="moon", aria_hidden="true"),
        id="theme-switch",
        type="button",
        data_theme_switch=True,
        aria_label="Switch between light and dark",
    )
    return tag("div", tag("h1", mark, tag("span", "Workbench", class_="brand-name")), switch, class_="brand")
