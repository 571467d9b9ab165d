"""Routes of prompts, ratings and exports."""

from workbench.access.roles import Role
from workbench.api.exposed import Exposed

_METHOD = {"method": "How models are rated: bt (Bradley-Terry), elo, or soft."}

TABLE = (
    Exposed("prompt_sets", "GET", "/prompt-sets", Role.VOTER),
    Exposed(
        "prompts_of",
        "GET",
        "/prompts",
        Role.ANALYST,
        words={"set_names": "The prompt sets, each prompt once."},
        paged=True,
    ),
    Exposed("categories", "GET", "/categories", Role.VOTER),
    Exposed("leaderboard", "GET", "/leaderboard", Role.VOTER, words=_METHOD),
    Exposed(
        "win_matrix",
        "GET",
        "/leaderboard/win-matrix",
        Role.VOTER,
        words={"names": "The models, in the order wanted; all without it."},
    ),
    Exposed("voter_kinds", "GET", "/votes/kinds", Role.VOTER),
    Exposed("voters", "GET", "/votes/voters", Role.ANALYST),
    Exposed("left_out", "GET", "/votes/left-out", Role.ANALYST),
    Exposed("exports", "GET", "/exports", Role.ANALYST),
    Exposed(
        "export",
        "POST",
        "/exports",
        Role.ANALYST,
        words={"name": "The export's name.", "kind": "What the dataset is for: dpo or reward."},
    ),
)
