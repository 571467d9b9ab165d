"""Routes of judges and their verdicts; judging itself is a job."""

from workbench.access.roles import Role
from workbench.api.exposed import Exposed

_NAME = {"name": "The judge's name."}

TABLE = (
    Exposed("list_judges", "GET", "/judges", Role.ANALYST),
    Exposed("judge_spec", "GET", "/judges/{name}", Role.ANALYST, words=_NAME),
    Exposed(
        "add_judge",
        "POST",
        "/judges",
        Role.ADMIN,
        words={"spec": "The judge: its name, its kind and its options."},
    ),
    Exposed("remove_judge", "DELETE", "/judges/{name}", Role.ADMIN, words=_NAME),
    Exposed("judge_fingerprint", "GET", "/judges/{name}/fingerprint", Role.ANALYST, words=_NAME),
    Exposed(
        "judge_estimate",
        "GET",
        "/judges/{name}/estimate",
        Role.ANALYST,
        words={
            **_NAME,
            "limit": "At most so many battles; the same ones every time.",
            "retry_failed": "Ask again where a reply could not be read.",
        },
    ),
    Exposed("templates", "GET", "/templates", Role.ANALYST),
    Exposed("broken_templates", "GET", "/templates/broken", Role.ANALYST),
    Exposed(
        "copy_template",
        "POST",
        "/templates/{name}/copy",
        Role.ADMIN,
        words={"name": "The template to copy.", "new_name": "The copy's name; the same without it."},
    ),
    Exposed("verdict_counts", "GET", "/verdicts/counts", Role.ANALYST),
    Exposed(
        "verdicts",
        "GET",
        "/verdicts",
        Role.ANALYST,
        words={"offset": "How many of the newest to pass over."},
    ),
    Exposed("latest_verdicts", "GET", "/verdicts/latest", Role.ANALYST, keyset=("before", "key")),
    Exposed("transcript", "GET", "/battles/{battle_id}/verdicts/{judge}", Role.ANALYST),
)
