"""Templates of judges: look at the text of each, and copy one to change it."""

from typing import Any

import gradio as gr

from workbench.access.roles import Role
from workbench.bench import Workbench
from workbench.notices import guarded
from workbench.tabs.events import QUICK, WORK, written
from workbench.views import templates as view


class Templates:
    """Components and handlers of the form at the side; the text itself is shown in the wide column."""

    def __init__(self, bench: Workbench, role: Role = Role.ADMIN) -> None:
        self._bench = bench
        self.name = gr.Dropdown(
            [], label="Template", interactive=True, filterable=False, elem_id="template-name"
        )
        self.show = gr.Button("Show its text", elem_id="template-show")
        self.copy: gr.Button | None = None
        if role.covers(Role.ADMIN):
            self.copy_name = gr.Textbox(
                label="Name of the copy", max_lines=1, placeholder="my-template", interactive=True
            )
            self.copy = gr.Button("Copy to edit", elem_id="template-copy")

    def wire(self, text: gr.HTML) -> None:
        """Attach the handlers; `text` shows a template."""
        self.show.click(guarded(self._show), [self.name], [text], **QUICK)
        if self.copy is not None:
            self.copy.click(
                guarded(self._copy), [self.name, self.copy_name], [self.name, self.copy_name, text], **WORK
            )
        text.click(lambda: "", None, [text], **QUICK)

    def choices(self, chosen: str | None) -> Any:
        """Return the templates there are now."""
        found = self._bench.templates()
        names = [template.name for template in found]
        labels = [(f"{t.title}{'' if t.builtin else ' (own)'}", t.name) for t in found]
        return gr.update(choices=labels, value=chosen if chosen in names else next(iter(names), None))

    def _show(self, name: str | None) -> str:
        found = next((template for template in self._bench.templates() if template.name == name), None)
        return view.text(found, self._bench.home) if found else ""

    def _copy(self, name: str | None, copy_name: str | None) -> tuple[Any, str, str]:
        path = self._bench.copy_template(name or "", written(copy_name) or None)
        return self.choices(path.stem), "", self._show(path.stem)
