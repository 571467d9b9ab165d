import json

import pyarrow as pa
import pyarrow.parquet as parquet
import pytest

from arena.errors import InvalidInput
from arena.formats.records import lines_of, records, sample_fields
from arena.formats.source import open_source


def read(path):
    return [(r.line, dict(r.fields) if r.problem is None else r.problem) for r in records(open_source(path))]


def test_a_csv_row_has_the_line_it_begins_on(write):
    path = write("a.csv", '\ufeff\r\na,b\r\n1,"two\r\nlines"\r\n\r\n3\r\n4,5,6\r\n7,8,\r\n')
    assert read(path) == [
        (3, {"a": "1", "b": "two\r\nlines"}),
        (6, "has 1 fields where the header has 2"),
        (7, "has 3 fields where the header has 2"),
        (8, {"a": "7", "b": "8"}),
    ]


def test_json_lines_have_their_line_and_their_fault(write):
    path = write("a.jsonl", '\ufeff{"a": 1}\r\n\r\n{"a": \n[1]\n{"a": "é"}')
    assert read(path) == [
        (1, {"a": 1}),
        (3, "is not JSON"),
        (4, "is not a JSON object"),
        (5, {"a": "é"}),
    ]


def test_the_entries_of_a_json_list_have_the_line_they_begin_on(write):
    path = write("a.json", '[\n  {"a": [1,\n 2]},\n\n {"a": 2}, 3\n]\n')
    assert read(path) == [(2, {"a": [1, 2]}), (5, {"a": 2}), (5, "is not a JSON object")]


@pytest.mark.parametrize("text", ['[{"a": 1}', '[{"a": 1},', '[{"a": 1} {"a": 2}]', '[{"a": }]'])
def test_a_broken_json_list_is_an_error_of_the_file(write, text):
    with pytest.raises(InvalidInput, match="JSON"):
        read(write("a.json", text))


def test_a_parquet_row_has_its_number_and_nested_values(tmp_path):
    rows = [{"a": [{"role": "user", "content": "hi"}]}, {"a": None}]
    parquet.write_table(pa.Table.from_pylist(rows), tmp_path / "a.parquet")
    assert read(tmp_path / "a.parquet") == [(1, rows[0]), (2, rows[1])]


def test_a_damaged_parquet_file_is_an_error_of_the_file(write):
    with pytest.raises(InvalidInput, match="damaged Parquet"):
        read(write("a.parquet", b"PAR1 this is none"))


def test_text_that_turns_out_not_to_be_utf8_is_an_error_of_the_file(write):
    with pytest.raises(InvalidInput, match="is not UTF-8"):
        read(write("a.csv", b"a,b\n" + b"1,2\n" * 400_000 + b"\xff,2\n"))


def test_plain_lines_are_prompts(write):
    source = open_source(write("a.txt", "One?\n\n  Two?  \n"), plain=True)
    assert [(r.line, r.fields) for r in records(source)] == [(1, {"prompt": "One?"}), (3, {"prompt": "Two?"})]


def test_the_fields_of_a_file_are_those_of_its_first_rows_together(write):
    assert sample_fields(open_source(write("a.jsonl", [{"a": 1}, {"a": 2, "b": 3}]))) == ("a", "b")
    long = [{"a": "x" * 900_000}, {"b": "y" * 900_000}, {"c": 1}]
    assert sample_fields(open_source(write("a.json", json.dumps(long)))) == ("a",)


def test_rows_are_found_again_by_number_as_duckdb_counts_them(write):
    csv = open_source(write("a.csv", 'a,b\n1,"x\ny"\nshort\n2,3\n'))
    assert lines_of(csv, [1, 2]) == {1: 2, 2: 5}
    array = open_source(write("a.json", '[{"a": 1},\n7,\n{"a": 2}]'))
    assert lines_of(array, [1, 2, 3]) == {1: 1, 2: 2, 3: 3}
    assert lines_of(open_source(write("a.jsonl", [{"a": 1}])), [1]) == {1: 1}
