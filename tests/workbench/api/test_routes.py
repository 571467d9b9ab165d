"""What all routes have in common: who may, what is refused and how, pages, and bodies."""

import json

import pytest

from arena.errors import ImportRejected, InvalidInput, ModelFailed, NotFound, TooMany, WorkbenchError
from tests.workbench.api.conftest import Caller
from workbench.api.problems import PROBLEM, error_of, problem_of
from workbench.api.table import TABLE

ROLES = ("voter", "analyst", "admin")
LINES = [pytest.param(line, id=line.verb) for lines in TABLE.values() for line in lines if not line.own]
FILLED = {"{battle_id}": "00000000-0000-0000-0000-000000000001", "{result_id}": "0" * 32}


@pytest.fixture(scope="module")
def roles(served_home):
    """Send requests as one person of each role."""
    bench, app, _ = served_home
    return Caller(bench, app, "role")


def place(line):
    path = line.path
    for part in [part for part in path.split("/") if part.startswith("{")]:
        path = path.replace(part, FILLED.get(part, "nobody"))
    return path


@pytest.mark.parametrize("line", LINES)
def test_a_route_of_the_table_is_for_its_role_and_those_above(roles, line):
    call, body = roles, {"json": {}} if line.method in ("POST", "PUT") else {}
    assert call(line.method, place(line), by=None, **body).status_code == 401
    assert call(line.method, place(line), by="stolen", **body).status_code == 401
    for role in ROLES:
        status = call(line.method, place(line), by=role, **body).status_code
        allowed = ROLES.index(role) >= ROLES.index(line.role)
        assert (status != 403) is allowed, role
        assert status < 500


@pytest.mark.parametrize(
    ("method", "path", "least"),
    [
        ("GET", "/exports/first/download", "analyst"),
        ("GET", "/exports/first", "analyst"),
        ("GET", "/votes/download", "analyst"),
        ("GET", "/jobs/x", "analyst"),
        ("GET", "/jobs/x/follow", "analyst"),
        ("POST", "/jobs/x/resume", "analyst"),
        ("POST", "/imports?what=votes&name=x.csv", "admin"),
    ],
)
def test_a_route_written_out_is_for_its_role_and_those_above(call, method, path, least):
    assert call(method, path, by=None).status_code == 401
    for role in ROLES:
        status = call(method, path, by=role).status_code
        assert (status != 403) is (ROLES.index(role) >= ROLES.index(least)), role


@pytest.mark.parametrize("kind", ["import", "train"])
def test_analysts_start_no_jobs_that_change_what_there_is(call, kind):
    spec = {"import": {"file": "/etc/passwd", "what": "votes"}, "train": {"run": "r"}}[kind]
    refused = call("POST", "/jobs", by="analyst", json={"kind": kind, **spec})
    assert refused.status_code == 403


def test_a_token_reads_no_file_of_the_apps_machine(call, tmp_path):
    secret = tmp_path / "secret.csv"
    secret.write_text("model_a,model_b,winner\nx,y,tie\n", "utf-8")
    spec = {"kind": "import", "file": str(secret), "what": "votes"}
    assert call("POST", "/jobs", by="admin", json=spec).status_code == 403
    assert (
        call(
            "POST", "/own/votes-file", by="admin", json={"path": str(tmp_path / "out.csv"), "votes": {}}
        ).status_code
        == 403
    )
    assert call("POST", "/own/golden", by="admin", json={"name": "g", "file": str(secret)}).status_code == 403
    assert call("POST", "/jobs", by="owner", json=spec).status_code == 202


def test_a_misspelt_filter_is_refused_and_not_ignored(call):
    body = {"name": "first", "votes": {"voter_kind": ["human"]}}
    answer = call("POST", "/exports", json=body)
    assert answer.status_code == 422
    assert "votes.voter_kind" in answer.json()["detail"]


@pytest.mark.parametrize(
    "path", ["/leaderboard?voter_kind=human", "/jobs/x?wiat=3", "/me?x=1", "/votes/download?form=csv"]
)
def test_a_misspelt_query_parameter_is_refused_and_not_ignored(call, path):
    answer = call("GET", path)
    assert answer.status_code == 422
    assert path.partition("?")[2].partition("=")[0] in answer.json()["detail"]


