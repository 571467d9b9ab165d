"""Routes of the arena that are one verb each; battles and votes, which are blind, are written out."""

from workbench.access.roles import Role
from workbench.api.exposed import Exposed

TABLE = (
    Exposed("prompt_sets", "GET", "/prompt-sets", Role.VOTER),
    Exposed(
        "prompts_of",
        "GET",
        "/prompts",
        Role.ANALYST,
        words={"set_names": "The prompt sets; a prompt in several comes once."},
        paged=True,
    ),
    Exposed(
        "common_prompt",
        "GET",
        "/prompts/common",
        Role.ANALYST,
        words={"model_a": "One model.", "model_b": "The other one."},
    ),
    Exposed("categories", "GET", "/categories", Role.VOTER),
    Exposed("languages", "GET", "/languages", Role.VOTER),
)
