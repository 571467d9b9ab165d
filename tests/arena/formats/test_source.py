import gzip
import os

import pytest

from arena.errors import InvalidInput
from arena.formats.source import Container, open_source

CSV = "model_a,model_b,winner\na,b,tie\n"


@pytest.mark.parametrize(
    ("name", "content", "container"),
    [
        ("votes.csv", CSV, Container.CSV),
        ("votes.txt", CSV, Container.CSV),
        ("votes", '{"model_a": "a"}\n{"model_a": "b"}\n', Container.JSONL),
        ("votes.json", '{"model_a": "a"}\n{"model_a": "b"}\n', Container.JSONL),
        ("votes.jsonl", '\n [\n {"model_a": "a"}]', Container.JSON),
        ("votes.csv.gz", CSV, Container.CSV),
    ],
)
def test_what_holds_the_rows_is_seen_by_content(write, name, content, container):
    assert open_source(write(name, content)).container is container


def test_only_where_plain_text_is_meant_a_txt_file_is_lines(write):
    path = write("prompts.txt", "What is a lighthouse?\n")
    assert open_source(path, plain=True).container is Container.LINES
    assert open_source(path).container is Container.CSV


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_the_one_that_parts_the_header(write, delimiter):
    source = open_source(write("votes.csv", "Model_A,MODEL_B , winner\n".replace(",", delimiter)))
    assert (source.delimiter, source.header) == (delimiter, ("model_a", "model_b", "winner"))


def test_the_hash_is_of_the_unpacked_content(write):
    plain, packed = open_source(write("a.csv", CSV)), open_source(write("b.csv.gz", CSV))
    assert plain.sha256 == packed.sha256
    assert packed.gzipped and not plain.gzipped
    assert plain.sha256 != open_source(write("c.csv", CSV + "c,d,tie\n")).sha256


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is empty"),
        (b"\n \r\n\t", "is empty"),
        (b"\xef\xbb\xbf\n", "is empty"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "is a binary file"),
        ("model_a,model_b\n".encode("utf-16"), "is UTF-16 text"),
        ("mod\xe8le,b\n".encode("latin-1"), "is not UTF-8 text"),
        (gzip.compress(CSV.encode() * 50, mtime=0)[:-12], "is a damaged gzip file"),
        (gzip.compress(b"PAR1....", mtime=0), "is a gzipped Parquet file"),
    ],
    ids=lambda given: given if isinstance(given, str) else "",
)
def test_what_cannot_be_read_is_one_sentence_with_the_path(write, content, sentence):
    path = write("votes.csv", content)
    with pytest.raises(InvalidInput, match=sentence) as caught:
        open_source(path)
    assert str(path) in str(caught.value)
    assert str(caught.value).count(". ") == 0


def test_a_folder_and_a_missing_file_are_named(tmp_path):
    with pytest.raises(InvalidInput, match="is a folder: name the file in it"):
        open_source(tmp_path)
    with pytest.raises(InvalidInput, match=r"There is no file .*votes\.csv"):
        open_source(tmp_path / "votes.csv")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_a_file_that_may_not_be_read_is_named(write):
    path = write("votes.csv", CSV)
    path.chmod(0)
    with pytest.raises(InvalidInput, match="cannot be read"):
        open_source(path)


def test_one_json_object_over_several_lines_is_told_from_json_lines(write):
    with pytest.raises(InvalidInput, match="one JSON object over several lines"):
        open_source(write("votes.json", '{\n  "rows": []\n}'))


def test_a_character_on_the_edge_of_the_first_block_is_not_taken_for_a_wrong_encoding(write):
    content = b"model_a,model_b,winner\n" + b"x" * ((1 << 20) - 24) + "é,b,tie\n".encode()
    assert content[(1 << 20) - 1 : (1 << 20) + 1] == "é".encode()
    assert open_source(write("votes.csv", content)).container is Container.CSV
