"""A proxy between browser and server that keeps every byte the server sends: documents, answers, streams."""

import socket
import threading
from contextlib import suppress
from typing import Self


class Tap:
    """Forwards a free local port to another one while it is open; `heard` is all the server said so far."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._bytes = bytearray()
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    @property
    def heard(self) -> str:
        with self._lock:
            return self._bytes.decode("utf-8", "replace")

    def forget(self) -> None:
        """Begin to listen afresh."""
        with self._lock:
            self._bytes.clear()

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *error: object) -> None:
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                far = socket.create_connection(("127.0.0.1", self._target))
                threading.Thread(target=self._pump, args=(near, far, False), daemon=True).start()
                threading.Thread(target=self._pump, args=(far, near, True), daemon=True).start()

    def _pump(self, source: socket.socket, target: socket.socket, keep: bool) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                if keep:
                    with self._lock:
                        self._bytes += data
                target.sendall(data)
        for end in (source, target):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
