"""Routes of jobs that are one verb each; starting, listing and following them is written out."""

from workbench.access.roles import Role
from workbench.api.exposed import Exposed

_ID = {"job_id": "The job's id."}

TABLE = (
    Exposed(
        "stop_job",
        "POST",
        "/jobs/{job_id}/stop",
        Role.ANALYST,
        words={**_ID, "now": "End it where it stands instead of letting it finish what it has begun."},
    ),
    Exposed("remove_job", "DELETE", "/jobs/{job_id}", Role.ANALYST, words=_ID),
)
