"""How long each tab of the app takes to open at a million votes, in Chromium: first after the start, and again.

    python benchmarks/tabs.py [--votes 1000000] [--rounds 3] [--home FOLDER] [--out FILE.json]

Makes a home (`big_home`) unless one is given, serves it, waits until the app has counted ahead, opens the page as its
administrator and presses each tab. A tab counts as open when the last answer to what it asked for has come and is
painted. Between the rounds a vote is cast, so that every figure is of a state before.
"""

import argparse
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import psutil

_QUIET_S = 0.25


@contextmanager
def serving(home: Path) -> Iterator[str]:
    """Serve a home in a process of its own and return its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "workbench", "--home", str(home), "serve", "--port", str(port)]
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])}
    process = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    try:
        while True:
            try:
                urllib.request.urlopen(address, timeout=60).read()
                break
            except OSError:
                if process.poll() is not None:
                    raise SystemExit("The app did not start.") from None
                time.sleep(0.2)
        _rest(process.pid)
        yield address
    finally:
        process.terminate()
        process.wait(60)


def _rest(pid: int, limit_s: float = 400) -> None:
    """Wait until the app has counted ahead, so that what follows is what people meet after its first minute."""
    process, begun = psutil.Process(pid), time.perf_counter()
    while process.cpu_percent(2.0) > 10 and time.perf_counter() - begun < limit_s:
        pass
    print(
        f"the app rested {time.perf_counter() - begun:.0f} s after its first page",
        file=sys.stderr,
        flush=True,
    )


class Watched:
    """A page, which of its requests are under way, and when the last one ended."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self._waiting: set[Any] = set()
        self._changed = 0.0
        page.on("request", self._begin)
        page.on("requestfinished", self._end)
        page.on("requestfailed", self._end)

    def _begin(self, request: Any) -> None:
        if "/heartbeat/" not in request.url and "/queue/data" not in request.url:
            self._waiting.add(request)
            self._changed = time.perf_counter()

    def _end(self, request: Any) -> None:
        self._waiting.discard(request)
        self._changed = time.perf_counter()

    def settled_ms(self, begun: float) -> float:
        """Wait until no request is under way and the page is painted; return the milliseconds since `begun`."""
        while True:
            self.page.wait_for_timeout(20)
            now = time.perf_counter()
            if now - begun > 120:
                raise SystemExit(f"The page still waits: {[request.url for request in self._waiting]}")
            if not self._waiting and now - max(self._changed, begun) > _QUIET_S:
                painting = time.perf_counter()
                self.page.evaluate("() => new Promise((done) => requestAnimationFrame(() => done(true)))")
                return (max(self._changed, begun) - begun + time.perf_counter() - painting) * 1000


def open_tabs(watched: Watched) -> dict[str, float]:
    """Press every tab in turn and return how long each took, in milliseconds."""
    times = {}
    for tab in watched.page.get_by_role("tab").all():
        name = tab.inner_text().strip()
        if not name or not tab.is_visible():
            continue
        begun = time.perf_counter()
        tab.evaluate("(tab) => tab.click()")
        times[name] = watched.settled_ms(begun)
        print(f"{name}: {times[name]:.0f} ms", file=sys.stderr, flush=True)
    return times


def measure(address: str, battles: list[str]) -> list[dict[str, float]]:
    """Open the page and all its tabs, first cold and then after a vote each."""
    from playwright.sync_api import sync_playwright

    found = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.set_default_timeout(120_000)
        watched = Watched(page)
        begun = time.perf_counter()
        page.goto(address)
        page.get_by_role("tab").first.wait_for()
        first = {"the page": watched.settled_ms(begun)}
        for battle_id in battles:
            found.append({**first, **open_tabs(watched)})
            first = {}
            _vote(page, battle_id)
        browser.close()
    return found


def _vote(page: Any, battle_id: str) -> None:
    """Cast a vote from the page's own browser."""
    status = page.evaluate(
        """async (battle) => (await fetch(`/api/v1/battles/${battle}/votes`, {
            method: "POST", headers: { "content-type": "application/json" }, body: '{"winner": "tie"}' })).status""",
        battle_id,
    )
    if status != 201:
        raise SystemExit(f"The vote between the rounds was refused: {status}.")


def battles_of(home: Path, number: int) -> list[str]:
    """Return the ids of some battles that nobody in particular started and that take votes."""
    with duckdb.connect(str(home / "workbench.duckdb"), read_only=True) as con:
        found = con.execute(
            "SELECT battle_id::VARCHAR FROM battles WHERE votable AND started_by IS NULL ORDER BY random() LIMIT ?",
            [number],
        ).fetchall()
    return [battle_id for (battle_id,) in found]


def report(rounds: list[dict[str, float]]) -> None:
    """Print the first opening of each tab, and the median of the later ones."""
    print(f"{'tab':16s} {'first':>9s} {'later':>9s}")
    for name, first in rounds[0].items():
        later = [found[name] for found in rounds[1:] if name in found]
        print(f"{name:16s} {first:6.0f} ms {statistics.median(later) if later else float('nan'):6.0f} ms")


def main() -> None:
    """Read the options, measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--votes", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--home", type=Path, default=None, help="a home that is there already")
    parser.add_argument("--out", type=Path, default=None, help="write every round to this file as JSON")
    options = parser.parse_args()
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="tabs-") as folder:
        home = options.home or Path(folder) / "home"
        if options.home is None:
            script = Path(__file__).with_name("big_home.py")
            command = [sys.executable, "-P", str(script), str(home), "--votes", str(options.votes)]
            subprocess.run(command, check=True, env=os.environ | {"PYTHONPATH": str(script.parents[1])})
        battles = battles_of(home, options.rounds + 1)
        with serving(home) as address:
            rounds = measure(address, battles)
    print(f"{os.cpu_count()} cores, load of the machine before: {load:.1f}, after: {os.getloadavg()[0]:.1f}")
    report(rounds)
    if options.out:
        entry = {
            "at": datetime.now(UTC).isoformat(),
            "cores": os.cpu_count(),
            "votes": options.votes,
            "load_before": load,
            "load_after": os.getloadavg()[0],
            "rounds": rounds,
        }
        options.out.write_text(json.dumps(entry, indent=2) + "\n")


if __name__ == "__main__":
    main()
