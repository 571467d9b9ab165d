"""How handlers are attached, once for all tabs.

Nothing is public API and no progress overlay flashes over the page. Short handlers skip Gradio's queue (one request,
never behind a long generator); streams need it, have no limit on how many run at once, and a second press is heard
while the first still streams.
"""

from typing import Any

import gradio as gr

DISPLAY: dict[str, Any] = {
    "js_on_load": None,
    "apply_default_css": False,
    "container": False,
    "padding": False,
}
"""Settings of an HTML component that only shows."""

_CLICKS = """
element.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-do]");
  if (!button || button.disabled) return;
  if (button.dataset.confirm && !window.confirm(button.dataset.confirm)) return;
  trigger("click", { do: button.dataset.do, name: button.dataset.name });
});
"""

BUTTONS: dict[str, Any] = {**DISPLAY, "js_on_load": _CLICKS}
"""Settings of an HTML component with buttons: a click event says what (`do`) and on which (`name`)."""

QUICK: dict[str, Any] = {"queue": False, "show_progress": "hidden", "api_visibility": "private"}
"""Settings of a short handler: vote, undo, filters, timers."""

FILTER: dict[str, Any] = {**QUICK, "trigger_mode": "always_last"}
"""Settings of a handler that shows what a choice leaves: of choices made while it works, the last one is shown."""

STREAM: dict[str, Any] = {
    "show_progress": "hidden",
    "api_visibility": "private",
    "concurrency_limit": None,
    "trigger_mode": "multiple",
}
"""Settings of a handler that yields over time."""

WORK: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private", "concurrency_limit": None}
"""Settings of a handler that takes seconds: imports, exports, checks."""


def show_progress_on(part: gr.HTML, page: gr.Blocks) -> None:
    """Let the progress of all handlers of `page`, which nobody shows, be noted on one `part` of it.

    Otherwise the browser hands each new state of a request to every output of every handler that has run since the
    page was opened, with a copy of all it holds: a quarter of a second a request once all tabs were open.
    """
    for handler in page.fns.values():
        handler.show_progress_on = [part]


def written(value: str | None) -> str:
    """Return what stands in a text box, without surrounding space; a box never touched holds `None`."""
    return (value or "").strip()


def pressed(event: gr.EventData) -> tuple[str, str]:
    """Return what a click in a `BUTTONS` component asks for, as (action, name); both come from the browser."""
    data = event._data if isinstance(event._data, dict) else {}
    return str(data.get("do", "")), str(data.get("name", ""))
