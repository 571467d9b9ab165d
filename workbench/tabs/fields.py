"""Fields for numbers that may stay empty.

Gradio's own number field writes a zero where nothing was given, and a zero is not nothing: a temperature of 0 makes a
model greedy, a limit of 0 judges no battle. So such a number is a line of text, read here.
"""

import math
from typing import Any

import gradio as gr

from arena.errors import InvalidInput
from workbench.tabs.events import written


def number_box(label: str, placeholder: str, **more: Any) -> gr.Textbox:
    """Return a field for a number; `placeholder` says what holds while it is empty."""
    return gr.Textbox(label=label, placeholder=placeholder, max_lines=1, interactive=True, **more)


def number_in(field: gr.Textbox, value: str | float | None) -> float | None:
    """Return the number that stands in a field, `None` while it is empty.

    Raises:
        InvalidInput: it is no number.
    """
    if not isinstance(value, str):
        return value
    text = written(value).replace(",", "").replace("\u202f", "").replace(" ", "")
    if not text:
        return None
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise InvalidInput(f"{field.label}: {value!r} is no number.")
    return number


def whole_in(field: gr.Textbox, value: str | float | None) -> int | None:
    """Return the whole number that stands in a field, `None` while it is empty.

    Raises:
        InvalidInput: it is no whole number.
    """
    number = number_in(field, value)
    if number is None:
        return None
    if number != int(number):
        raise InvalidInput(f"{field.label}: {value!r} is no whole number.")
    return int(number)
