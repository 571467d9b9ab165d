"""How an error reaches the page: one sentence in a notice, outputs left as they are."""

from collections.abc import Callable
from functools import wraps
from typing import Any

import gradio as gr

from arena.errors import WorkbenchError
from workbench.html import escape


def refusal(error: WorkbenchError) -> gr.Error:
    """Return the error as Gradio shows it; the message may quote strangers' text, so it is escaped."""
    return gr.Error(escape(error), title="Not done", print_exception=False)


def warn(error: WorkbenchError) -> None:
    """Tell of an error beside what could be done."""
    gr.Warning(escape(error), title="Not done")


def guarded(handler: Callable[..., Any]) -> Callable[..., Any]:
    """Let a handler's `WorkbenchError` appear as a notice."""

    @wraps(handler)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        try:
            return handler(*args, **kwargs)
        except WorkbenchError as error:
            raise refusal(error) from error

    return wrapper
