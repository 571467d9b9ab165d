"""Routes of golden sets; checking a model on one is a job."""

from workbench.access.roles import Role
from workbench.api.exposed import Exposed

_NAME = {"name": "The golden set's name."}

TABLE = (
    Exposed("golden_sets", "GET", "/golden", Role.ANALYST),
    Exposed("golden_set", "GET", "/golden/{name}", Role.ANALYST, words=_NAME),
    Exposed(
        "keep_golden",
        "PUT",
        "/golden",
        Role.ADMIN,
        words={"golden": "The set: its name, prompts with references and rules, and checks."},
    ),
    Exposed(
        "add_golden",
        "POST",
        "/golden",
        Role.ADMIN,
        words={
            **_NAME,
            "prompt_set": "The prompt set to take as it is now.",
            "checks": "What to hold a model to, written as rougeL>=0.5, rules>=1 or judge:NAME>=6.",
        },
    ),
    Exposed("remove_golden", "DELETE", "/golden/{name}", Role.ADMIN, words=_NAME),
    Exposed("golden_results", "GET", "/golden/{name}/results", Role.ANALYST, words=_NAME),
    Exposed("accept_golden", "POST", "/golden/{name}/accept", Role.ADMIN, words=_NAME),
    Exposed(
        "golden_rows",
        "GET",
        "/golden-results/{result_id}/rows",
        Role.ANALYST,
        words={"result_id": "The result's id."},
        paged=True,
    ),
)
