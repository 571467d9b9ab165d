"""The table of who agrees with whom shows each pair twice and says how sure it is."""

import re

from arena.people.pairs import Between
from arena.statistics import UNKNOWN, Figure
from arena.types import Voter, VoterKind
from judges.agreement import Agreement, AgreementRow
from workbench.views.raters import FEW_BATTLES, NAMED_COLUMNS, raters

ANN, BOB = Voter(VoterKind.JUDGE, "ann"), Voter(VoterKind.SIMULATED, "<bob>")


def agreement(judge: Voter, kappa: float | None, people: float = 0.5) -> Agreement:
    figure = UNKNOWN if kappa is None else Figure(kappa, kappa - 0.1, kappa + 0.1, 50)
    row = AgreementRow(
        "all", "", 50 if kappa is not None else 0, 100, figure, figure, figure,
        *(Figure(people, None, None, 30),) * 3,
    )  # fmt: skip
    return Agreement(judge, "overall", 60, row)


def met(first: Voter, second: Voter, kappa: float, battles: int = 40) -> Between:
    figure = Figure(kappa, kappa - 0.2, kappa + 0.2, battles)
    return Between(first, second, battles, Figure(0.8, 0.7, 0.9, battles), figure)


def cells(html: str) -> list[list[str]]:
    body = html[html.index("<tbody") :]
    rows = re.findall(r"<tr>(.*?)</tr>", body)
    return [[re.sub("<.*?>", "", cell) for cell in re.findall(r"<td.*?</td>", row)] for row in rows]


def test_people_come_first_and_judges_follow_by_their_agreement_with_them() -> None:
    html = raters([agreement(BOB, 0.2), agreement(ANN, 0.7)], [met(ANN, BOB, 0.42)])
    names = re.findall(r'<span class="short"[^>]*>(.*?)</span>', html)
    assert names == ["People", "ann", "&lt;bob&gt;"]
    assert cells(html) == [["0.50", "0.70", "0.20"], ["0.70", "", "0.42"], ["0.20", "0.42", ""]]


def test_a_cell_says_its_interval_and_what_it_rests_on() -> None:
    html = raters([agreement(ANN, 0.7), agreement(BOB, 0.2)], [met(ANN, BOB, 0.42)])
    assert (
        "ann and &lt;bob&gt;: \u03ba 0.42 (0.22 to 0.62), the same outcome on 80\u202f% of 40 battles" in html
    )
    assert "Two people: \u03ba 0.50" in html


def test_few_battles_are_faint_and_disagreement_is_tinted_the_other_way() -> None:
    html = raters([agreement(ANN, 0.7), agreement(BOB, None)], [met(ANN, BOB, -0.3, FEW_BATTLES - 1)])
    assert html.count('class="c3 faint"') == 2
    assert cells(html)[0][2] == "\u00b7"


def test_nothing_is_shown_while_no_two_judges_met() -> None:
    assert raters([agreement(ANN, 0.7)], []) == ""
    assert raters([agreement(ANN, 0.7), agreement(BOB, 0.1)], [met(ANN, BOB, 0.1, 0)]) == ""


def test_many_raters_have_numbered_columns() -> None:
    judges = [Voter(VoterKind.JUDGE, f"judge {i}") for i in range(NAMED_COLUMNS)]
    html = raters([agreement(j, 0.1 * i) for i, j in enumerate(judges)], [met(judges[0], judges[1], 0.3)])
    assert "numbered" in html and 'title="judge 0"' in html
