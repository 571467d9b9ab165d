"""The one door: every verb of the workbench, once.

Screens and commands are thin skins over this class: a handler calls a verb and shows its result. The verbs stand by
noun in `workbench/verbs/`.
"""

from functools import cached_property
from typing import TYPE_CHECKING

from workbench.verbs.access import AccessVerbs
from workbench.verbs.certainty import CertaintyVerbs
from workbench.verbs.control import ControlVerbs
from workbench.verbs.integrity import IntegrityVerbs
from workbench.verbs.jobs import JobVerbs
from workbench.verbs.mine import OwnVerbs
from workbench.verbs.models import ModelVerbs
from workbench.verbs.planning import PlanningVerbs
from workbench.verbs.side_by_side import SideBySideVerbs
from workbench.verbs.written import WrittenVerbs

if TYPE_CHECKING:
    from workbench.figures import Figures


class Workbench(
    ModelVerbs,
    JobVerbs,
    IntegrityVerbs,
    OwnVerbs,
    WrittenVerbs,
    PlanningVerbs,
    SideBySideVerbs,
    CertaintyVerbs,
    ControlVerbs,
    AccessVerbs,
):
    """An open home and everything one can do with it."""

    @cached_property
    def figures(self) -> "Figures":
        """What screens show that takes long, as it was counted last."""
        from workbench.figures import Figures

        return Figures(self)

    def close(self) -> None:
        """Stop counting and jobs, release models and database; everything acknowledged is on disk."""
        if "figures" in self.__dict__:
            self.figures.close()
        super().close()
