"""Juries: judges that decide together."""

from arena.judgments import BattleFilter, Failure, JudgeKind, JudgeSpec
from arena.types import Winner
from tests.support.scripted_judge import first_shown, longer, scripted_judge
from tests.workbench.judged_home import TOPICS, add_battles, add_judge, add_jury, judge, votes_of


def test_a_jury_decides_by_its_members_who_vote_under_their_own_names(home):
    battles = add_battles(home, TOPICS)
    with scripted_judge(longer) as one, scripted_judge(longer) as two, scripted_judge(first_shown) as three:
        add_jury(home, {"one": one, "two": two, "three": three})
        report = judge(home, "jury")
    assert (report.outcomes, report.failed, report.calls) == ({Winner.MODEL_A: 5}, 0, 30)
    assert [(member.judge, member.decided) for member in report.members] == [
        ("one", 5),
        ("two", 5),
        ("three", 5),
    ]
    assert votes_of(home, battles[0].battle_id) == {
        "one": "model_a", "two": "model_a", "three": "tie", "jury": "model_a",
    }  # fmt: skip
    assert report.agreement is not None and report.agreement < 1
    transcript = home.transcript(battles[0].battle_id, "jury")
    assert [member.verdict.judge for member in transcript.members] == ["one", "two", "three"]
    assert len(transcript.members[0].exchanges) == 2
    assert transcript.exchanges == ()
    assert transcript.verdict.detail == "one: model_a, two: model_a, three: tie"


def test_a_jury_uses_what_its_members_have_judged_already(home):
    add_battles(home, TOPICS)
    with scripted_judge(longer) as one, scripted_judge(longer) as two:
        add_jury(home, {"one": one, "two": two})
        judge(home, "one")
        report = judge(home, "jury")
        assert report.calls == 10
        assert [member.judged_before for member in report.members] == [5, 0]
        assert judge(home, "jury").judged_before == 5
    assert (len(one.requests), len(two.requests)) == (10, 10)


def test_a_jury_without_enough_verdicts_has_none_and_says_why(home):
    add_battles(home, ["Say it <unreadable>", "Say it well."])
    with scripted_judge() as one, scripted_judge() as two, scripted_judge(bad_days=False) as three:
        add_jury(home, {"one": one, "two": two, "three": three})
        report = judge(home, "jury")
        assert (report.decided, report.failures) == (1, {Failure.UNREADABLE: 1})
        add_jury(home, {"one": one, "two": two, "three": three}, min_jurors=1)
        assert judge(home, "jury").decided == 2


def test_a_jury_under_a_ceiling_spends_no_more_than_it_in_all(home):
    add_battles(home, TOPICS)
    with scripted_judge(usage=(500, 10)) as one, scripted_judge(usage=(500, 10)) as two:
        for name, server in (("one", one), ("two", two)):
            add_judge(home, server, name, max_tokens=20, slots=1)
        home.add_judge(JudgeSpec("jury", JudgeKind.JURY, {"members": "one, two"}))
        report = judge(home, "jury", max_tokens=7000)
        assert report.tokens <= 7000
        assert report.not_asked > 0
        rest = judge(home, "jury")
    assert report.decided + rest.decided == 5
    assert len(one.requests) + len(two.requests) == 20


def test_a_jurys_progress_is_that_of_its_slowest_member(home):
    add_battles(home, [f"Topic {number}" for number in range(30)])
    seen = []
    with scripted_judge() as quick, scripted_judge(after=0.05) as slow:
        for name, server in (("quick", quick), ("slow", slow)):
            add_judge(home, server, name, slots=2)
        home.add_judge(JudgeSpec("jury", JudgeKind.JURY, {"members": "quick, slow"}))
        judge(home, "quick", BattleFilter(limit=10))
        judge(home, "jury", on_progress=seen.append)
    done = [progress.done for progress in seen]
    assert done == sorted(done)
    assert any(0 < number < 30 for number in done), "it moves before the jury decides"
    assert (done[-1], seen[-1].total, seen[-1].seconds_left) == (30, 30, 0)
