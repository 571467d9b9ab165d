"""The one door: every verb of the workbench, once.

Screens and commands are thin skins over this class: a handler calls a verb and shows its result. The verbs stand by
noun in `workbench/verbs/`.
"""

from workbench.verbs.access import AccessVerbs
from workbench.verbs.arena import ArenaVerbs
from workbench.verbs.data import DataVerbs
from workbench.verbs.golden import GoldenVerbs
from workbench.verbs.judging import JudgingVerbs
from workbench.verbs.mine import OwnVerbs
from workbench.verbs.models import ModelVerbs
from workbench.verbs.reviews import ReviewVerbs
from workbench.verbs.training import TrainingVerbs


class Workbench(ModelVerbs, ArenaVerbs, ReviewVerbs, OwnVerbs, DataVerbs, TrainingVerbs, GoldenVerbs, JudgingVerbs, AccessVerbs):
    """An open home and everything one can do with it."""
