"""The arena tab: a blind battle, four votes, then the names.

The browser holds nothing that tells who answers: the session's state on the server is an opaque battle id, set when
both answers are complete, and names are the return value of the vote handler only. Whether a vote may be cast is
decided in the verb; a disabled button is manners, not protection.
"""

import asyncio
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from typing import Any

import gradio as gr

from arena.battles import Frame
from arena.errors import InvalidInput, WorkbenchError
from arena.types import Battle, Prompt, Voter, Winner
from workbench.bench import Workbench
from workbench.identity import voter_of
from workbench.notices import guarded, refusal
from workbench.results import OpenBattle
from workbench.tabs.events import DISPLAY, QUICK, STREAM, written
from workbench.tabs.filters import as_choices
from workbench.tabs.streams import Streams
from workbench.views import arena as view

VOTES = (
    (Winner.MODEL_A, "A is better", "1", "vote-a"),
    (Winner.TIE, "Tie", "2", "vote-tie"),
    (Winner.BOTH_BAD, "Both bad", "3", "vote-bad"),
    (Winner.MODEL_B, "B is better", "4", "vote-b"),
)
ALL_SETS = "All prompt sets"
EXAMPLES = 4
Update = dict[Any, Any]
Panes = tuple[view.PaneText, view.PaneText]


