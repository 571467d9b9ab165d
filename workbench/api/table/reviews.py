"""Routes of review queues: those who lead one prepare it and look at it, annotators vote through it."""

from workbench.access.roles import Role
from workbench.api.exposed import Exposed

_NAME = {"name": "The queue's name."}

TABLE = (
    Exposed("queues", "GET", "/queues", Role.ANALYST),
    Exposed(
        "create_queue",
        "POST",
        "/queues",
        Role.ANALYST,
        words={
            **_NAME,
            "battle_ids": "These battles; give them or a filter.",
            "overlap": "By how many people each battle is voted on.",
            "attention": "So many attention pairs come to each battle.",
            "pairs": "Attention pairs written by hand, instead of ones made from other answers.",
            "instructions": "What annotators read first.",
            "criterion": "What annotators vote on.",
        },
    ),
    Exposed("queue", "GET", "/queues/{name}", Role.ANALYST, words=_NAME),
    Exposed("remove_queue", "DELETE", "/queues/{name}", Role.ANALYST, words=_NAME),
    Exposed("close_queue", "POST", "/queues/{name}/close", Role.ANALYST, words=_NAME),
    Exposed("reopen_queue", "POST", "/queues/{name}/reopen", Role.ANALYST, words=_NAME),
    Exposed("queue_report", "GET", "/queues/{name}/report", Role.ANALYST, words=_NAME),
    Exposed("open_queues", "GET", "/review", Role.VOTER),
    Exposed("queue_progress", "GET", "/review/{name}", Role.VOTER, words=_NAME),
    Exposed(
        "next_in_queue",
        "POST",
        "/review/{name}/next",
        Role.VOTER,
        words={
            **_NAME,
            "after": "The one the caller dealt with next after this battle; else the next to do.",
        },
    ),
    Exposed(
        "previous_in_queue",
        "POST",
        "/review/{name}/previous",
        Role.VOTER,
        words={**_NAME, "before": "The one the caller dealt with before this battle; else the last one."},
    ),
    Exposed("vote_in_queue", "POST", "/review/{name}/{battle_id}/vote", Role.VOTER, words=_NAME),
    Exposed("amend_in_queue", "POST", "/review/{name}/{battle_id}/amend", Role.VOTER, words=_NAME),
    Exposed("skip_in_queue", "POST", "/review/{name}/{battle_id}/skip", Role.VOTER, words=_NAME),
    Exposed(
        "take_back_in_queue",
        "POST",
        "/review/{name}/take-back",
        Role.VOTER,
        words={**_NAME, "at": "This battle; else the last one the caller dealt with."},
    ),
)
