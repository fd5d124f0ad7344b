"""The folder of kept entries: ours alone, never half-written, never too full.

Kept registers hold what the registers hold, so nobody else may read them, and nothing that somebody
else could have written is read. Whatever hinders (no home, no room, no right, a file system without
locks) only means that nothing is kept.
"""

import fcntl
import os
import secrets
import stat
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

MOST_ENTRIES = 8
MOST_BYTES = 4 << 30
_HOUSE, _REGISTERS = "consent-audit", "registers"
_PARTIAL = ".partial"
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_WRITE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


class NotOurs(OSError):
    """The folder or file belongs to somebody else, or others may use it."""


@dataclass(frozen=True)
class Shelf:
    """The folder of entries, and how much it may hold."""

    root: Path  # the cache folder of the user
    drawer: str = _REGISTERS
    most_entries: int = MOST_ENTRIES
    most_bytes: int = MOST_BYTES

    def take(self, name: str) -> IO[bytes]:
        """The entry of this name, open; raises OSError where none can be taken.

        What was taken last is pruned last.
        """
        with self._folder() as folder:
            file = _opened(name, folder)
        with suppress(OSError):
            os.utime(file.fileno())
        return file

    def put(self, name: str, write: Callable[[IO[bytes]], None]) -> None:
        """Keep what `write` writes under this name, or nothing; it appears as a whole."""
        with suppress(OSError, MemoryError), self._folder(make=True) as folder:
            partial = f".{name}.{secrets.token_hex(8)}{_PARTIAL}"
            with os.fdopen(os.open(partial, _WRITE, 0o600, dir_fd=folder), "wb") as file:
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    write(file)
                    file.flush()
                    os.rename(partial, name, src_dir_fd=folder, dst_dir_fd=folder)
                except BaseException:
                    with suppress(OSError):
                        os.unlink(partial, dir_fd=folder)
                    raise
            self._prune(folder, name)

    def drop(self, name: str) -> None:
        """Forget the entry of this name."""
        with suppress(OSError), self._folder() as folder:
            os.unlink(name, dir_fd=folder)

    @contextmanager
    def _folder(self, *, make: bool = False) -> Iterator[int]:
        """The open folder, made if asked; raises OSError where it is not there or not ours."""
        if make:
            self.root.mkdir(0o700, parents=True, exist_ok=True)
        held = os.open(self.root, _FOLDER & ~os.O_NOFOLLOW)  # a home may be a link
        try:
            for name in (_HOUSE, self.drawer):
                if make:
                    with suppress(FileExistsError):
                        os.mkdir(name, 0o700, dir_fd=held)
                below = os.open(name, _FOLDER, dir_fd=held)
                os.close(held)
                held = below
                _demand_ours(held, stat.S_ISDIR)
            yield held
        finally:
            os.close(held)

    def _prune(self, folder: int, fresh: str) -> None:
        """Remove what was not taken for longest, until few enough and small enough are left."""
        _sweep(folder)
        there = {name: os.stat(name, dir_fd=folder) for name in os.listdir(folder)}
        there = {name: about for name, about in there.items() if not name.startswith(".")}
        room, left = self.most_bytes, self.most_entries
        latest_first = sorted(there, key=lambda name: (name == fresh, there[name].st_mtime_ns))
        for name in reversed(latest_first):
            room, left = room - there[name].st_size, left - 1
            if room < 0 or left < 0:
                os.unlink(name, dir_fd=folder)


def shelf_of(environment: Mapping[str, str] = os.environ) -> Shelf | None:
    """The shelf of the user, after the XDG Base Directory Specification; None without a home."""
    given = Path(environment.get("XDG_CACHE_HOME", ""))
    home = Path(environment.get("HOME", ""))
    if given.is_absolute():
        return Shelf(given)
    return Shelf(home / ".cache") if home.is_absolute() else None


def _opened(name: str, folder: int) -> IO[bytes]:
    file = os.fdopen(os.open(name, _READ, dir_fd=folder), "rb")
    try:
        _demand_ours(file.fileno(), stat.S_ISREG)
    except OSError:
        file.close()
        raise
    return file


def _demand_ours(descriptor: int, is_kind: Callable[[int], bool]) -> None:
    about = os.fstat(descriptor)
    others = stat.S_IRWXG | stat.S_IRWXO
    if not is_kind(about.st_mode) or about.st_uid != os.geteuid() or about.st_mode & others:
        raise NotOurs


def _sweep(folder: int) -> None:
    """Remove what killed runs left: partial entries that nobody who writes holds locked."""
    for name in os.listdir(folder):
        if name.startswith(".") and name.endswith(_PARTIAL):
            with suppress(OSError), _opened(name, folder) as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                os.unlink(name, dir_fd=folder)
