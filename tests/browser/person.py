"""Somebody in front of the page: what a person does with it, and what their browser noticed."""

import time
from typing import Any

SLOW_MS = 30_000
STILL_S = 0.15
"""A page that has asked nothing for so long has come to rest: a handler that follows another is called at once."""
IGNORED = ("net::ERR_ABORTED",)
HANDLERS = ("/gradio_api/run/", "/gradio_api/queue/")
"""What the addresses hold by which a page calls its handlers and hears from them."""


class Person:
    """A page in a browser profile, and what went wrong in it."""

    def __init__(self, context: Any, url: str) -> None:
        self.errors: list[str] = []
        self.outside: list[str] = []
        self._unanswered: set[Any] = set()
        self._last_answer = time.monotonic()
        self.context = context
        self.context.set_default_timeout(SLOW_MS)
        self.page = self.context.new_page()
        self.page.on("pageerror", lambda error: self.errors.append(f"script: {error}"))
        self.page.on("console", self._console)
        self.page.on("request", self._asked)
        self.page.on("requestfinished", self._answered)
        self.page.on("requestfailed", self._answered)
        self.url = url
        self.open()

    def open(self) -> None:
        """Load the page and wait until it can be used."""
        self.page.goto(self.url)
        self.page.locator("#start").wait_for()
        self.page.wait_for_function("document.querySelector('#counter .counter') !== null")
        self.settle()

    def leave(self) -> None:
        """Close the page."""
        self.page.close()

    def start(self, prompt: str, *, until: str = "writing") -> None:
        """Write a prompt, press Enter and wait for a state; one that passes at once may never be seen."""
        self.page.fill("#prompt textarea", prompt)
        self.page.press("#prompt textarea", "Enter")
        self.reach(until)

    def fight(self, prompt: str) -> None:
        """Start a battle and wait for both answers."""
        self.start(prompt)
        self.reach("ready")

    def reach(self, state: str) -> None:
        """Wait until the arena is in a state."""
        self.page.locator(f"#status [data-state={state}]").wait_for(state="attached")
        if state == "ready":
            self.page.locator("#vote-a:not([disabled])").wait_for()

    def press(self, key: str) -> None:
        """Press a key wherever the focus is."""
        self.page.keyboard.press(key)

    def state(self) -> str:
        """Return what the arena waits for."""
        return str(self.page.locator("#status [data-state]").get_attribute("data-state"))

    def names(self) -> tuple[str, str]:
        """Return the names shown over the panes, after the vote."""
        return tuple(self.page.locator(f"#pane-{side} .name").inner_text() for side in "ab")  # type: ignore[return-value]

    def settle(self) -> None:
        """Wait until every handler that the page has called has answered and its answer is drawn.

        Who does the next thing sooner may see it overtaken: an earlier answer is drawn over a later one, and a box
        that was typed into is set to what it held before.
        """
        until = time.monotonic() + SLOW_MS / 1000
        while self._unanswered or time.monotonic() < self._last_answer + STILL_S:
            if time.monotonic() > until:
                raise TimeoutError(f"unanswered after {SLOW_MS} ms: {[one.url for one in self._unanswered]}")
            self.page.wait_for_timeout(50)
        self.page.evaluate("new Promise(drawn => requestAnimationFrame(() => requestAnimationFrame(drawn)))")

    def tab(self, name: str) -> None:
        """Open a tab, from the overflow menu if it does not fit, and wait until it is filled."""
        self._open_tab(name)
        self.settle()

    def _open_tab(self, name: str) -> None:
        tab = self.page.get_by_role("tab", name=name, exact=True)
        if tab.count() and tab.first.is_visible():
            tab.first.click()
            return
        hidden = self.page.locator("#tabs .overflow-dropdown button", has_text=name)
        if not hidden.is_visible():
            self.page.locator("#tabs .overflow-menu > button").click()
        hidden.click()

    def html(self) -> str:
        """Return the whole document as it stands."""
        return str(self.page.evaluate("document.documentElement.outerHTML"))

    def sideways(self) -> int:
        """Return by how many pixels the page can be scrolled sideways."""
        return int(self.page.evaluate("document.documentElement.scrollWidth - window.innerWidth"))

    def _console(self, message: Any) -> None:
        if message.type == "error" and not any(text in message.text for text in IGNORED):
            self.errors.append(f"console: {message.text}")

    def _asked(self, request: Any) -> None:
        if not request.url.startswith((self.url, "data:", "blob:")):
            self.outside.append(request.url)
        if any(part in request.url for part in HANDLERS):
            self._unanswered.add(request)

    def _answered(self, request: Any) -> None:
        if request in self._unanswered:
            self._unanswered.remove(request)
            self._last_answer = time.monotonic()
