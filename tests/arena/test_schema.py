import duckdb
import pytest

from arena.errors import StoreDamaged
from arena.schema import MIGRATIONS, Migration, migrate, version
from arena.types import ModelKind, VoterKind, Winner


@pytest.fixture
def con():
    with duckdb.connect() as opened:
        yield opened


def test_migrations_are_numbered_from_one_without_gaps():
    assert [step.number for step in MIGRATIONS] == list(range(1, len(MIGRATIONS) + 1))


def test_an_empty_database_gets_every_migration_once(con):
    assert version(con) == 0
    assert migrate(con) == len(MIGRATIONS) == version(con)
    assert migrate(con) == version(con)
    recorded = con.execute("SELECT number, title FROM migrations ORDER BY number").fetchall()
    assert recorded == [(step.number, step.title) for step in MIGRATIONS]


def test_an_older_database_gets_only_what_it_lacks(con):
    migrate(con)
    newer = (
        *MIGRATIONS,
        Migration(len(MIGRATIONS) + 1, "stars", "ALTER TABLE models ADD COLUMN stars INTEGER"),
    )
    assert migrate(con, newer) == len(MIGRATIONS) + 1
    assert con.execute("SELECT stars FROM models").fetchall() == []


def test_a_migration_that_fails_leaves_nothing_behind(con):
    migrate(con)
    broken = Migration(
        len(MIGRATIONS) + 1, "broken", "CREATE TABLE half (a INTEGER); SELECT no_such_function()"
    )
    with pytest.raises(duckdb.Error):
        migrate(con, (*MIGRATIONS, broken))
    assert version(con) == len(MIGRATIONS)
    assert con.execute("SELECT 1 FROM duckdb_tables() WHERE table_name = 'half'").fetchall() == []


def test_a_newer_database_is_refused_in_one_sentence(con):
    migrate(con)
    con.execute("INSERT INTO migrations (number, title) VALUES (99, 'from the future')")
    with pytest.raises(StoreDamaged, match=r"newer workbench \(schema 99, this one knows \d+\): upgrade"):
        migrate(con)


def test_someone_elses_database_is_refused_and_left_alone(con):
    con.execute("CREATE TABLE invoices (amount INTEGER)")
    with pytest.raises(StoreDamaged, match=r"not a workbench's .*'invoices'"):
        migrate(con)
    assert con.execute("SELECT table_name FROM duckdb_tables()").fetchall() == [("invoices",)]


@pytest.mark.parametrize(
    ("name", "kind"), [("outcome", Winner), ("voter_kind", VoterKind), ("model_kind", ModelKind)]
)
def test_the_words_of_the_database_are_the_words_of_the_code_in_the_same_order(con, name, kind):
    migrate(con)
    assert con.execute(f"SELECT enum_range(NULL::{name})").fetchall()[0][0] == [word.value for word in kind]
