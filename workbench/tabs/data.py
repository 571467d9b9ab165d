"""The data tab: which pairs the votes give, one by one; exports; and bringing files in."""

from datetime import UTC, datetime
from typing import Any

import gradio as gr

from arena.errors import ImportRejected, InvalidInput, WorkbenchError
from arena.lengths import measure_lengths
from arena.types import VoterKind
from workbench.access.roles import Role
from workbench.bench import Workbench
from workbench.html import join, plural
from workbench.jobs.specs import AnyJob, ExportJob, ImportJob
from workbench.notices import guarded, refusal
from workbench.tabs.events import DISPLAY, FILTER, QUICK, WORK, written
from workbench.tabs.filters import ALL_CATEGORIES, as_choices, first_choice, kind_choices, vote_filter
from workbench.tabs.jobs import asked_by, late
from workbench.views import data as view
from workbench.views.lengths import lengths

AGREEMENT = [("Majority", 0.5), ("Two thirds", 0.66), ("All agree", 0.999)]


class DataTab:
    """Components and handlers of the tab."""

    def __init__(self, bench: Workbench, role: Role = Role.ADMIN) -> None:
        self._bench = bench
        self._imports = role.covers(Role.ADMIN)
        self.index = gr.State(0)
        with gr.Row(elem_id="data", elem_classes="split"):
            with gr.Column(elem_classes="side-form", min_width=0):
                with gr.Column(elem_classes="card", elem_id="export-form"):
                    self._export_form()
                if self._imports:
                    with gr.Accordion(
                        "Import a file", open=False, elem_id="import-form", elem_classes="card"
                    ):
                        self._import_form()
            with gr.Column(elem_classes="result", min_width=0):
                self.waterfall = gr.HTML(elem_id="waterfall", elem_classes="card", **DISPLAY)
                with gr.Row(elem_id="pair-bar"):
                    self.position = gr.HTML(elem_id="pair-position", **DISPLAY)
                    self.mark = gr.Checkbox(
                        True, label="Mark differences", container=False, interactive=True, elem_id="mark"
                    )
                    self.previous = gr.Button("Previous", elem_id="pair-previous")
                    self.next = gr.Button("Next", elem_id="pair-next")
                self.pair = gr.HTML(elem_id="pair", elem_classes="card", **DISPLAY)
                self.lengths = gr.HTML(elem_id="lengths", elem_classes="card", **DISPLAY)
                self.exports = gr.HTML(elem_id="exports", elem_classes="card", **DISPLAY)
        self._wire()

    def _export_form(self) -> None:
        gr.HTML("<h2>Pairs from votes</h2>", **DISPLAY)
        self.voters = gr.CheckboxGroup([], label="Voters", elem_classes="chips", interactive=True)
        self.agreement = gr.Radio(
            AGREEMENT, value=0.5, label="Voters agree", elem_classes="segments", interactive=True
        )
        self.category = gr.Dropdown(
            [ALL_CATEGORIES], value=ALL_CATEGORIES, label="Category", interactive=True, filterable=False
        )
        self.name = gr.Textbox(label="Name of the export", max_lines=1, interactive=True)
        self.export = gr.Button("Export", variant="primary", elem_id="export")

    def _import_form(self) -> None:
        self.file = gr.File(label="File (CSV, JSON, JSONL, Parquet)", height=110, interactive=True)
        self.what = gr.Radio(
            ["votes", "prompts", "answers", "preferences"],
            value="votes",
            label="It holds",
            elem_classes="segments",
            interactive=True,
        )
        self.set_name = gr.Textbox(
            label="Prompt set", max_lines=1, placeholder="the file's name", interactive=True
        )
        self.kind = gr.Radio(
            [kind.value for kind in VoterKind],
            value="human",
            label="Voted by",
            elem_classes="segments",
            interactive=True,
        )
        self.skip = gr.Checkbox(
            False, label="Skip rows that cannot be used", container=False, interactive=True
        )
        self.bring = gr.Button("Import", elem_id="import")
        self.report = gr.HTML(elem_id="import-report", **DISPLAY)

    def _wire(self) -> None:
        self._chosen = [self.voters, self.agreement, self.category]
        self._shown = [self.index, self.waterfall, self.position, self.pair, self.lengths, self.export]
        gr.on(
            [c.input for c in self._chosen],
            guarded(self._preview),
            [*self._chosen, self.mark],
            self._shown,
            **FILTER,
        )
        for button, step in ((self.previous, -1), (self.next, 1)):
            button.click(
                guarded(self._step(step)),
                [self.index, *self._chosen, self.mark],
                [self.index, self.position, self.pair],
                **QUICK,
            )
        self.mark.input(
            guarded(self._step(0)),
            [self.index, *self._chosen, self.mark],
            [self.index, self.position, self.pair],
            **QUICK,
        )
        gr.on(
            [self.export.click, self.name.submit],
            guarded(self._export),
            [self.name, *self._chosen],
            [self.exports, self.name],
            **WORK,
        )
        if self._imports:
            self._wire_import()

    def _wire_import(self) -> None:
        self.bring.click(
            self._import,
            [self.file, self.what, self.set_name, self.kind, self.skip],
            [self.report, self.file],
            **WORK,
        ).then(guarded(self._open), [*self._chosen, self.mark], self._opened, **QUICK)

    @property
    def _opened(self) -> list[Any]:
        return [self.voters, self.category, self.name, self.exports, *self._shown]

    def wire(self, tab: gr.Tab) -> None:
        """Fill the tab each time it is opened."""
        tab.select(guarded(self._open), [*self._chosen, self.mark], self._opened, **QUICK)

    def _open(self, voters: list[str], agreement: float, category: str, mark: bool) -> tuple[Any, ...]:
        counts = self._bench.voter_kinds()
        voters = voters or first_choice(counts)
        categories = [ALL_CATEGORIES, *self._bench.categories()]
        category = category if category in categories else ALL_CATEGORIES
        return (
            gr.update(choices=kind_choices(counts), value=voters),
            gr.update(choices=as_choices(categories), value=category, visible=len(categories) > 1),
            gr.update(placeholder=self._free_name()),
            view.exports(self._bench.exports()),
            *self._preview(voters, agreement, category, mark),
        )

    def _preview(self, voters: list[str], agreement: float, category: str, mark: bool) -> tuple[Any, ...]:
        votes = vote_filter(voters, category)
        found = self._bench.figures.outline(votes, agreement)
        pairs = found.pairs
        label = f"Export {plural(pairs, 'pair')}"
        return (
            0,
            join(view.waterfall(found, self._bench.left_out(votes)), late(self._bench, "outline")),
            view.position(0, pairs),
            view.pair(self._bench.outlined_pair(found, 0) if pairs else None, mark),
            lengths(measure_lengths(found.chosen, found.rejected)),
            gr.update(value=label, interactive=pairs > 0),
        )

    def _step(self, step: int) -> Any:
        def show(
            index: int, voters: list[str], agreement: float, category: str, mark: bool
        ) -> tuple[int, str, str]:
            found = self._bench.figures.outline(vote_filter(voters, category), agreement)
            index = min(max(index + step, 0), max(found.pairs - 1, 0))
            shown = self._bench.outlined_pair(found, index) if found.pairs else None
            return index, view.position(index, found.pairs), view.pair(shown, mark)

        return show

    def _export(
        self,
        name: str | None,
        voters: list[str],
        agreement: float,
        category: str,
        request: gr.Request,
    ) -> tuple[str, Any]:
        asked = ExportJob(
            name=written(name) or self._free_name(), votes=vote_filter(voters, category), majority=agreement
        )
        made = self._done(asked, request)
        gr.Success(f"Exported {plural(made.pairs, 'pair')}.", duration=5)
        return view.exports(self._bench.exports()), gr.update(value="", placeholder=self._free_name())

    def _import(
        self,
        file: str | None,
        what: str,
        set_name: str | None,
        kind: str,
        skip: bool,
        request: gr.Request,
    ) -> tuple[str, Any]:
        try:
            if file is None:
                raise InvalidInput("There is no file yet: choose one above.")
            done = self._done(
                ImportJob(
                    file=file,
                    what=what,  # type: ignore[arg-type]  # one of the choices above, or refused by the verb
                    set_name=written(set_name) or None,
                    skip_bad=skip,
                    voter_kind=VoterKind(kind),
                ),
                request,
            )
        except ImportRejected as error:
            return view.refused(error), gr.skip()
        except WorkbenchError as error:
            raise refusal(error) from error
        rejects = [(reject.line, reject.reason) for reject in done.rejects]
        return view.report(done.summary(), done.notes, rejects), None

    def _done(self, asked: AnyJob, request: gr.Request) -> Any:
        """Do a job, which goes on where the page is closed meanwhile, and return what came of it."""
        job = self._bench.start_job(asked, by=asked_by(request))
        job.wait()
        return job.result()

    def _free_name(self) -> str:
        taken = {manifest.name for manifest in self._bench.exports()}
        today = f"votes-{datetime.now(UTC):%Y-%m-%d}"
        numbered = [today, *(f"{today}-{i}" for i in range(2, len(taken) + 3))]
        return next(name for name in numbered if name not in taken)
