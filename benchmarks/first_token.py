"""How long after the models' first tokens the page shows them, in the first battle of a page, in Chromium.

    python benchmarks/first_token.py [--battles 10] [--out FILE.json]

Two endpoint models stand on a server of this script, which notes when it sends the first piece of an answer, half a
second after it was asked. Both answers are uncovered together, so the later of the two first pieces counts. The page
notes when text stands in both panes; both clocks are this machine's. Every battle is the first of a new page.
"""

import argparse
import json
import os
import tempfile
import threading
import time
from contextlib import suppress
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
from tabs import serving

THINKING_S = 0.5
PIECES = 60

_WATCH = """
() => {
  const look = () => {
    const texts = ["a", "b"].map((side) => document.querySelector(`#pane-${side}`)?.innerText ?? "");
    if (texts.every((text) => text.includes("word"))) { window.firstShown = Date.now(); observer.disconnect(); }
  };
  const observer = new MutationObserver(look);
  observer.observe(document.body, { subtree: true, childList: true, characterData: true });
}
"""


class Endpoint(BaseHTTPRequestHandler):
    """Streams an answer, slowly, and notes when its first piece goes out."""

    sent: list[float]
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        """Answer a chat request."""
        self.rfile.read(int(self.headers["content-length"]))
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("connection", "close")
        self.end_headers()
        time.sleep(THINKING_S)
        self.sent.append(time.time() * 1000)
        with suppress(BrokenPipeError):  # the page is closed once its first token was seen
            for place in range(PIECES):
                self._piece({"content": f"word {place} "}, None)
                time.sleep(0.02)
            self._piece({}, "stop")
            self.wfile.write(b"data: [DONE]\n\n")
        self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""

    def _piece(self, delta: dict[str, str], reason: str | None) -> None:
        chunk = {
            "id": "1",
            "object": "chat.completion.chunk",
            "created": 1,
            "model": "m",
            "choices": [{"index": 0, "delta": delta, "finish_reason": reason}],
        }
        self.wfile.write(f"data: {json.dumps(chunk)}\n\n".encode())
        self.wfile.flush()


def measure(address: str, sent: list[float], battles: int) -> list[float]:
    """Fight so many battles, each on a page of its own, and return the milliseconds from token to page."""
    from playwright.sync_api import sync_playwright

    found = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        for number in range(battles):
            page = browser.new_page(viewport={"width": 1440, "height": 900})
            page.set_default_timeout(120_000)
            page.goto(address)
            page.locator("#start").wait_for()
            page.wait_for_function("document.querySelector('#counter .counter') !== null")
            page.evaluate(_WATCH)
            sent.clear()
            page.fill("#prompt textarea", f"Say some words, please, number {number}.")
            page.press("#prompt textarea", "Enter")
            page.wait_for_function("window.firstShown !== undefined")
            found.append(float(page.evaluate("window.firstShown")) - max(sent))
            page.close()
        browser.close()
    return found


def main() -> None:
    """Read the options, measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--battles", type=int, default=10)
    parser.add_argument("--out", type=Path, default=None, help="write all times to this file as JSON")
    options = parser.parse_args()
    sent: list[float] = []
    endpoint = ThreadingHTTPServer(("127.0.0.1", 0), type("Noting", (Endpoint,), {"sent": sent}))
    endpoint.daemon_threads = True
    threading.Thread(target=endpoint.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory(prefix="first-token-") as folder:
        home = Path(folder) / "home"
        home.mkdir()
        base_url = f"http://127.0.0.1:{endpoint.server_port}/v1"
        model = f'kind = "endpoint"\noptions = {{ base_url = "{base_url}", model = "m" }}\n'
        (home / "workbench.toml").write_text(
            "".join(f'[[models]]\nname = "{name}"\n{model}' for name in ("one", "two"))
        )
        with serving(home) as address:
            times = measure(address, sent, options.battles)
    endpoint.shutdown()
    load = os.getloadavg()[0]
    low, middle, high = np.percentile(times, [0, 50, 95])
    print(
        f"first token shown after {middle:.0f} ms (median of {len(times)} battles; best {low:.0f} ms, "
        f"95 % within {high:.0f} ms); load of the machine {load:.1f} on {os.cpu_count()} cores"
    )
    if options.out:
        entry = {"at": datetime.now(UTC).isoformat(), "load": load, "cores": os.cpu_count(), "ms": times}
        options.out.write_text(json.dumps(entry, indent=2) + "\n")


if __name__ == "__main__":
    main()
