"""The tables, as a numbered list of small migrations; all other SQL stands in `arena/store/`.

No foreign keys: DuckDB refuses to update a row that one points at, even in unrelated columns. The writer checks
references instead. What must never be wrong is enforced by the database: a vote has a voter and a criterion, and
(battle, voter, criterion, revision) is unique, so that of all revisions exactly one is the highest and stands.
"""

from dataclasses import dataclass

import duckdb

from arena.errors import StoreDamaged

_TABLES = """
CREATE TABLE identity (store_id UUID NOT NULL);
INSERT INTO identity SELECT uuid();

CREATE TYPE outcome AS ENUM ('model_a', 'model_b', 'tie', 'both_bad');
CREATE TYPE voter_kind AS ENUM ('human', 'judge', 'simulated');
CREATE TYPE model_kind AS ENUM ('endpoint', 'local', 'recorded');

CREATE SEQUENCE model_ids;
CREATE TABLE models (
    model_id INTEGER PRIMARY KEY DEFAULT nextval('model_ids'),
    name VARCHAR NOT NULL UNIQUE CHECK (trim(name) <> ''),
    kind model_kind NOT NULL,
    options JSON NOT NULL,
    parent VARCHAR,
    created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    removed_at TIMESTAMPTZ
);

CREATE TABLE prompts (
    prompt_id VARCHAR PRIMARY KEY CHECK (trim(prompt_id) <> ''),
    messages JSON NOT NULL,
    reference VARCHAR,
    category VARCHAR,
    language VARCHAR,
    source VARCHAR
);
CREATE TABLE prompt_sets (
    set_name VARCHAR NOT NULL CHECK (trim(set_name) <> ''),
    position INTEGER NOT NULL,
    prompt_id VARCHAR NOT NULL,
    PRIMARY KEY (set_name, prompt_id)
);

CREATE TABLE answers (
    answer_id UUID PRIMARY KEY,
    prompt_id VARCHAR NOT NULL,
    model_id INTEGER NOT NULL,
    text VARCHAR NOT NULL,
    finish_reason VARCHAR,
    tokens INTEGER,
    seconds DOUBLE,
    sampling JSON,
    error VARCHAR,
    recorded BOOLEAN NOT NULL,
    created_at TIMESTAMPTZ NOT NULL DEFAULT now()
);

CREATE TABLE battles (
    battle_id UUID PRIMARY KEY,
    prompt_id VARCHAR,
    model_a INTEGER NOT NULL,
    model_b INTEGER NOT NULL CHECK (model_a <> model_b),
    started_by_kind voter_kind,
    started_by VARCHAR,
    votable BOOLEAN NOT NULL,
    created_at TIMESTAMPTZ NOT NULL DEFAULT now()
);
CREATE TABLE turns (
    battle_id UUID NOT NULL,
    turn INTEGER NOT NULL CHECK (turn >= 0),
    user_text VARCHAR,
    answer_a UUID NOT NULL,
    answer_b UUID NOT NULL,
    failed BOOLEAN NOT NULL,
    PRIMARY KEY (battle_id, turn)
);

CREATE TABLE votes (
    seq BIGINT NOT NULL,
    battle_id UUID NOT NULL,
    model_a INTEGER NOT NULL,
    model_b INTEGER NOT NULL,
    winner outcome,
    voter_kind voter_kind NOT NULL,
    voter VARCHAR NOT NULL CHECK (trim(voter) <> ''),
    criterion VARCHAR NOT NULL CHECK (trim(criterion) <> ''),
    revision INTEGER NOT NULL CHECK (revision >= 0),
    reasons VARCHAR[] NOT NULL,
    comment VARCHAR,
    created_at TIMESTAMPTZ NOT NULL,
    UNIQUE (battle_id, voter_kind, voter, criterion, revision)
);

CREATE VIEW standing_votes AS
SELECT * FROM votes AS vote
WHERE vote.winner IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM votes AS later
    WHERE later.revision > 0
      AND later.battle_id = vote.battle_id
      AND later.voter_kind = vote.voter_kind
      AND later.voter = vote.voter
      AND later.criterion = vote.criterion
      AND later.revision > vote.revision
);
"""

