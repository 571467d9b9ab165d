"""Routes of jobs that are one verb each; starting and following them is written out."""

from workbench.access.roles import Role
from workbench.api.exposed import Exposed

_ID = {"job_id": "The job's id."}

TABLE = (
    Exposed(
        "list_jobs",
        "GET",
        "/jobs",
        Role.ANALYST,
        words={"kind": "Only jobs of this kind.", "active": "Only those at work, or only ended ones."},
        keyset=("before", "id"),
    ),
    Exposed(
        "stop_job",
        "POST",
        "/jobs/{job_id}/stop",
        Role.ANALYST,
        words={**_ID, "now": "End it where it stands instead of letting it finish what it has begun."},
        job=True,
    ),
    Exposed("remove_job", "DELETE", "/jobs/{job_id}", Role.ANALYST, words=_ID, job=True),
)
