"""The box a prompt is written in, on every tab where models are asked."""

import gradio as gr

from arena.types import Prompt
from workbench.tabs.events import written


def prompt_box(elem_id: str) -> gr.Textbox:
    """Return the box, one line high until more is written; Enter asks."""
    return gr.Textbox(
        show_label=False,
        container=False,
        lines=1,
        max_lines=6,
        elem_id=elem_id,
        elem_classes="ask-text",
        label="Prompt",
        placeholder="Ask both models something",
        scale=1,
        html_attributes=gr.InputHTMLAttributes(enterkeyhint="go"),
    )


async def prompt_in(text: str | None) -> Prompt:
    """Return the prompt that stands in the box, once it is awaited.

    Raises:
        InvalidInput: nothing is written there.
    """
    return Prompt.from_text(written(text))