_JUDGMENTS = """
CREATE TABLE judges (
    name VARCHAR PRIMARY KEY CHECK (trim(name) <> ''),
    kind VARCHAR NOT NULL,
    options JSON NOT NULL,
    created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    removed_at TIMESTAMPTZ
);

CREATE TABLE judge_calls (
    call_key VARCHAR NOT NULL,
    attempt INTEGER NOT NULL CHECK (attempt >= 1),
    judge VARCHAR NOT NULL,
    fingerprint VARCHAR NOT NULL,
    messages JSON NOT NULL,
    reply VARCHAR,
    reading JSON,
    failure VARCHAR,
    detail VARCHAR,
    finish_reason VARCHAR,
    prompt_tokens INTEGER,
    completion_tokens INTEGER,
    cost DOUBLE,
    seconds DOUBLE,
    created_at TIMESTAMPTZ NOT NULL,
    CHECK ((reading IS NULL) <> (failure IS NULL)),
    PRIMARY KEY (call_key, attempt)
);

CREATE TABLE verdicts (
    battle_id UUID NOT NULL,
    judge VARCHAR NOT NULL,
    criterion VARCHAR NOT NULL,
    fingerprint VARCHAR NOT NULL,
    winner outcome,
    failure VARCHAR,
    detail VARCHAR,
    inconsistent BOOLEAN NOT NULL,
    probability_a DOUBLE CHECK (probability_a BETWEEN 0 AND 1),
    strength INTEGER NOT NULL,
    forward outcome,
    backward outcome,
    calls VARCHAR[] NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    CHECK ((winner IS NULL) <> (failure IS NULL)),
    PRIMARY KEY (battle_id, judge, criterion, fingerprint)
);

CREATE TABLE scorers (
    fingerprint VARCHAR PRIMARY KEY,
    scorer VARCHAR NOT NULL,
    depends JSON NOT NULL,
    higher_is_better BOOLEAN NOT NULL
);
CREATE TABLE scores (
    answer_id UUID NOT NULL,
    scorer VARCHAR NOT NULL,
    fingerprint VARCHAR NOT NULL,
    value DOUBLE CHECK (isfinite(value)),
    reason VARCHAR,
    detail JSON,
    calls VARCHAR[] NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    CHECK ((value IS NULL) <> (reason IS NULL)),
    PRIMARY KEY (answer_id, scorer, fingerprint)
);

CREATE TABLE golden_sets (
    name VARCHAR PRIMARY KEY CHECK (trim(name) <> ''),
    content JSON NOT NULL,
    content_hash VARCHAR NOT NULL,
    created_at TIMESTAMPTZ NOT NULL DEFAULT now()
);
CREATE TABLE golden_results (
    result_id UUID PRIMARY KEY,
    golden VARCHAR NOT NULL,
    content_hash VARCHAR NOT NULL,
    model VARCHAR NOT NULL,
    summary JSON NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    accepted_at TIMESTAMPTZ
);
CREATE TABLE golden_scores (
    result_id UUID NOT NULL,
    prompt_id VARCHAR NOT NULL,
    scorer VARCHAR NOT NULL,
    fingerprint VARCHAR NOT NULL,
    answer_id UUID NOT NULL,
    value DOUBLE CHECK (isfinite(value)),
    reason VARCHAR,
    CHECK ((value IS NULL) <> (reason IS NULL)),
    PRIMARY KEY (result_id, prompt_id, scorer)
);
"""

