"""A page of Gradio as somebody sees it who sends requests by hand instead of looking at it."""

import re
import secrets
from functools import cache
from typing import Any

import httpx

from workbench.access.passwords import hash_password
from workbench.access.roles import Role
from workbench.access.users import Users

PASSWORD = "correct horse battery"
OWN = {"origin": "http://localhost"}
"""What a browser says that sends a form of the app's own page."""


def add_users(users: Users, **roles: Role) -> None:
    """Add people who all have the same password."""
    for name, role in roles.items():
        users.add(name, role, _hashed())


@cache
def _hashed() -> str:
    return hash_password(PASSWORD)


def sign_in(client: httpx.Client, name: str, password: str = PASSWORD, **headers: str) -> httpx.Response:
    """Send the sign-in form as its page does."""
    page = client.get("/sign-in", headers=headers)
    form = re.search(r'name="form" value="([^"]+)"', page.text)
    fields = {"form": form[1] if form else "", "name": name, "password": password}
    return client.post("/sign-in", data=fields, headers=OWN | headers, follow_redirects=False)


class RawPage:
    """The functions behind one page, called by their numbers."""

    def __init__(self, client: httpx.Client) -> None:
        self.client = client
        self.session = secrets.token_hex(6)
        config = client.get("/config").json()
        self.functions: list[dict[str, Any]] = config["dependencies"]
        self._parts = {part["id"]: part["props"].get("elem_id") for part in config["components"]}
        self.elements = {name for name in self._parts.values() if name}
        self.text = str(config)

    def number(self, element: str, event: str) -> int:
        """Return the number of the function that an event of an element calls."""
        for function in self.functions:
            for part, name in function["targets"]:
                if name == event and (part is None or self._parts.get(part) == element):
                    return int(function["id"])
        raise LookupError(f"Nothing happens at {event} of {element}.")

    def call(self, number: int, data: list[Any], **more: Any) -> httpx.Response:
        """Call a function; `more` replaces fields of the request."""
        body = {"fn_index": number, "data": data, "session_hash": self.session, "event_data": None} | more
        return self.client.post("/gradio_api/run/predict", json=body, headers=OWN)

    def load(self) -> httpx.Response:
        """Do what a browser does when the page is opened."""
        loading = next(f for f in self.functions if any(event == "load" for _, event in f["targets"]))
        return self.call(loading["id"], [None] * len(loading["inputs"]))