def test_values_of_the_wrong_kind_are_named_with_their_place(call):
    answer = call("GET", "/leaderboard?voter_kinds=robot")
    assert answer.status_code == 422
    assert answer.headers["content-type"] == PROBLEM
    assert "voter_kinds.0" in answer.json()["detail"] and '"robot"' in answer.json()["detail"]


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/nothing", 404), ("PUT", "/models", 405)])
def test_what_is_not_there_is_a_problem_document(call, method, path, status):
    answer = call(method, path)
    assert (answer.status_code, answer.headers["content-type"]) == (status, PROBLEM)
    assert answer.json()["status"] == status


def test_a_long_list_comes_in_pages(call):
    seen, cursor = [], None
    while True:
        more = f"&cursor={cursor}" if cursor else ""
        page = call("GET", f"/prompts?set_names=topics&limit=4{more}").json()
        seen += [item["messages"][0]["content"] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == [f"Tell me about topic {n}." for n in range(6)]


@pytest.mark.parametrize("cursor", ["x", "bm90IGpzb24", "IngiLQ", "e30", "MS41", "ä"])
@pytest.mark.parametrize("path", ["/prompts?set_names=topics", "/jobs", "/me/votes"])
def test_a_cursor_of_somewhere_else_is_refused(call, path, cursor):
    answer = call("GET", f"{path}{'&' if '?' in path else '?'}cursor={cursor}")
    assert answer.status_code in (404, 422)
    assert answer.headers["content-type"] == PROBLEM


def test_nobody_is_told_who_votes_by_a_filter_of_single_voters(call):
    assert call("GET", "/leaderboard?voters=ann", by="voter").status_code == 403
    assert call("GET", "/leaderboard?voters=ann", by="analyst").status_code == 200


def test_health_is_for_everybody_and_tells_no_secret(call):
    answer = call("GET", "/health", by=None)
    assert answer.status_code == 200
    assert set(answer.json()) == {"status", "version"}


def test_me_is_whoever_holds_the_token(call):
    assert call("GET", "/me", by="voter").json() == {
        "name": call.names["voter"],
        "role": "voter",
        "signed_in": True,
    }


def every_error():
    waiting, found = [WorkbenchError], []
    while waiting:
        kind = waiting.pop()
        found.append(kind)
        waiting += kind.__subclasses__()
    return found


@pytest.mark.parametrize("kind", every_error(), ids=lambda kind: kind.__name__)
def test_an_error_crosses_the_wire_as_what_it_is(kind):
    raised = kind("It failed: do this.")
    document = json.loads(problem_of(raised).model_dump_json(exclude_none=True))
    again = error_of(document)
    assert type(again) is kind
    assert str(again) == "It failed: do this."
    assert again.exit_code == raised.exit_code
    assert 400 <= document["status"] < 600


def test_rejected_rows_cross_with_their_lines():
    raised = ImportRejected("2 rows cannot be used.", ((2, "no winner"), (5, "a blank model")))
    again = error_of(json.loads(problem_of(raised).model_dump_json(exclude_none=True)))
    assert again.rejects == raised.rejects


@pytest.mark.parametrize(
    ("error", "status"),
    [(NotFound("x"), 404), (InvalidInput("x"), 422), (ModelFailed("x"), 424), (TooMany("x"), 429)],
)
def test_errors_have_the_status_the_document_tells(error, status):
    assert problem_of(error).status == status


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("kind_weights=human=much", "no number"),
        ("kind_weights=human=1&kind_weights=human=2", "given twice"),
        ("kind_weights=human=-1", "0 or more"),
        ("method=elo&prior=1", "has no prior"),
        ("anchor=nobody", "has no vote among these"),
    ],
)
def test_a_way_of_rating_that_cannot_be_is_refused_in_a_sentence(call, query, words):
    answer = call("GET", f"/leaderboard?{query}", by="voter")
    assert answer.status_code == 422 and words in answer.json()["detail"]
