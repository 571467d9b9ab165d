"""The voter's own answer: an editor under the panes that opens once they have voted.

The page's script opens and closes it (`data-own` of the stage); what is saved is told by the status line, which closes
it. It may start from either answer, since a better answer is often a corrected one.
"""

import time
import uuid
from collections.abc import Callable
from typing import Any

import gradio as gr

from arena.types import Voter
from workbench.bench import Workbench
from workbench.notices import guarded
from workbench.tabs.events import QUICK
from workbench.tabs.panes import Update
from workbench.views import arena as view

Asked = Callable[[str | None, gr.Request], tuple[uuid.UUID, Voter]]


class OwnAnswer:
    """The editor and what its buttons do."""

    def __init__(self, bench: Workbench, prefix: str) -> None:
        """Build the editor where it shall stand, under the panes."""
        self._bench = bench
        with gr.Column(elem_id=f"{prefix}own", elem_classes="own"):
            self.text = gr.Textbox(
                label="Your answer, better than both",
                placeholder="Write the answer you would rather have read. Markdown and $maths$ are fine.",
                lines=5,
                max_lines=5,
                elem_id=f"{prefix}own-text",
                elem_classes="own-text",
                interactive=True,
            )
            with gr.Row(elem_classes="own-buttons"):
                self.from_a = gr.Button(
                    "Start from A", elem_id=f"{prefix}own-from-a", elem_classes="own-from"
                )
                self.from_b = gr.Button(
                    "Start from B", elem_id=f"{prefix}own-from-b", elem_classes="own-from"
                )
                self.withdraw = gr.Button(
                    "Withdraw", elem_id=f"{prefix}own-withdraw", elem_classes="own-withdraw", visible=False
                )
                self.close = gr.Button("Close", elem_id=f"{prefix}own-close", elem_classes="own-close")
                self.save = gr.Button(
                    "Save answer", variant="primary", elem_id=f"{prefix}own-save", elem_classes="own-save"
                )

    @property
    def parts(self) -> list[Any]:
        """Return what a handler may change."""
        return [self.text, self.withdraw]

    def wire(self, battle_id: gr.State, opener: gr.Button, status: gr.HTML, asked: Asked) -> None:
        """Attach the buttons; `opener` opens the editor, `asked` reads battle and voter from what a request holds."""
        outputs = [self.text, self.withdraw, opener, status]

        def save(text: str | None, shown: str | None, request: gr.Request) -> Update:
            battle, voter = asked(shown, request)
            kept = self._bench.write_answer(battle, text or "", voter)
            return self.filled(kept.text, opener) | {status: view.status("voted", SAVED, done=_once())}

        def withdraw(shown: str | None, request: gr.Request) -> Update:
            battle, voter = asked(shown, request)
            self._bench.withdraw_answer(battle, voter)
            return self.filled(None, opener) | {
                status: view.status("voted", "Your answer is withdrawn.", done=_once())
            }

        self.save.click(guarded(save), [self.text, battle_id], outputs, **QUICK)
        self.withdraw.click(guarded(withdraw), [battle_id], outputs, **QUICK)
        for button, side in ((self.from_a, "a"), (self.from_b, "b")):
            button.click(guarded(self._start(side, asked)), [battle_id], [self.text], **QUICK)

    def filled(self, text: str | None, opener: gr.Button) -> Update:
        """Show what stands of the voter's own answer, or an empty editor."""
        return {
            self.text: text or "",
            self.withdraw: gr.update(visible=text is not None),
            opener: gr.update(value=EDIT if text is not None else WRITE),
        }

    def _start(self, side: str, asked: Asked) -> Callable[..., str]:
        def start(shown: str | None, request: gr.Request) -> str:
            battle_id, voter = asked(shown, request)
            return self._bench.answer_text(battle_id, side, voter)

        return start


def _once() -> str:
    """Return a mark that is new each time, so that the page hears of a second save though it says the same."""
    return f"own-{time.monotonic_ns()}"


WRITE = "Write a better answer"
EDIT = "Edit your answer"
SAVED = "Your answer is saved: it is chosen over both."
