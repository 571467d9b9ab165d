"""One thread kept for work that must not hold up an event loop; it sleeps until it is told to work."""

import queue
import threading
from collections.abc import Callable


class Hand:
    """A daemon thread, started when it is first needed, that calls `task` once for each `work`."""

    def __init__(self, name: str, task: Callable[[], None]) -> None:
        self._name = name
        self._task = task
        self._lock = threading.Lock()
        self._due: queue.SimpleQueue[bool] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None

    @property
    def mine(self) -> bool:
        """Whether the calling thread is this one."""
        return threading.current_thread() is self._thread

    def work(self) -> None:
        """Have `task` called soon; returns at once."""
        if self._thread is None:
            self._start()
        self._due.put(True)

    def close(self) -> None:
        """End the thread once it has done what is due."""
        if self._thread is not None:
            self._due.put(False)
            self._thread.join()

    def _start(self) -> None:
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while self._due.get():
            self._task()
