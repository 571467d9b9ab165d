"""Routes of how far people agree, how far each can be relied on, and which battles divide them."""

from workbench.access.roles import Role
from workbench.api.exposed import Exposed

_CONTESTED = {"opposed": "Only battles on which both sides were chosen."}

TABLE = (
    Exposed(
        "people_agreement",
        "GET",
        "/people/agreement",
        Role.ANALYST,
        words={"most": "So many voters, those with most shared battles, are compared two at a time."},
    ),
    Exposed("voter_reliability", "GET", "/people/reliability", Role.ANALYST),
    Exposed("contested", "GET", "/people/contested", Role.ANALYST, words=_CONTESTED),
    Exposed(
        "queue_contested",
        "POST",
        "/people/contested/queue",
        Role.ANALYST,
        words={
            **_CONTESTED,
            "name": "The queue's name.",
            "more": "So many votes each battle waits for, beyond those of the one that has most.",
            "attention": "So many attention pairs come to each battle.",
            "instructions": "What annotators read first.",
            "battle_ids": "Only these of the disputed battles.",
        },
    ),
)
