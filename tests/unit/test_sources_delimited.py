"""CSV: a good file, and one for each way in which it can be bad."""

import csv
import gzip
import io
import random
from pathlib import Path

import pytest

from audit.sources import text
from tests.reading import refusal, told

HEADING = "party_id,name,role\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "parties.csv"


def test_cells_are_text_and_rows_know_their_line(file: Path) -> None:
    file.write_text(HEADING + "007,甲, carrier \n\n1e3,NA,\n")
    assert told(file).rows == [
        {"position": 2, "party_id": "007", "name": "甲", "role": " carrier "},
        {"position": 4, "party_id": "1e3", "name": "NA", "role": ""},
    ]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("last", ["", "end"])
def test_lines_end_as_they_like(file: Path, end: str, last: str) -> None:
    lines = ["party_id,name,role", "a,b,c", "d,e,f"]
    file.write_bytes((end.join(lines) + (end if last else "")).encode())
    assert told(file).column("party_id") == ["a", "d"]


@pytest.mark.parametrize(
    "heading",
    [
        "主体编号,名称,角色",
        " Party ID ,NAME,Role",
        "party-id,name,ROLE",
        "\ufeffparty_id,name,role",
    ],
)
def test_headings_are_chinese_or_english_and_forgiving(file: Path, heading: str) -> None:
    file.write_text(heading + "\na,b,c\n", encoding="utf-8")
    assert told(file).rows == [{"position": 2, "party_id": "a", "name": "b", "role": "c"}]


def test_unknown_columns_are_left_out_with_a_notice(file: Path) -> None:
    file.write_text("party_id,colour,name,role\na,red,b,c\n")
    assert told(file).rows == [{"position": 2, "party_id": "a", "name": "b", "role": "c"}]
    assert told(file).notices == {"columns-unread"}


def test_a_missing_column_is_named_with_those_that_are_there(file: Path) -> None:
    file.write_text("party_id,title\na,b\n")
    facts = refusal(file)
    assert (facts["code"], facts["columns"]) == ("column-missing", "name, role")
    assert facts["found"] == "party_id, title"


def test_two_headings_for_one_column_are_refused(file: Path) -> None:
    file.write_text("party_id,主体编号,name,role\na,b,c,d\n")
    assert refusal(file)["found"] == "party_id, 主体编号"


def test_a_record_of_another_width_is_spoiled_where_it_stands(file: Path) -> None:
    file.write_text(HEADING + "a,b,c\nd,e\nf,g,h,i\nj,k,l\n")
    assert told(file).column("position") == [2, 5]
    assert told(file).spoiled == {3: "row-width", 4: "row-width"}


def test_breaks_inside_quotes_move_the_lines_below(file: Path) -> None:
    file.write_text(HEADING + 'a,"b\nb",c\nd,e\n"f","g\r\ng\n",h\ni,j,k\n', newline="")
    assert told(file).column("position") == [2, 5, 8]
    assert told(file).spoiled == {4: "row-width"}
    assert told(file).column("name")[1] == "g\r\ng\n"


def test_a_quote_that_swallows_lines_spoils_the_record(file: Path) -> None:
    file.write_text(HEADING + 'a,b,"c\nd,e,f\ng,h,i"\nj,k,l\n')
    assert told(file).spoiled == {2: "lines-swallowed"}
    assert told(file).column("party_id") == ["j"]


def test_a_quote_that_never_closes_is_refused(file: Path) -> None:
    file.write_text(HEADING + 'a,b,"c\nd,e,f\n')
    assert refusal(file)["code"] == "quotes-odd"


def test_gb18030_is_read_with_a_notice(file: Path) -> None:
    words = "name,甲𠮷公司,角色|;"
    file.write_bytes(
        f"主体编号,名称,角色\n一,{words.split(',')[1]},丙|丁\n2,plain,ascii\n".encode("gb18030")
    )
    assert told(file).rows == [
        {"position": 2, "party_id": "一", "name": "甲𠮷公司", "role": "丙|丁"},
        {"position": 3, "party_id": "2", "name": "plain", "role": "ascii"},
    ]
    assert told(file).notices == {"read-as-gb18030"}


