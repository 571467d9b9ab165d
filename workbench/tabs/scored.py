"""One scorer of the table: how its numbers are spread, and the answers behind them, page by page."""

from typing import Any

import gradio as gr

from arena.judgments import AnswerFilter, Score, ScorerInfo
from judges.score_table import ScoreTable
from workbench.bench import Workbench
from workbench.figures import SCORE_PAGE
from workbench.notices import guarded
from workbench.tabs.events import DISPLAY, FILTER, QUICK
from workbench.tabs.filters import as_choices
from workbench.tabs.metric_form import MetricForm, answer_filter
from workbench.views import scored as view
from workbench.views.verdicts import position

ALL_MODELS = "All models"


class Scored:
    """Components and handlers; `scorer` holds the fingerprint of the column that is shown."""

    def __init__(self, bench: Workbench, form: MetricForm) -> None:
        self._bench = bench
        self._form = form
        self.scorer = gr.State(None)
        self.place = gr.State(0)
        self.header = gr.HTML(elem_id="scorer", elem_classes="card", **DISPLAY)
        self.spreads = gr.HTML(elem_id="spreads", elem_classes="card", **DISPLAY)
        with gr.Column(elem_id="answer-card", elem_classes="card", visible=False) as self.card:
            with gr.Row(elem_id="answer-bar", elem_classes="list-bar"):
                self.position = gr.HTML(elem_id="answer-position", elem_classes="position", **DISPLAY)
                self.model = gr.Dropdown(
                    as_choices([ALL_MODELS]),
                    value=ALL_MODELS,
                    label="Model",
                    show_label=False,
                    interactive=True,
                    elem_id="answer-model",
                )
                self.order = gr.Radio(
                    [("Lowest first", "low"), ("Highest first", "high")],
                    value="low",
                    label="Order",
                    show_label=False,
                    elem_classes="segments",
                    interactive=True,
                    elem_id="answer-order",
                )
                self.previous = gr.Button("Previous", size="sm", elem_id="answer-previous")
                self.next = gr.Button("Next", size="sm", elem_id="answer-next")
            self.list = gr.HTML(elem_id="answer-list", **DISPLAY)

    @property
    def outputs(self) -> list[Any]:
        """The components that `show` fills."""
        return [
            self.scorer,
            self.header,
            self.spreads,
            self.card,
            self.model,
            self.order,
            *self._page_outputs,
        ]

    @property
    def _page_outputs(self) -> list[Any]:
        return [self.place, self.position, self.list, self.previous, self.next]

    def wire(self) -> None:
        """Attach the handlers."""
        inputs = [self.scorer, self._form.models, self._form.prompt_set, self.model, self.order, self.place]
        gr.on(
            [self.model.input, self.order.input],
            guarded(self._turn(None)),
            inputs,
            self._page_outputs,
            **FILTER,
        )
        for button, step in ((self.previous, -SCORE_PAGE), (self.next, SCORE_PAGE)):
            button.click(guarded(self._turn(step)), inputs, self._page_outputs, **QUICK)

    def show(self, table: ScoreTable, answers: AnswerFilter, scorer: str | None) -> tuple[Any, ...]:
        """Return everything about a column, the first one where `scorer` is none of the table's."""
        columns = {column.info.fingerprint: column for column in table.columns}
        column = columns.get(scorer or "") or next(iter(columns.values()), None)
        if column is None:
            hidden = (gr.update(visible=False), *[gr.update()] * 2)
            return None, "", "", *hidden, 0, "", "", gr.update(), gr.update()
        info = column.info
        cells = [cell for cell in table.cells if cell.fingerprint == info.fingerprint]
        spread = self._bench.figures.score_spread(answers, info.scorer, info.fingerprint)
        names = [ALL_MODELS, *(cell.model for cell in cells)]
        return (
            info.fingerprint,
            view.header(column, cells),
            view.spreads(spread, cells),
            gr.update(visible=True),
            gr.update(choices=as_choices(names), value=ALL_MODELS),
            "low",
            *self._page(info, answers, "low", 0),
        )

    def _turn(self, step: int | None) -> Any:
        def go(
            scorer: str | None,
            models: list[str] | None,
            prompt_set: str | None,
            model: str,
            order: str,
            place: int,
        ) -> tuple[Any, ...]:
            info = next((one for one in self._bench.scorers() if one.fingerprint == scorer), None)
            if info is None:
                return 0, "", "", gr.update(), gr.update()
            chosen = models if model == ALL_MODELS else [model]
            start = 0 if step is None else max(0, place + step)
            return self._page(info, answer_filter(chosen, prompt_set), order, start)

        return go

    def _page(self, info: ScorerInfo, answers: AnswerFilter, order: str, place: int) -> tuple[Any, ...]:
        page = self._bench.figures.score_page(
            answers,
            info.scorer,
            info.fingerprint,
            offset=place,
            descending=order == "high",
        )
        ids = [row.answer.answer_id for row in page.rows]
        others: dict[Any, list[tuple[ScorerInfo, Score]]] = {answer_id: [] for answer_id in ids}
        for other, scores in self._bench.scores_of(ids):
            for answer_id, score in scores.items():
                others[answer_id].append((other, score))
        return (
            place,
            position(place, len(page.rows), page.total, "answer"),
            view.answers(page.rows, others, place),
            gr.update(interactive=place > 0),
            gr.update(interactive=place + len(page.rows) < page.total),
        )
