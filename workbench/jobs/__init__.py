"""Long work: what was asked, how far it is, what came of it; written down, so that it can go on after its process."""

from arena.jobs import JobProgress, JobState
from workbench.jobs.failures import JobStoppedError
from workbench.jobs.registry import Jobs
from workbench.jobs.results import result_of
from workbench.jobs.running import Job, JobControl, Work
from workbench.jobs.view import JobHandle, JobView

__all__ = [
    "Job",
    "JobControl",
    "JobHandle",
    "JobProgress",
    "JobState",
    "JobStoppedError",
    "JobView",
    "Jobs",
    "Work",
    "result_of",
]