class ArenaTab:
    """Components and handlers of the tab."""

    def __init__(self, bench: Workbench) -> None:
        self._bench = bench
        self._streams = Streams()
        self._build()
        self._wire()

    def _build(self) -> None:
        self.battle_id = gr.State(None)
        with gr.Column(elem_id="arena"):
            with gr.Row(elem_id="ask"):
                self.prompt = gr.Textbox(
                    show_label=False,
                    container=False,
                    lines=1,
                    max_lines=6,
                    elem_id="prompt",
                    label="Prompt",
                    placeholder="Ask both models something",
                    scale=1,
                    html_attributes=gr.InputHTMLAttributes(enterkeyhint="go"),
                )
                self.sets = gr.Dropdown(
                    [ALL_SETS],
                    value=ALL_SETS,
                    show_label=False,
                    container=False,
                    label="Prompt set",
                    visible=False,
                    elem_id="prompt-set",
                    interactive=True,
                    filterable=False,
                )
                self.surprise = gr.Button("Surprise me", elem_id="surprise")
                self.start = gr.Button("Start battle", variant="primary", elem_id="start")
            self.idle = gr.HTML(elem_id="idle", **DISPLAY)
            with gr.Row(elem_id="panes"):
                self.head_a, self.body_a = self._pane("a")
                self.head_b, self.body_b = self._pane("b")
            with gr.Column(elem_id="foot"):
                self._foot()
            with gr.Row(elem_id="line"):
                self.status = gr.HTML(view.status("idle", ""), elem_id="status", **DISPLAY)
                self.counter = gr.HTML(elem_id="counter", **DISPLAY)

    def _pane(self, side: str) -> tuple[gr.HTML, gr.HTML]:
        with gr.Column(elem_id=f"pane-{side}", elem_classes="pane"):
            head = gr.HTML(view.pane_head(side.upper()), elem_classes="head", **DISPLAY)
            body = gr.HTML([], html_template="${value.join('')}", elem_classes="answer", **DISPLAY)
        return head, body

    def _foot(self) -> None:
        with gr.Row(elem_id="follow"):
            self.follow = gr.Textbox(
                show_label=False,
                container=False,
                lines=1,
                max_lines=3,
                elem_id="follow-text",
                label="Follow up",
                placeholder="Follow up",
            )
            self.ask = gr.Button("Ask both", elem_id="follow-ask")
        self.comment = gr.Textbox(
            show_label=False,
            container=False,
            lines=1,
            max_lines=3,
            elem_id="comment",
            label="Comment",
            placeholder="Comment (optional)",
            max_length=2000,
        )
        self.undo = gr.Button("Undo", elem_id="undo")
        self.next = gr.Button("Next battle", elem_id="next")
        with gr.Row(elem_id="votes"):
            self.votes = [gr.Button(label, elem_id=id_, interactive=False) for _, label, _, id_ in VOTES]
        self.reasons = gr.CheckboxGroup(
            list(self._bench.settings.arena.reasons),
            label="Why? (optional)",
            elem_id="reasons",
            elem_classes="chips",
        )

    def _wire(self) -> None:
        stage = [
            self.battle_id,
            self.prompt,
            self.head_a,
            self.head_b,
            self.body_a,
            self.body_b,
            self.status,
            self.counter,
            self.follow,
            self.comment,
            self.undo,
            self.next,
            self.reasons,
            self.idle,
            *self.votes,
        ]
        gr.on([self.start.click, self.prompt.submit], self._start, [self.prompt], stage, **STREAM)
        self.surprise.click(self._surprise, [self.sets], stage, **STREAM)
        self.next.click(self._next, [self.sets], stage, **STREAM)
        gr.on(
            [self.ask.click, self.follow.submit],
            self._follow_up,
            [self.follow, self.battle_id],
            stage,
            **STREAM,
        )
        for (winner, *_), button in zip(VOTES, self.votes, strict=True):
            button.click(guarded(self._vote(winner)), [self.battle_id], stage, **QUICK)
        self.undo.click(guarded(self._undo), [self.battle_id], stage, **QUICK)
        gr.on(
            [self.reasons.input, self.comment.submit, self.comment.blur],
            guarded(self._amend),
            [self.reasons, self.comment, self.battle_id],
            [self.status],
            **QUICK,
        )

    @property
    def on_load(self) -> list[Any]:
        """Return the components that `load` fills."""
        return [
            self.battle_id,
            self.prompt,
            self.head_a,
            self.head_b,
            self.body_a,
            self.body_b,
            self.status,
            self.counter,
            self.next,
            self.idle,
            self.sets,
            *self.votes,
        ]

    def load(self, request: gr.Request) -> Update:
        """Give the voter their open battle back, or the idle page."""
        voter = _voter(request)
        sets = self._bench.prompt_sets()
        shown = {
            self.counter: self._count(voter),
            self.idle: self._idle(),
            self.sets: gr.update(
                choices=as_choices([ALL_SETS, *sets]), value=ALL_SETS, visible=len(sets) > 1
            ),
        }
        battle = self._bench.open_battle(voter)
        if battle is None:
            return shown | {self.status: view.status("idle", "")}
        return shown | self._finished(battle) | {self.prompt: battle.prompt.text if battle.prompt else ""}

    async def _start(self, text: str, request: gr.Request) -> AsyncIterator[Update]:
        async for update in self._battle(_prompt(text), request):
            yield update

    async def _surprise(self, set_name: str, request: gr.Request) -> AsyncIterator[Update]:
        name = None if set_name == ALL_SETS else set_name
        async for update in self._battle(
            asyncio.to_thread(self._bench.surprise, name, _voter(request)), request
        ):
            yield update

    async def _next(self, set_name: str, request: gr.Request) -> AsyncIterator[Update]:
        if self._bench.prompt_sets():
            async for update in self._surprise(set_name, request):
                yield update
        else:
            self._streams.end(_page(request))
            yield self._cleared() | {
                self.prompt: "",
                self.status: view.status("idle", "Write the next prompt."),
            }

    async def _battle(self, prompt: Awaitable[Prompt], request: gr.Request) -> AsyncIterator[Update]:
        """Stream one battle; one that this page still streams ends only if this one can begin."""
        voter = _voter(request)
        try:
            opened: OpenBattle = await asyncio.to_thread(self._bench.start_battle, voter, await prompt)
        except WorkbenchError as error:
            raise refusal(error) from error
        earlier = view.before(opened.prompt)
        panes = (view.PaneText(earlier), view.PaneText(earlier))
        first = self._cleared() | {self.prompt: opened.prompt.text}
        async for update in self._stream(request, first, opened.frames, panes):
            yield update

    async def _follow_up(
        self, text: str, battle_id: str | None, request: gr.Request
    ) -> AsyncIterator[Update]:
        asked = written(text)
        try:
            frames = await asyncio.to_thread(self._bench.follow_up, _id(battle_id), asked, _voter(request))
            battle = await asyncio.to_thread(self._bench.battle, _id(battle_id))
        except WorkbenchError as error:
            raise refusal(error) from error
        panes = (
            view.PaneText(view.conversation(battle, "a"), asked),
            view.PaneText(view.conversation(battle, "b"), asked),
        )
        async for update in self._stream(request, self._writing() | {self.follow: ""}, frames, panes):
            yield update

    async def _stream(
        self, request: gr.Request, first: Update, frames: AsyncIterator[Frame], panes: Panes
    ) -> AsyncIterator[Update]:
        """Yield `first` and then the frames as they come, ending whatever this page streamed before."""
        end = self._streams.begin(_page(request))
        yield first
        try:
            async with aclosing(self._streams.run(_page(request), end, frames)) as running:
                async for frame in running:
                    if frame.battle is not None:
                        yield self._finished(frame.battle)
                    else:
                        yield {
                            self.body_a: panes[0].blocks(frame.text_a),
                            self.body_b: panes[1].blocks(frame.text_b),
                        }
        except WorkbenchError as error:
            raise refusal(error) from error

    def _vote(self, winner: Winner) -> Callable[..., Update]:
        def vote(battle_id: str | None, request: gr.Request) -> Update:
            voter = _voter(request)
            revealed = self._bench.vote(_id(battle_id), winner, voter)
            return {
                self.head_a: view.pane_head("A", model=revealed.model_a, picked=winner is Winner.MODEL_A),
                self.head_b: view.pane_head("B", model=revealed.model_b, picked=winner is Winner.MODEL_B),
                self.status: view.status("voted", view.PICKED[winner]),
                self.counter: self._count(voter),
                self.next: gr.update(value="Next battle"),
                self.reasons: [],
                self.comment: "",
                **self._buttons(False),
            }

        return vote

    def _undo(self, battle_id: str | None, request: gr.Request) -> Update:
        voter = _voter(request)
        self._bench.undo(_id(battle_id), voter)
        return {
            self.head_a: view.pane_head("A", "finished"),
            self.head_b: view.pane_head("B", "finished"),
            self.status: view.status("ready", "Vote taken back. Which answer is better?"),
            self.counter: self._count(voter),
            self.next: gr.update(value="Skip"),
            **self._buttons(True),
        }

    def _amend(self, reasons: list[str], comment: str, battle_id: str | None, request: gr.Request) -> Any:
        if battle_id is None or not (reasons or written(comment)):
            return gr.skip()
        self._bench.amend(_id(battle_id), _voter(request), tuple(reasons), written(comment) or None)
        return view.status("voted", "Saved.")

    def _finished(self, battle: Battle) -> Update:
        """Show both answers whole; the battle can be voted on, or says who failed."""
        failed = view.failed_sides(battle)
        text = f"{failed} {view.FAILED}. This battle takes no vote." if failed else "Which answer is better?"
        return {
            self.battle_id: None if failed else str(battle.battle_id),
            self.head_a: view.pane_head("A", "finished"),
            self.head_b: view.pane_head("B", "finished"),
            self.body_a: view.conversation(battle, "a"),
            self.body_b: view.conversation(battle, "b"),
            self.status: view.status("failed" if failed else "ready", text),
            self.next: gr.update(value="Next battle" if failed else "Skip"),
            **self._buttons(not failed),
        }

    def _cleared(self) -> Update:
        return self._writing() | {
            self.battle_id: None,
            self.body_a: view.waiting(),
            self.body_b: view.waiting(),
            self.follow: "",
        }

    def _writing(self) -> Update:
        return {
            self.head_a: view.pane_head("A", "writing\u2026"),
            self.head_b: view.pane_head("B", "writing\u2026"),
            self.status: view.status("writing", "Both are writing."),
            self.next: gr.update(value="Skip"),
            **self._buttons(False),
        }

    def _buttons(self, on: bool) -> Update:
        return {button: gr.update(interactive=on) for button in self.votes}

    def _count(self, voter: Voter) -> str:
        return view.counter(self._bench.vote_count(voter), self._bench.settings.arena.daily_goal)

    def _idle(self) -> str:
        single = [prompt for prompt in self._bench.examples(3 * EXAMPLES) if len(prompt.messages) == 1]
        return view.idle(single[:EXAMPLES], len(self._bench.list_models()))

    async def leave(self, request: gr.Request) -> None:
        """End what a page streams when it is closed."""
        self._streams.end(_page(request))


async def _prompt(text: str | None) -> Prompt:
    return Prompt.from_text(written(text))


def _page(request: gr.Request) -> str:
    return str(request.session_hash)


def _voter(request: gr.Request) -> Voter:
    return voter_of(request.request.scope)


def _id(battle_id: str | None) -> uuid.UUID:
    if battle_id is None:
        raise InvalidInput("There is no finished battle here: start one and wait for both answers.")
    return uuid.UUID(battle_id)
