"""The shelf is ours alone, holds whole entries, and never too many."""

import os
import stat
from pathlib import Path
from typing import IO

import pytest

from audit.keeping.shelf import Shelf, shelf_of

INSIDE = "consent-audit/registers"


def put(shelf: Shelf, name: str, content: bytes = b"x") -> None:
    def write(file: IO[bytes]) -> None:
        file.write(content)

    shelf.put(name, write)


def names(shelf: Shelf) -> list[str]:
    return sorted(path.name for path in (shelf.root / INSIDE).iterdir())


def content(shelf: Shelf, name: str) -> bytes:
    with shelf.take(name) as file:
        return file.read()


def test_what_was_put_is_taken_and_readable_by_nobody_else(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "deep" / "cache")
    put(shelf, "a", b"told")
    assert content(shelf, "a") == b"told"
    modes = [stat.S_IMODE(path.stat().st_mode) for path in (shelf.root / INSIDE, shelf.root)]
    assert modes[0] == stat.S_IRWXU
    assert stat.S_IMODE((shelf.root / INSIDE / "a").stat().st_mode) == stat.S_IRUSR | stat.S_IWUSR


def test_there_is_nothing_where_nothing_was_put(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        Shelf(tmp_path).take("a")
    assert not [*tmp_path.iterdir()]


def test_a_write_that_fails_leaves_the_old_entry_and_nothing_else(tmp_path: Path) -> None:
    def broken(_: object) -> None:
        raise OSError(28, "No space left on device")

    shelf = Shelf(tmp_path)
    put(shelf, "a", b"old")
    shelf.put("a", broken)
    assert (content(shelf, "a"), names(shelf)) == (b"old", ["a"])


def test_what_was_taken_longest_ago_goes_first(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path, most_entries=3)
    for number, name in enumerate("abc"):
        put(shelf, name)
        os.utime(tmp_path / INSIDE / name, (number, number))
    shelf.take("a").close()
    put(shelf, "d")
    assert names(shelf) == ["a", "c", "d"]


def test_no_more_bytes_are_kept_than_there_is_room_for(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path, most_bytes=25)
    for name in "abc":
        put(shelf, name, b"x" * 10)
    assert len(names(shelf)) == 2
    put(shelf, "huge", b"x" * 26)
    assert names(shelf) == []


def test_what_a_killed_run_left_is_swept_but_not_what_is_being_written(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    put(shelf, "a")
    left = tmp_path / INSIDE / ".b.0123456789abcdef.partial"
    left.touch(0o600)
    shelf.put("c", lambda _: put(shelf, "d"))
    assert names(shelf) == ["a", "c", "d"]


@pytest.mark.parametrize("place", ["consent-audit", INSIDE, f"{INSIDE}/a"])
@pytest.mark.parametrize("mode", [0o770, 0o704, 0o720])
def test_what_others_may_use_is_not_used(tmp_path: Path, place: str, mode: int) -> None:
    shelf = Shelf(tmp_path)
    put(shelf, "a", b"theirs")
    (tmp_path / place).chmod(mode)
    with pytest.raises(OSError):  # noqa: PT011
        shelf.take("a")


def test_what_belongs_to_somebody_else_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf = Shelf(tmp_path)
    put(shelf, "a", b"theirs")
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    with pytest.raises(OSError):  # noqa: PT011
        shelf.take("a")
    put(shelf, "b")
    monkeypatch.undo()
    assert names(shelf) == ["a"]


def test_links_and_pipes_are_not_followed(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    put(shelf, "a", b"told")
    (tmp_path / INSIDE / "link").symlink_to("a")
    os.mkfifo(tmp_path / INSIDE / "pipe", 0o600)
    for name in ("link", "pipe"):
        with pytest.raises(OSError):  # noqa: PT011
            shelf.take(name)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "consent-audit").symlink_to(tmp_path / "consent-audit")
    with pytest.raises(OSError):  # noqa: PT011
        Shelf(elsewhere).take("a")


@pytest.mark.parametrize("root", ["/proc/self/nothing", "/dev/null"])
def test_where_nothing_can_be_written_nothing_is_kept(root: str) -> None:
    put(Shelf(Path(root)), "a")


@pytest.mark.parametrize(
    ("environment", "root"),
    [
        ({"XDG_CACHE_HOME": "/x", "HOME": "/h"}, "/x"),
        ({"XDG_CACHE_HOME": "relative", "HOME": "/h"}, "/h/.cache"),
        ({"XDG_CACHE_HOME": "", "HOME": "/h"}, "/h/.cache"),
        ({"HOME": "/h"}, "/h/.cache"),
        ({"HOME": "h"}, None),
        ({}, None),
    ],
)
def test_the_shelf_stands_where_the_user_keeps_caches(
    environment: dict[str, str], root: str | None
) -> None:
    shelf = shelf_of(environment)
    assert (shelf and str(shelf.root)) == root
