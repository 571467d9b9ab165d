"""Long work: what was asked, how far it is, what came of it; written down, so that it can go on after its process."""

from arena.jobs import JobProgress, JobState
from workbench.jobs.running import KEPT_LINES, Job, JobControl, Jobs, JobView, Work
from workbench.jobs.view import JobHandle

__all__ = [
    "KEPT_LINES",
    "Job",
    "JobControl",
    "JobHandle",
    "JobProgress",
    "JobState",
    "JobView",
    "Jobs",
    "Work",
]
