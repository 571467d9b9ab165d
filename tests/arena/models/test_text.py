import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena.models.text import TextPieces


def decode_bytes(ids):
    return bytes(ids).decode(errors="replace")


def pieces_of(ids) -> list[str]:
    pieces = TextPieces(decode_bytes)
    return [*(pieces.push(token) for token in ids), pieces.rest()]


@given(st.text(max_size=60))
def test_pieces_of_whole_characters_join_to_the_text(text):
    pieces = pieces_of(text.encode())
    assert "".join(pieces) == text
    assert all("\ufffd" not in piece for piece in pieces) or "\ufffd" in text


@given(st.binary(max_size=60))
def test_pieces_of_any_bytes_join_to_what_decoding_all_of_them_gives(data):
    assert "".join(pieces_of(data)) == decode_bytes(data)


def test_a_character_of_four_tokens_comes_with_its_last_one():
    assert pieces_of("🌊!".encode()) == ["", "", "", "🌊", "!", ""]


def test_half_a_character_at_the_end_is_not_lost():
    assert "".join(pieces_of("né".encode()[:-1])) == "n\ufffd"


def test_a_leading_space_that_lone_tokens_lose_is_kept():
    words = {1: "▁Good", 2: "▁morning", 3: "."}

    def decode(ids):
        return "".join(words[token] for token in ids).replace("▁", " ").removeprefix(" ")

    pieces = TextPieces(decode)
    assert [pieces.push(token) for token in (1, 2, 3)] == ["Good", " morning", "."]


@pytest.mark.parametrize("ids", [[], [65]])
def test_rest_is_empty_when_nothing_is_held_back(ids):
    assert pieces_of(ids)[-1] == ""
