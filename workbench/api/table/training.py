"""Routes of training runs."""

from workbench.access.roles import Role
from workbench.api.exposed import Exposed

_NAME = {"name": "The run's name."}

TABLE = (
    Exposed("runs", "GET", "/runs", Role.ANALYST),
    Exposed("run", "GET", "/runs/{name}", Role.ANALYST, words=_NAME),
    Exposed(
        "train",
        "POST",
        "/runs",
        Role.ADMIN,
        words={
            **_NAME,
            "method": "What is trained: reward or dpo.",
            "base": "The local model to start from.",
            "export": "The export to train on.",
            "overrides": "Settings of the run that differ from the defaults.",
        },
    ),
    Exposed("stop_run", "POST", "/runs/{name}/stop", Role.ADMIN, words=_NAME),
    Exposed("resume_run", "POST", "/runs/{name}/resume", Role.ADMIN, words=_NAME),
    Exposed("deploy_run", "POST", "/runs/{name}/deploy", Role.ADMIN, words=_NAME),
    Exposed("deployed", "GET", "/runs/{name}/deployed", Role.ANALYST, words=_NAME),
    Exposed("training_bases", "GET", "/training/bases", Role.ANALYST),
    Exposed(
        "defaults", "GET", "/training/defaults/{method}", Role.ANALYST, words={"method": "reward or dpo."}
    ),
    Exposed("standing", "GET", "/models/{model}/standing", Role.ANALYST),
    Exposed("promote", "POST", "/models/{model}/promote", Role.ADMIN),
)