_TOGETHER = """
CREATE SEQUENCE job_numbers;
CREATE TABLE jobs (
    job_id VARCHAR PRIMARY KEY CHECK (trim(job_id) <> ''),
    kind VARCHAR NOT NULL,
    title VARCHAR NOT NULL,
    spec JSON NOT NULL,
    state VARCHAR NOT NULL,
    progress JSON NOT NULL,
    lines VARCHAR[] NOT NULL,
    result JSON,
    error VARCHAR,
    error_kind VARCHAR,
    error_detail JSON,
    started_by VARCHAR,
    attempts INTEGER NOT NULL CHECK (attempts >= 1),
    created_at TIMESTAMPTZ NOT NULL,
    started_at TIMESTAMPTZ NOT NULL,
    heard_at TIMESTAMPTZ NOT NULL,
    ended_at TIMESTAMPTZ
);

CREATE TABLE set_aside (
    battle_id UUID PRIMARY KEY,
    reason VARCHAR NOT NULL CHECK (reason IN ('named', 'attention'))
);
CREATE TABLE written_answers (
    answer_id UUID PRIMARY KEY,
    battle_id UUID NOT NULL,
    voter_kind voter_kind NOT NULL,
    voter VARCHAR NOT NULL CHECK (trim(voter) <> ''),
    criterion VARCHAR NOT NULL CHECK (trim(criterion) <> ''),
    revision INTEGER NOT NULL CHECK (revision >= 0),
    text VARCHAR,
    created_at TIMESTAMPTZ NOT NULL,
    UNIQUE (battle_id, voter_kind, voter, revision)
);
CREATE VIEW standing_written AS
SELECT * FROM written_answers AS written
WHERE written.text IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM written_answers AS later
    WHERE later.battle_id = written.battle_id
      AND later.voter_kind = written.voter_kind
      AND later.voter = written.voter
      AND later.revision > written.revision
);

CREATE TABLE review_queues (
    name VARCHAR PRIMARY KEY CHECK (trim(name) <> ''),
    instructions VARCHAR NOT NULL,
    criterion VARCHAR NOT NULL CHECK (trim(criterion) <> ''),
    overlap INTEGER NOT NULL CHECK (overlap >= 1),
    created_at TIMESTAMPTZ NOT NULL,
    closed_at TIMESTAMPTZ
);
CREATE TABLE review_items (
    queue VARCHAR NOT NULL,
    position INTEGER NOT NULL,
    battle_id UUID NOT NULL,
    expected outcome,
    PRIMARY KEY (queue, battle_id)
);
CREATE TABLE review_skips (
    queue VARCHAR NOT NULL,
    battle_id UUID NOT NULL,
    voter_kind voter_kind NOT NULL,
    voter VARCHAR NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (queue, battle_id, voter_kind, voter)
);

CREATE TABLE api_tokens (
    token_id VARCHAR PRIMARY KEY,
    name VARCHAR NOT NULL,
    person VARCHAR NOT NULL,
    role VARCHAR NOT NULL,
    hash VARCHAR NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ,
    revoked_at TIMESTAMPTZ
);
"""


_TRUST = """
CREATE TABLE self_named (
    answer_id UUID PRIMARY KEY,
    words VARCHAR NOT NULL
);
CREATE TABLE self_named_read (
    name VARCHAR PRIMARY KEY,
    words VARCHAR NOT NULL,
    answers BIGINT NOT NULL,
    read_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE answer_styles (
    answer_id UUID PRIMARY KEY,
    characters INTEGER NOT NULL,
    tokens INTEGER NOT NULL,
    headers INTEGER NOT NULL,
    lists INTEGER NOT NULL,
    bold INTEGER NOT NULL
);
"""


@dataclass(frozen=True, slots=True)
class Migration:
    """One step of the schema; `number` counts from 1 without gaps and a published step is never edited."""

    number: int
    title: str
    sql: str


MIGRATIONS = (
    Migration(1, "models, prompts, answers, battles and votes", _TABLES),
    Migration(2, "judges, their calls, verdicts, scores and golden sets", _JUDGMENTS),
    Migration(3, "jobs, review queues, written answers, battles set aside and API tokens", _TOGETHER),
    Migration(4, "answers that name their own model, and the style of answers", _TRUST),
)


def migrate(con: duckdb.DuckDBPyConnection, migrations: tuple[Migration, ...] = MIGRATIONS) -> int:
    """Bring the database behind `con` to the newest of `migrations`, each in its own transaction; return its number.

    Raises:
        StoreDamaged: the file belongs to a newer version of the workbench, or to something else.
    """
    known = migrations[-1].number
    found = version(con)
    if found > known:
        raise StoreDamaged(
            f"The database was written by a newer workbench (schema {found}, this one knows {known}): "
            "upgrade the workbench to open it."
        )
    for step in migrations:
        if step.number > found:
            _apply(con, step)
    return known


def version(con: duckdb.DuckDBPyConnection) -> int:
    """Return the number of the newest migration applied, 0 for an empty database.

    Raises:
        StoreDamaged: there are tables, but not those of a workbench.
    """
    tables = {row[0] for row in con.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
    if not tables:
        return 0
    if "migrations" not in tables:
        raise StoreDamaged(
            f"The file is a DuckDB database, but not a workbench's (it has the table {min(tables)!r}): "
            "name another file or folder."
        )
    newest = con.execute("SELECT coalesce(max(number), 0) FROM migrations").fetchall()[0][0]
    return int(newest)


def _apply(con: duckdb.DuckDBPyConnection, step: Migration) -> None:
    con.execute("BEGIN")
    try:
        if step.number == 1:
            con.execute(
                "CREATE TABLE migrations (number INTEGER PRIMARY KEY, title VARCHAR NOT NULL, "
                "applied_at TIMESTAMPTZ NOT NULL DEFAULT now())"
            )
        con.execute(step.sql)
        con.execute("INSERT INTO migrations (number, title) VALUES (?, ?)", [step.number, step.title])
        con.execute("COMMIT")
    except BaseException:
        con.execute("ROLLBACK")
        raise