def test_every_character_of_two_bytes_comes_through_gb18030(file: Path) -> None:
    pairs = [
        bytes([lead, trail])
        for lead in range(0x81, 0xFF)
        for trail in (*range(0x40, 0x7F), *range(0x80, 0xFF))
    ]
    lines = b"\n".join(pair + b"," + pair + b'x,"' + pair + b'"' for pair in pairs)
    file.write_bytes(HEADING.encode() + lines)
    read = told(file)
    assert read.column("party_id") == [pair.decode("gb18030") for pair in pairs]
    assert read.column("role") == read.column("party_id")
    assert not read.spoiled


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32"])
def test_wide_encodings_that_do_not_say_which_they_are_are_refused(
    file: Path, encoding: str
) -> None:
    file.write_text(HEADING + "a,b,c\n", encoding=encoding)
    assert refusal(file)["code"] == "encoding-unknown"


@pytest.mark.parametrize(
    ("mark", "encoding"), [(b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")]
)
def test_utf16_with_its_mark_is_read(file: Path, mark: bytes, encoding: str) -> None:
    rows = 'a,"甲\n𠮷""",c\nshort,b\nd,乙,\n'
    file.write_bytes(mark + (HEADING + rows).encode(encoding))
    read = told(file)
    assert read.rows == [
        {"position": 2, "party_id": "a", "name": '甲\n𠮷"', "role": "c"},
        {"position": 5, "party_id": "d", "name": "乙", "role": ""},
    ]
    assert list(read.spoiled) == [4]


def test_much_utf16_comes_in_pieces_that_cut_no_character(tmp_path: Path) -> None:
    file = tmp_path / "parties.csv.gz"
    names = [f"{number}𠮷甲a" for number in range(200_000)]
    text = HEADING + "".join(f"{name},{name},c\n" for name in names)
    file.write_bytes(gzip.compress(text.encode("utf-16"), 1))
    assert told(file).column("party_id") == names


@pytest.mark.parametrize(
    "tail", [b"\x00\xd8\x41\x00", b"\x41", b"\x00\xd8"], ids=["half", "odd", "cut"]
)
def test_broken_utf16_is_refused(file: Path, tail: bytes) -> None:
    file.write_bytes((HEADING + "a,b,c\n").encode("utf-16") + tail)
    assert refusal(file)["code"] == "encoding-unknown"


@pytest.mark.parametrize("stray", [b"\xff\xfe,b,c", b"\x81 ,b,c", b"a,b,\xb0"])
def test_bytes_of_no_encoding_are_refused(file: Path, stray: bytes) -> None:
    file.write_bytes(HEADING.encode() + b"a,b,c\n" + stray + b"\n")
    assert refusal(file)["code"] == "encoding-unknown"


def test_a_file_that_says_it_is_utf8_must_be(file: Path) -> None:
    file.write_bytes(b"\xef\xbb\xbf" + HEADING.encode() + "a,甲,c\n".encode("gb18030"))
    assert refusal(file)["code"] == "encoding-unknown"


@pytest.mark.parametrize("content", ["", "\n", ",,\n", "\ufeff"])
def test_no_headings_are_refused(file: Path, content: str) -> None:
    file.write_text(content)
    assert refusal(file)["code"] == "heading-missing"


def test_headings_alone_are_an_empty_table(file: Path) -> None:
    for content in (HEADING, HEADING.strip()):
        file.write_text(content)
        assert told(file).rows == []


def test_a_zero_byte_stays_in_its_cell(file: Path) -> None:
    file.write_text(HEADING + "a\0,b,c\n")
    assert told(file).column("party_id") == ["a\0"]


def test_an_endless_record_is_refused(file: Path) -> None:
    file.write_text(HEADING + "a,b," + "c" * (9 << 20) + "\n")
    assert refusal(file)["code"] == "csv-unreadable"


def test_compressed(tmp_path: Path) -> None:
    file = tmp_path / "parties.csv.gz"
    packed = gzip.compress((HEADING + "a,b,c\n").encode())
    file.write_bytes(packed)
    assert told(file).column("role") == ["c"]
    file.write_bytes(packed[:-9])
    assert refusal(file)["code"] == "file-damaged"
    file.write_bytes(HEADING.encode())
    assert refusal(file)["code"] == "file-damaged"


def test_what_swells_beyond_reason_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(text, "_RATIO_FROM", 1 << 20)
    file = tmp_path / "parties.csv.gz"
    file.write_bytes(gzip.compress(HEADING.encode() + b"\0" * (8 << 20)))
    assert refusal(file)["code"] == "file-swells"


def test_positions_over_many_blocks_are_those_of_the_lines(file: Path) -> None:
    """Held against Python's reader, over blocks of 4 MB and batches of 250,000 records."""
    dice = random.Random(1)
    lines = ["party_id,name,role"]
    for number in range(400_000):
        draw = dice.random()
        lines.append(f"{number},b" if draw < 0.001 else f"{number},{'x' * (number % 40)},c")
        if draw > 0.9995:
            lines[-1] = f'{number},"two\nlines",c'
    file.write_text("\n".join(lines))
    read = told(file)
    expected: dict[int, str] = {}
    short: list[int] = []
    reader = csv.reader(io.StringIO(file.read_text(), newline=""))
    start = 1
    for record in reader:
        if len(record) == 3:
            expected[start] = record[0]
        else:
            short.append(start)
        start = reader.line_num + 1
    del expected[1]
    assert dict(zip(read.column("position"), read.column("party_id"), strict=True)) == expected
    assert list(read.spoiled) == short


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_few_words_are_numbered_and_no_other_cell_is_lost(file: Path, encoding: str) -> None:
    """The words of the beginning say nothing of what comes much later, in another batch."""
    late = ['900001, 乙 ,"', '900002,"",\0', "900003,,", "900004,丙"]
    rows = [f"{number},甲,carrier" for number in range(900_000)]
    file.write_bytes(
        (HEADING + "\n".join([*rows, *late[1:], '"9", 乙 ,"",']) + "\n").encode(encoding)
    )
    read = told(file)
    assert read.batches[0].distinct["role"].to_list() == ["role", "carrier"]
    assert read.batches[0].places["role"].to_list() == [1] * read.batches[0].frame.height
    last = [batch.frame for batch in read.batches if batch.frame.height][-1]
    assert last.tail(3).to_dicts() == [
        {"position": 900_001, "party_id": "899999", "name": "甲", "role": "carrier"},
        {"position": 900_002, "party_id": "900002", "name": "", "role": "\0"},
        {"position": 900_003, "party_id": "900003", "name": "", "role": ""},
    ]
    assert read.spoiled == {900_004: "row-width", 900_005: "row-width"}


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_a_column_may_turn_out_to_have_many_words(file: Path, encoding: str) -> None:
    rows = [f"{number},甲{max(number, 20_000)},carrier" for number in range(270_000)]
    file.write_bytes((HEADING + "\n".join(rows)).encode(encoding))
    read = told(file)
    assert "name" not in read.batches[0].distinct
    assert read.column("name") == [row.split(",")[1] for row in rows]


@pytest.mark.parametrize("start", range(4093, 4098))
def test_a_character_may_lie_across_any_bound(file: Path, start: int) -> None:
    before = HEADING.encode() + b"x" * (start - len(HEADING))
    file.write_bytes(before + "甲,b,c\n".encode())
    assert told(file).column("party_id") == ["x" * (start - len(HEADING)) + "甲"]
    assert not told(file).notices
    file.write_bytes(before + "甲".encode()[:2] + b"x" * 5000 + b",b,c\n")
    assert told(file).notices == {"read-as-gb18030"}


def test_bytes_of_no_encoding_are_refused_wherever_they_hide(file: Path) -> None:
    rows = [b"1,\xbc\xd7,carrier,c"] * 5000
    for stray in (b"2,\xff\xfe,carrier,c", b"2,b,carrier,\xb0", b"\x81 ,b,carrier,c"):
        file.write_bytes(b"party_id,name,role,colour\n" + b"\n".join([*rows, stray]))
        assert refusal(file)["code"] == "encoding-unknown"
