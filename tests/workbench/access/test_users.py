"""Who may sign in stands in users.toml, which is read again whenever it changes."""

import stat

import pytest

from arena.errors import Conflict, InvalidInput, NotFound
from workbench.access.passwords import hash_password, is_password
from workbench.access.roles import Role
from workbench.access.users import Users

HASH = "$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$aGFzaA"


@pytest.fixture
def users(tmp_path):
    return Users(tmp_path)


def test_without_a_file_nobody_signs_in(users):
    assert not users.exist and users.get("ana") is None and users.list() == []


def test_what_one_writes_another_reads(users, tmp_path):
    users.add("ana", Role.VOTER, HASH)
    users.add("Åsa@example.org", Role.ADMIN, HASH)
    other = Users(tmp_path)
    assert [(user.name, user.role) for user in other.list()] == [
        ("ana", Role.VOTER),
        ("Åsa@example.org", Role.ADMIN),
    ]
    other.set_role("ana", Role.ANALYST)
    assert users.get("ana").role is Role.ANALYST
    other.remove("ana")
    assert users.get("ana") is None and users.exist


def test_only_its_owner_can_read_the_file(users, tmp_path):
    users.add("ana", Role.VOTER, HASH)
    assert stat.S_IMODE((tmp_path / "users.toml").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["users.toml"]


def test_a_new_password_changes_the_stamp_and_a_new_role_does_not(users):
    stamp = users.add("ana", Role.VOTER, HASH).stamp
    assert users.set_role("ana", Role.ADMIN).stamp == stamp
    assert users.set_password("ana", HASH + "x").stamp != stamp


def test_the_hash_is_never_shown(users):
    assert HASH not in repr(users.add("ana", Role.VOTER, HASH))


@pytest.mark.parametrize("name", ["", " ", "a b", "a/b", 'a"b', "a\nb", "x" * 65, "anonymous-1"])
def test_a_name_that_cannot_be_used_is_refused(users, name):
    with pytest.raises(InvalidInput, match="cannot be a user's name"):
        users.add(name, Role.VOTER, HASH)


def test_a_name_is_taken_once(users):
    users.add("ana", Role.VOTER, HASH)
    with pytest.raises(Conflict, match="users password ana"):
        users.add("ana", Role.ADMIN, HASH)


def test_somebody_unknown_is_named_with_those_there_are(users):
    users.add("ana", Role.VOTER, HASH)
    for change in (lambda: users.remove("bea"), lambda: users.set_role("bea", Role.ADMIN)):
        with pytest.raises(NotFound, match="'bea': there is ana"):
            change()


@pytest.mark.parametrize(
    "text",
    [
        "[[users]",
        '[[users]]\nname = "ana"\nrole = "king"\npassword = "x"',
        '[[users]]\nname = "ana"\nrole = "voter"',
        '[[users]]\nname = "ana"\nrole = "voter"\npassword = "x"\n' * 2,
        '[[users]]\nname = "ana"\nrole = "voter"\npassword = "secret"\nextra = 1',
        'users = "all"',
    ],
)
def test_a_file_that_cannot_be_used_lets_nobody_in_and_says_why(users, tmp_path, text):
    (tmp_path / "users.toml").write_text(text)
    for _ in range(2):
        with pytest.raises(InvalidInput, match=r"users\.toml") as refused:
            users.get("ana")
        assert "secret" not in str(refused.value)


def test_a_password_is_known_by_its_hash_only():
    hashed = hash_password("correct horse")
    assert hashed.startswith("$argon2id$") and "correct" not in hashed
    assert is_password("correct horse", hashed)
    assert not is_password("correct horsf", hashed)
    assert not is_password("correct horse", "nonsense")
    assert not is_password("correct horse", None)
    assert not is_password("x" * 5000, hashed)


@pytest.mark.parametrize("password", ["", "short", "x" * 1025])
def test_a_password_too_short_or_too_long_is_refused(password):
    with pytest.raises(InvalidInput, match="characters"):
        hash_password(password)
