"""JSON Lines and JSON: a good file, and one for each way in which it can be bad."""

import json
from pathlib import Path

import pytest

from audit.sources import jsonic
from tests.reading import refusal, told

SOUND = {"party_id": "a", "name": "b", "role": "c"}


def lines(*texts: object) -> bytes:
    return "\n".join(
        text if isinstance(text, str) else json.dumps(text, ensure_ascii=False) for text in texts
    ).encode("utf-8", "surrogatepass")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "parties.jsonl"


def test_numbers_keep_the_digits_they_are_written_with(file: Path) -> None:
    file.write_bytes(lines(SOUND, '{"party_id": 13800000000, "name": 1.50, "role": true}'))
    assert told(file).rows[1] | {} == {
        **dict.fromkeys(told(file).rows[1]),
        "position": 2,
        "party_id": "13800000000",
        "name": "1.50",
        "role": "true",
    }


def test_lists_are_lists_and_null_is_absent(file: Path) -> None:
    file.write_bytes(lines({**SOUND, "purposes": ["a;b", 7, None], "licence": None}, "", SOUND))
    assert told(file).column("purposes") == [["a;b", "7", None], None]
    assert told(file).column("position") == [1, 3]


def test_keys_are_chinese_or_english_and_may_differ_by_record(file: Path) -> None:
    file.write_bytes(
        lines({"主体编号": "x", "Name": "b", "角色": "c", "colour": {"a": [1]}}, SOUND)
    )
    assert told(file).column("party_id") == ["x", "a"]
    assert told(file).notices == {"columns-unread"}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('{"party_id": "a", "party_id": "b"}', "key-twice"),
        ('{"party_id": "a", "主体编号": "b"}', "key-twice"),
        ('{"colour": 1, "colour": 2}', "key-twice"),
        ('{"party_id": {"a": 1}}', "value-nested"),
        ('{"party_id": ["a"]}', "value-nested"),
        ('{"purposes": "a;b"}', "value-no-list"),
        ('{"purposes": {"a": 1}}', "value-no-list"),
        ('{"purposes": [["a"]]}', "value-nested"),
        ('{"name": "\\ud800"}', "json-half-character"),
        ('{"na\\uDC00me": "a"}', "json-half-character"),
        ('{"name": NaN}', "json-broken"),
        ('{"name": -Infinity}', "json-broken"),
        ('{"name": "a"', "json-broken"),
        ('{"name": 007}', "json-broken"),
        ('{"name": "a"} {}', "json-broken"),
        ("[" * 100_000, "json-broken"),
        ('["a"]', "json-no-object"),
        ("null", "json-no-object"),
        ('"a"', "json-no-object"),
    ],
)
def test_a_record_that_is_none_is_spoiled_alone(file: Path, text: str, code: str) -> None:
    file.write_bytes(lines(SOUND, text, SOUND))
    assert told(file).spoiled == {2: code}
    assert told(file).column("position") == [1, 3]


def test_a_surrogate_pair_is_one_character(file: Path) -> None:
    file.write_bytes(lines(SOUND, '{"name": "\\ud83d\\ude00"}'))
    assert told(file).column("name") == ["b", "😀"]


def test_gb18030_and_marks(file: Path) -> None:
    file.write_bytes(lines({**SOUND, "name": "甲"}).decode().encode("gb18030"))
    assert told(file).column("name") == ["甲"]
    assert told(file).notices == {"read-as-gb18030"}
    file.write_bytes(b"\xef\xbb\xbf" + lines(SOUND))
    assert told(file).column("name") == ["b"]


def test_a_column_that_no_record_names_is_refused(file: Path) -> None:
    file.write_bytes(lines({"party_id": "a"}, {"name": "b"}))
    assert refusal(file)["columns"] == "role"


def test_an_endless_line_is_refused(file: Path) -> None:
    file.write_bytes(lines(SOUND) + b"\n" + b" " * (5 << 20))
    assert refusal(file)["code"] == "line-endless"


def test_nothing_is_an_empty_table(file: Path) -> None:
    file.write_bytes(b"\n\n")
    assert told(file).rows == []


def test_batches_of_many_records_keep_their_order(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jsonic, "_BATCH", 3)
    file.write_bytes(lines(*({**SOUND, "party_id": str(number)} for number in range(10))))
    assert told(file).column("party_id") == [str(number) for number in range(10)]


def test_an_array_of_objects(tmp_path: Path) -> None:
    file = tmp_path / "parties.json"
    file.write_text(json.dumps([SOUND, 1, {**SOUND, "party_id": 7}]), encoding="utf-8")
    assert told(file).column("party_id") == ["a", "7"]
    assert told(file).column("position") == [1, 3]
    assert told(file).spoiled == {2: "json-no-object"}


@pytest.mark.parametrize("content", ['{"flows": []}', "[", "", "[" * 100_000, "1", "[{}"])
def test_anything_but_an_array_is_refused(tmp_path: Path, content: str) -> None:
    file = tmp_path / "parties.json"
    file.write_text(content)
    assert refusal(file)["code"] == "json-no-array"


def test_an_array_too_large_to_parse_at_once_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jsonic, "_FILE_BYTES", 10)
    file = tmp_path / "parties.json"
    file.write_text(json.dumps([SOUND]))
    assert refusal(file)["code"] == "file-too-large"


def test_utf16_with_its_mark_is_read(tmp_path: Path) -> None:
    record = {"party_id": "a", "name": "𠮷甲", "role": "c"}
    lines, whole = tmp_path / "parties.jsonl", tmp_path / "parties.json"
    lines.write_text(json.dumps(record, ensure_ascii=False) + "\n\n", encoding="utf-16")
    whole.write_text(json.dumps([record], ensure_ascii=False), encoding="utf-16")
    for file in (lines, whole):
        (row,) = told(file).rows
        assert row.items() >= record.items()
