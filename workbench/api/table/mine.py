"""Routes of what callers may see of themselves, and of what they add to a vote."""

from workbench.access.roles import Role
from workbench.api.exposed import Exposed

TABLE = (
    Exposed("vote_count", "GET", "/me/vote-count", Role.VOTER),
    Exposed(
        "own_votes",
        "GET",
        "/me/votes",
        Role.VOTER,
        keyset=("before", "number"),
    ),
    Exposed(
        "own_figures",
        "GET",
        "/me/figures",
        Role.VOTER,
        words={"days": "Over so many days up to today."},
    ),
    Exposed(
        "vote_on",
        "PUT",
        "/battles/{battle_id}/votes/{criterion}",
        Role.VOTER,
        words={
            "criterion": "One of the further criteria of the settings.",
            "winner": "The outcome on this criterion; null takes it back.",
        },
    ),
    Exposed(
        "write_answer",
        "PUT",
        "/battles/{battle_id}/answer",
        Role.VOTER,
        words={"text": "The better answer, in Markdown."},
    ),
    Exposed("written_answer", "GET", "/battles/{battle_id}/answer", Role.VOTER),
    Exposed("withdraw_answer", "DELETE", "/battles/{battle_id}/answer", Role.VOTER),
)
