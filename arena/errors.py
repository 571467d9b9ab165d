"""Every error a user can meet, under one base.

A message is one sentence or two: what failed, which value, what to do. The command line prints it and exits with
`exit_code`; the app shows it as a notice. Anything that is not a `WorkbenchError` is a bug of ours.
"""


class WorkbenchError(Exception):
    """Base of all errors that are shown to a user as they are."""

    exit_code = 1


class InvalidInput(WorkbenchError):
    """A value given by a person or a file cannot be used."""

    exit_code = 2


class NotFound(WorkbenchError):
    """A model, prompt, battle, export or run of that name does not exist."""

    exit_code = 3


class Conflict(WorkbenchError):
    """What was asked for contradicts what is stored (a name taken, a second vote on one battle)."""

    exit_code = 4


class AlreadyVoted(Conflict):
    """This voter has a standing vote on this battle and criterion."""


class NotVotable(Conflict):
    """The battle was never finished, or one of its answers failed."""


class StoreLocked(WorkbenchError):
    """Another process holds the database file."""

    exit_code = 5


class StoreDamaged(WorkbenchError):
    """The database or its vote log cannot be read, or was written by a newer version."""

    exit_code = 6


class ModelFailed(WorkbenchError):
    """A model gave no usable answer: the endpoint is dead, the weights do not load, the answer is empty."""

    exit_code = 7


class ImportRejected(InvalidInput):
    """An import file has rows that cannot be used; `rejects` lists each with its line and reason."""

    def __init__(self, message: str, rejects: "tuple[tuple[int, str], ...]" = ()) -> None:
        """Keep `rejects` as (line number counted from 1, reason) beside the one-sentence `message`."""
        super().__init__(message)
        self.rejects = rejects


class RunFailed(WorkbenchError):
    """A training run stopped with an error; its log says more."""

    exit_code = 8


class StoreFailed(WorkbenchError):
    """The database or its vote log could not be written (disk full, no permission), or the store is closed."""

    exit_code = 9


class CheckFailed(WorkbenchError):
    """A golden set's threshold was not met, or a model is worse on it than the accepted result."""

    exit_code = 10


class NotReached(WorkbenchError):
    """The running workbench does not answer, is of another version, or broke off."""

    exit_code = 11


class NotAllowed(WorkbenchError):
    """The person who asks may not do this."""

    exit_code = 12


class NotSignedIn(NotAllowed):
    """Nobody is known who asks: no token, no sign-in, or one that is not valid any more."""


class TooMany(WorkbenchError):
    """Somebody asks for more than the limits allow; after `retry_after` seconds they may again."""

    exit_code = 13
    status = 429

    def __init__(self, message: str, retry_after: float = 60.0) -> None:
        """Keep `retry_after` (s) beside the one-sentence `message`."""
        super().__init__(message)
        self.retry_after = retry_after
