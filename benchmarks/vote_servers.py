"""The servers that `api_votes` measures; run as `python -P benchmarks/vote_servers.py NAME FOLDER PORT`.

* app: the app as `workbench serve` runs it, with everything around its routes.
* bare: one FastAPI route with a typed body, and group commit: all votes waiting are inserted in one transaction of
  DuckDB by one thread, and each request is answered once its own is committed. No battle is looked up, nobody is asked
  who they are.
* queue, unqueued: a page of Gradio whose handler calls `Store.votes.cast`, in Gradio's default queue and without it.

Each makes its own home in FOLDER with the same battles, and writes their ids to `battles.json` there.
"""

import asyncio
import json
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID, uuid4

import duckdb
import uvicorn

from arena.schema import migrate
from arena.store import Store
from arena.types import Answer, Battle, ModelKind, ModelSpec, Prompt, Turn, Vote, Voter, VoterKind, Winner

BATTLES = 1000
MODELS = tuple(f"model {number}" for number in range(8))
SETTINGS = """
[access]
anonymous = "voter"
[limits]
votes_per_minute = 1000000
"""


def make_battles() -> list[Battle]:
    """Return finished battles of all models in turn."""
    prompt = Prompt.from_text("What is a lighthouse?")
    pairs = [(a, b) for a in MODELS for b in MODELS if a != b]
    return [
        Battle(uuid4(), prompt, a, b, (Turn(None, Answer(a, "A tower."), Answer(b, "A lamp.")),))
        for a, b in (pairs[number % len(pairs)] for number in range(BATTLES))
    ]


def furnish(folder: Path) -> Path:
    """Make a home with battles in `folder` and return it."""
    home = folder / "home"
    home.mkdir(parents=True)
    (home / "workbench.toml").write_text(SETTINGS)
    battles = make_battles()
    with Store.open(home / "workbench.duckdb") as store:
        for name in MODELS:
            store.models.add(ModelSpec(name, ModelKind.RECORDED))
        store.battles.add_many(battles)
    (folder / "battles.json").write_text(json.dumps([str(battle.battle_id) for battle in battles]))
    return home


def app(folder: Path, port: int) -> None:
    """Serve the app."""
    from workbench.app import serve
    from workbench.bench import Workbench

    with Workbench.open(furnish(folder)) as bench:
        serve(bench, port=port)


class GroupCommit:
    """Inserts all votes waiting in one transaction, on a thread of its own."""

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        self._con = con
        self._waiting: list[tuple[list[Any], asyncio.Future[None]]] = []
        self._lock = threading.Lock()
        self._due = threading.Event()
        threading.Thread(target=self._commit, daemon=True).start()

    def insert(self, row: list[Any]) -> "asyncio.Future[None]":
        """Return what is done once the row is committed."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        with self._lock:
            self._waiting.append((row, future))
        self._due.set()
        return future

    def _commit(self) -> None:
        while True:
            self._due.wait()
            with self._lock:
                group, self._waiting = self._waiting, []
                self._due.clear()
            columns = [list(column) for column in zip(*(row for row, _ in group), strict=True)]
            self._con.execute(
                "INSERT INTO votes SELECT 0, unnest($1::UUID[]), 1, 2, unnest($2::outcome[]), 'human', "
                "unnest($3::VARCHAR[]), 'overall', 0, [], unnest($4::VARCHAR[]), unnest($5::TIMESTAMPTZ[])",
                columns,
            )
            futures = [future for _, future in group]
            futures[0].get_loop().call_soon_threadsafe(_acknowledge, futures)


def _acknowledge(committed: list[asyncio.Future[None]]) -> None:
    for future in committed:
        future.set_result(None)


def bare(folder: Path, port: int) -> None:
    """Serve one FastAPI route."""
    from fastapi import FastAPI, Header
    from pydantic import BaseModel

    class Body(BaseModel):
        winner: Winner
        criterion: str = "overall"
        reasons: tuple[str, ...] = ()
        comment: str | None = None

    class Answered(BaseModel):
        battle_id: UUID
        winner: Winner
        model_a: str
        model_b: str

    furnish(folder)
    con = duckdb.connect(str(folder / "bare.duckdb"))
    migrate(con)
    commits = GroupCommit(con.cursor())
    server = FastAPI()

    @server.post("/battles/{battle_id}/votes")
    async def vote(battle_id: UUID, body: Body, cookie: Annotated[str, Header()]) -> Answered:
        voter = cookie.partition("=")[2].rpartition(".")[0]
        await commits.insert([str(battle_id), body.winner.value, voter, body.comment, datetime.now(UTC)])
        return Answered(battle_id=battle_id, winner=body.winner, model_a="a", model_b="b")

    uvicorn.Server(uvicorn.Config(server, port=port, log_level="warning")).run()


def gradio(folder: Path, port: int, *, queued: bool) -> None:
    """Serve a page of Gradio with one handler."""
    import gradio as gr
    from fastapi import FastAPI

    store = Store.open(furnish(folder) / "workbench.duckdb")

    def cast(battle_id: str, winner: str, voter: str) -> str:
        store.votes.cast(Vote(UUID(battle_id), Winner(winner), Voter(VoterKind.HUMAN, voter)))
        return "model 0 and model 1"

    with gr.Blocks() as page:
        boxes = [gr.Textbox() for _ in range(3)]
        revealed = gr.Textbox()
        gr.Button().click(cast, boxes, revealed, queue=queued)
    server = gr.mount_gradio_app(FastAPI(), page, path="/", ssr_mode=False, run_history=False)
    try:
        uvicorn.Server(uvicorn.Config(server, port=port, log_level="warning")).run()
    finally:
        store.close()


def main() -> None:
    """Serve what the command line names."""
    name, folder, port = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    if name in ("queue", "unqueued"):
        gradio(folder, port, queued=name == "queue")
    else:
        {"app": app, "bare": bare}[name](folder, port)


if __name__ == "__main__":
    main()
