"""API tokens: found by hash, good until they expire or are revoked, never stored in the clear."""

from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest

from arena.errors import Conflict, InvalidInput, NotFound
from arena.store import Store
from arena.tokens import ApiToken

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)


def token(name="script", secret="s", expires=None, number=1):
    return ApiToken(f"t{number}", name, name, "analyst", sha256(secret.encode()).hexdigest(), NOW, expires)


def test_a_token_is_found_by_its_hash_also_after_opening_again(path):
    made = token(expires=NOW + timedelta(days=3))
    with Store.open(path) as store:
        store.tokens.add(made)
        assert store.tokens.find(made.hash) == made
    with Store.open(path) as store:
        assert store.tokens.find(made.hash) == made
        assert store.tokens.list() == [made]
        assert store.tokens.find("0" * 64) is None


def test_a_token_holds_until_it_expires():
    made = token(expires=NOW + timedelta(days=3))
    assert made.holds(NOW + timedelta(days=2, hours=23)) and not made.holds(NOW + timedelta(days=3))
    assert token().holds(NOW + timedelta(days=10_000))


def test_a_revoked_token_holds_no_more_also_after_opening_again(path):
    made = token()
    with Store.open(path) as store:
        store.tokens.add(made)
        store.tokens.revoke("script", NOW + timedelta(hours=1))
        assert not store.tokens.find(made.hash).holds(NOW + timedelta(hours=2))
    with Store.open(path) as store:
        assert not store.tokens.find(made.hash).holds(NOW + timedelta(hours=2))
        assert store.tokens.list() == []


def test_a_name_is_taken_as_long_as_its_token_is_good(store):
    store.tokens.add(token(expires=NOW + timedelta(days=1)))
    with pytest.raises(Conflict, match="already"):
        store.tokens.add(token(secret="other", number=2))
    store.tokens.revoke("script", NOW)
    store.tokens.add(token(secret="other", number=2))
    assert [known.token_id for known in store.tokens.list()] == ["t2"]


def test_an_unknown_name_is_not_revoked_and_an_empty_one_not_stored(store):
    with pytest.raises(NotFound, match="tokens add"):
        store.tokens.revoke("script", NOW)
    store.tokens.add(token())
    with pytest.raises(NotFound, match="did you mean 'script'"):
        store.tokens.revoke("scrip", NOW)
    with pytest.raises(InvalidInput, match="name"):
        store.tokens.add(token(name=" ", number=3))


def test_the_hash_is_not_shown():
    assert token().hash not in repr(token())
