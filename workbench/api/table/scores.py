"""Routes of metrics and the scores of answers; scoring itself is a job."""

from workbench.access.roles import Role
from workbench.api.exposed import Exposed

_ANSWERS = {
    "models": "Only answers of these models.",
    "shared_prompts": "Count only prompts on which every model has a number.",
    "scorer": "The scorer of a column of the table.",
    "fingerprint": "Its fingerprint in that column.",
    "descending": "Highest first instead of lowest.",
    "bins": "How many bins.",
}

TABLE = (
    Exposed("metrics", "GET", "/metrics", Role.ANALYST),
    Exposed("metric_info", "GET", "/metrics/{name}", Role.ANALYST, words={"name": "The metric's name."}),
    Exposed("scorers", "GET", "/scorers", Role.ANALYST),
    Exposed("score_table", "GET", "/scores/table", Role.ANALYST, words=_ANSWERS),
    Exposed("score_coverage", "GET", "/scores/coverage", Role.ANALYST, words=_ANSWERS),
    Exposed("score_page", "GET", "/scores", Role.ANALYST, words=_ANSWERS),
    Exposed("score_spread", "GET", "/scores/spread", Role.ANALYST, words=_ANSWERS),
    Exposed(
        "prompts_without_reference",
        "GET",
        "/prompts/without-reference",
        Role.ANALYST,
        words=_ANSWERS,
        paged=True,
    ),
)
