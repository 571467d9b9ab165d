"""The one door: every verb of the workbench, once.

Screens and commands are thin skins over this class: a handler calls a verb and shows its result. The verbs stand by
noun in `workbench/verbs/`.
"""

from workbench.verbs.access import AccessVerbs
from workbench.verbs.jobs import JobVerbs
from workbench.verbs.mine import OwnVerbs
from workbench.verbs.models import ModelVerbs
from workbench.verbs.reviews import ReviewVerbs
from workbench.verbs.side_by_side import SideBySideVerbs
from workbench.verbs.written import WrittenVerbs


class Workbench(ModelVerbs, JobVerbs, ReviewVerbs, OwnVerbs, WrittenVerbs, SideBySideVerbs, AccessVerbs):
    """An open home and everything one can do with it."""
