"""Routes of how far judges agree with people, and whether their votes count."""

from workbench.access.roles import Role
from workbench.api.exposed import Exposed

_ALL = {"criterion": "On this criterion only; on each without it.", "judge": "This judge only."}

TABLE = (
    Exposed("agreements", "GET", "/agreement", Role.ANALYST, words=_ALL),
    Exposed("agreement", "GET", "/agreement/{judge}", Role.ANALYST),
    Exposed("agreement_matrix", "GET", "/agreement/{judge}/matrix", Role.ANALYST),
    Exposed("judge_worth", "GET", "/agreement/{judge}/worth", Role.ANALYST),
    Exposed("judges_between", "GET", "/agreement-between-judges", Role.ANALYST),
    Exposed("licences", "GET", "/licences", Role.ANALYST),
    Exposed("licence", "GET", "/licences/{judge}", Role.ANALYST),
    Exposed("bar", "GET", "/licence-bar", Role.ANALYST),
)
