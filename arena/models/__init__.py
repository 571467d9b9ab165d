"""What can answer: endpoints, local weights and recorded texts behind one protocol.

Importing this package loads neither torch nor the OpenAI client; a kind of model is imported when one is opened.
"""

from arena.models.base import Delta, Finish, Model, collect
from arena.models.complete import CallFailed, Completion, TokenChoices, complete
from arena.models.options import check_options
from arena.models.pool import ModelPool

__all__ = [
    "CallFailed",
    "Completion",
    "Delta",
    "Finish",
    "Model",
    "ModelPool",
    "TokenChoices",
    "check_options",
    "collect",
    "complete",
]
