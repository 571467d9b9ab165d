"""The app: Gradio's page on a FastAPI server, with our head, headers and voter identity around it.

Order from the outside in: compression, page (headers, document head), identity (cookie), routes. Downloads are plain
routes; everything else is a handler of a tab. Tabs fill when they are opened, so the first page is small and holds no
model's name.
"""

import os
import socket
import sys
import webbrowser

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")

import gradio as gr
import uvicorn
from fastapi import FastAPI
from starlette.middleware.gzip import GZipMiddleware
from starlette.staticfiles import StaticFiles

from arena.errors import Conflict
from workbench.bench import Workbench
from workbench.downloads import routes
from workbench.identity import VoterIdentity, load_key
from workbench.page import ASSETS, ASSETS_PATH, Page
from workbench.tabs.arena import ArenaTab
from workbench.tabs.data import DataTab
from workbench.tabs.events import DISPLAY, QUICK
from workbench.tabs.judges import JudgesTab
from workbench.tabs.leaderboard import LeaderboardTab
from workbench.tabs.metrics import MetricsTab
from workbench.tabs.models import ModelsTab
from workbench.tabs.training import TrainingTab
from workbench.theme import build_theme
from workbench.views.chrome import brand


def build(bench: Workbench) -> gr.Blocks:
    """Return the page with its tabs."""
    with gr.Blocks(
        title="Workbench", analytics_enabled=False, fill_width=True, delete_cache=(3600, 86400)
    ) as blocks:
        gr.HTML(brand(), elem_id="brand", **DISPLAY)
        with gr.Tabs(elem_id="tabs"):
            with gr.Tab("Arena", id="arena") as arena_tab:
                arena = ArenaTab(bench)
            with gr.Tab("Leaderboard", id="leaderboard") as board_tab:
                board = LeaderboardTab(bench)
            with gr.Tab("Judges", id="judges") as judges_tab:
                judges = JudgesTab(bench)
            with gr.Tab("Metrics", id="metrics") as metrics_tab:
                metrics = MetricsTab(bench)
            with gr.Tab("Data", id="data") as data_tab:
                data = DataTab(bench)
            with gr.Tab("Training", id="training") as training_tab:
                training = TrainingTab(bench)
            with gr.Tab("Models", id="models") as models_tab:
                models = ModelsTab(bench)
        board.wire(board_tab)
        data.wire(data_tab)
        models.wire(models_tab)
        tabs = (arena_tab, board_tab, judges_tab, metrics_tab, data_tab, training_tab, models_tab)
        for part, own in ((judges, judges_tab), (metrics, metrics_tab), (training, training_tab)):
            part.wire(own, [tab for tab in tabs if tab is not own])
        blocks.load(arena.load, None, arena.on_load, **QUICK)
        blocks.unload(arena.leave)
    return blocks


def create_app(bench: Workbench) -> FastAPI:
    """Return the server of one open home."""
    app = FastAPI(title="Workbench", docs_url=None, redoc_url=None, openapi_url=None)
    app.include_router(routes(bench))
    app.mount(ASSETS_PATH, StaticFiles(directory=ASSETS))
    blocks = build(bench)
    blocks.queue(default_concurrency_limit=None)
    gr.mount_gradio_app(
        app,
        blocks,
        path="/",
        theme=build_theme(),
        footer_links=[],
        run_history=False,
        show_error=False,
        ssr_mode=False,
        pwa=False,
        mcp_server=False,
        max_file_size="2gb",
    )
    app.add_middleware(VoterIdentity, key=load_key(bench.home))
    app.add_middleware(Page)
    app.add_middleware(GZipMiddleware, minimum_size=1024)
    return app


def serve(bench: Workbench, *, host: str = "127.0.0.1", port: int = 7860, open_browser: bool = False) -> None:
    """Serve the app until it is interrupted; port 0 takes a free one.

    Raises:
        Conflict: the port is taken.
    """
    listener = _listen(host, port)
    shown = f"[{host}]" if ":" in host else host
    address = f"http://{shown}:{listener.getsockname()[1]}"
    sys.stderr.write(f"Workbench on {address} (stop with Ctrl+C)\n")
    if open_browser:
        webbrowser.open(address)
    config = uvicorn.Config(create_app(bench), log_level="warning", timeout_graceful_shutdown=3)
    uvicorn.Server(config).run(sockets=[listener])


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise Conflict(
            f"The app cannot listen on {host}:{port} ({error.strerror}): "
            "stop what uses it, or choose another with --port."
        ) from error
    listener.listen(2048)
    return listener
