"""The folder that a run shares with its workers: what they are told, and what they leave.

It lies where TMPDIR says; with workers on other machines that must be a place that all of them
see. Only its owner may look into it. What a killed run left is swept away by the next.
"""

from __future__ import annotations

import fcntl
import os
import pickle
import secrets
import shutil
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

_PREFIX, _SUFFIX = "consent-audit-", ".shards"


@contextmanager
def shared_folder() -> Iterator[Path]:
    """A new folder, locked while we live, gone when we leave it."""
    _sweep(Path(tempfile.gettempdir()))
    folder, held = _claimed()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(held)


def _claimed() -> tuple[Path, int]:
    """The folder and the descriptor that locks it; another one where a sweep was quicker."""
    while True:
        folder = Path(tempfile.mkdtemp(prefix=_PREFIX, suffix=_SUFFIX))
        with suppress(FileNotFoundError):
            held = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
            with suppress(OSError):  # a file system without locks, where nothing is swept either
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if folder.exists():
                return folder, held
            os.close(held)


def put(folder: Path, name: str, value: object) -> None:
    """Keep a value under this name; it is there as a whole or not at all, and whoever is last wins.

    Raises OSError where there is no room.
    """
    partial = folder / f".{name}.{secrets.token_hex(8)}"
    try:
        with partial.open("wb") as file:
            pickle.dump(value, file, protocol=pickle.HIGHEST_PROTOCOL)
        partial.rename(folder / name)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise


def take(folder: Path, name: str) -> Any:  # noqa: ANN401 (whatever was put there)
    """The value of this name. The folder is ours alone, so nothing in it is anybody else's."""
    with (folder / name).open("rb") as file:
        return pickle.load(file)  # noqa: S301 (as the docstring says)


def _sweep(place: Path) -> None:
    """Remove what killed runs of ours left: folders that nobody holds locked."""
    for stale in sorted(place.glob(f"{_PREFIX}*{_SUFFIX}")):
        with suppress(OSError):
            held = os.open(stale, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if os.fstat(held).st_uid == os.geteuid():
                    shutil.rmtree(stale, ignore_errors=True)
            finally:
                os.close(held)
