"""Writing a run's folder so that it is absent or complete, whatever happens meanwhile."""

import errno
import fcntl
import hashlib
import json
import os
import re
import secrets
import shutil
import stat
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from polars.exceptions import PolarsError

from audit.outcome import canonical, digest
from audit.problems import (
    EXHAUSTED,
    Problem,
    ResourcesExhausted,
    UsageRefused,
    system_error,
)

Writer = Callable[[Path], object]

MANIFEST = "manifest.json"
_PARTIAL = ".partial"
_TAKEN = {errno.EEXIST, errno.ENOTEMPTY, errno.ENOTDIR}


def publish(
    folder: Path,
    writers: Mapping[str, Writer],
    manifest: Mapping[str, Any],
    *,
    replace: bool = False,
) -> None:
    """Write every file and the manifest, then let the folder appear in one step.

    Files are begun in the order given, two at a time.

    `manifest` gets the digest of every other file and one of itself. A folder that is there already
    is refused, unless it is a run and `replace` is asked; then it is absent for a moment. Of two
    runs into one folder exactly one wins. What a killed run left behind, hidden beside the folder,
    is swept away by the next one.

    Raises UsageRefused (the folder is there or may not be written) and ResourcesExhausted.
    """
    target = folder.absolute()
    with _refusals(target):
        _refuse_taken(target, replace=replace)
        target.parent.mkdir(parents=True, exist_ok=True)
        _sweep(target)
        with _hidden_sibling(target) as hidden:
            _fill(hidden, writers, manifest)
            _appear(hidden, target, replace=replace)
        _sync(target.parent)


@contextmanager
def _refusals(target: Path) -> Iterator[None]:
    """What the system says while writing, as a refusal with one sentence."""
    try:
        yield
    except MemoryError as error:
        raise ResourcesExhausted(_problem("publish-exhausted", target, "memory")) from error
    except (OSError, PolarsError) as error:
        number = system_error(error)
        detail = os.strerror(number) if number else str(error)
        if number in EXHAUSTED:
            raise ResourcesExhausted(_problem("publish-exhausted", target, detail)) from error
        if number is None:
            raise
        raise UsageRefused(_problem("publish-denied", target, detail)) from error


def _problem(code: str, target: Path, detail: str) -> Problem:
    return Problem(code, {"folder": str(target), "detail": detail})


def _refuse_taken(target: Path, *, replace: bool) -> None:
    if not os.path.lexists(target):
        return
    if not replace:
        raise UsageRefused(Problem("publish-exists", {"folder": str(target)}))
    if target.is_symlink() or not (target / MANIFEST).is_file():
        raise UsageRefused(Problem("publish-not-a-run", {"folder": str(target)}))


@contextmanager
def _hidden_sibling(target: Path) -> Iterator[Path]:
    """A folder of our own beside the target, locked while we live, gone when we leave it there."""
    hidden, held = _claimed_sibling(target)
    try:
        yield hidden
    finally:
        shutil.rmtree(hidden, ignore_errors=True)
        os.close(held)


def _claimed_sibling(target: Path) -> tuple[Path, int]:
    """The folder and the descriptor that locks it; another try where a sweep was quicker."""
    while True:
        hidden = target.parent / f".{target.name}.{secrets.token_hex(8)}{_PARTIAL}"
        hidden.mkdir()
        try:
            held = os.open(hidden, os.O_RDONLY | os.O_DIRECTORY)
        except FileNotFoundError:
            continue
        except OSError:
            hidden.rmdir()
            raise
        if _locks(held) and hidden.exists():
            return hidden, held
        os.close(held)


def _locks(descriptor: int) -> bool:
    """Whether nobody else holds it; where the file system has no locks, nobody can."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True


def _sweep(target: Path) -> None:
    """Remove what killed runs into this folder left: hidden siblings that nobody holds locked."""
    for stale in sorted(target.parent.glob(f".{_literal(target.name)}.*{_PARTIAL}")):
        with suppress(OSError):
            held = os.open(stale, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(stale, ignore_errors=True)
            finally:
                os.close(held)


def _literal(name: str) -> str:
    return re.sub(r"([*?[])", r"[\1]", name)


def _fill(hidden: Path, writers: Mapping[str, Writer], manifest: Mapping[str, Any]) -> None:
    """Every file, safely on the disk; the manifest last."""
    with ThreadPoolExecutor(2) as pool:
        kept = {name: pool.submit(_put, write, hidden / name) for name, write in writers.items()}
    files = {name: told.result() for name, told in kept.items()}  # the first fault that was met
    body = {**manifest, "files": files}
    (hidden / MANIFEST).write_bytes(_sealed(body))
    _sync(hidden / MANIFEST)
    _sync(hidden)


def _sealed(body: Mapping[str, Any]) -> bytes:
    """The one text of a manifest, its own digest in it."""
    return canonical({**body, "digest": digest(body)}) + b"\n"


def _put(write: Writer, path: Path) -> dict[str, Any]:
    """Write a file; what the manifest says of it."""
    write(path)
    _sync(path)
    return {"bytes": path.stat().st_size, "sha256": _sha256(path)}


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _appear(hidden: Path, target: Path, *, replace: bool) -> None:
    """The one step. A folder that is not empty cannot be renamed over, so a second run loses."""
    old = _set_aside(target, hidden) if replace else None
    try:
        hidden.rename(target)
    except OSError as error:
        if old is not None:
            old.rename(target)
        if error.errno in _TAKEN:
            raise UsageRefused(Problem("publish-exists", {"folder": str(target)})) from error
        raise
    if old is not None:
        shutil.rmtree(old, ignore_errors=True)


def _set_aside(target: Path, hidden: Path) -> Path | None:
    """The old run under a name that no sweep looks for, so that it is never lost before the new."""
    old = hidden.with_suffix(".old")
    with suppress(FileNotFoundError):
        return target.rename(old)
    return None


def read_manifest(folder: Path) -> dict[str, Any]:
    """What the manifest in this folder says; raises UsageRefused where none can be read."""
    try:
        told = json.loads((folder / MANIFEST).read_bytes())
    except OSError as error:
        raise no_manifest(folder, error.strerror or "") from error
    except (ValueError, RecursionError) as error:
        raise no_manifest(folder, type(error).__name__) from error
    if not isinstance(told, dict):
        raise no_manifest(folder, "JSON")
    return told


def no_manifest(folder: Path, detail: str) -> UsageRefused:
    """The refusal of a folder that no run left, or whose manifest does not say what it must."""
    facts = {"folder": folder.name or str(folder), "detail": detail}
    return UsageRefused(Problem("manifest-unreadable", facts))


def verify(folder: Path) -> tuple[Problem, ...]:
    """What is no longer as the run left it; empty where nothing was changed, added or removed."""
    try:
        manifest = read_manifest(folder)
        claimed = {str(name): dict(facts) for name, facts in manifest["files"].items()}
        del manifest["digest"]
    except UsageRefused as refusal:
        return refusal.problems
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        return no_manifest(folder, type(error).__name__).problems
    changed = (
        []
        if _as_sealed(folder / MANIFEST, manifest)
        else [Problem("verify-manifest-changed", {"folder": str(folder)})]
    )
    found = {str(path.relative_to(folder)) for path in folder.rglob("*")} - {MANIFEST}
    return (
        *changed,
        *(Problem("verify-removed", {"file": name}) for name in sorted(claimed.keys() - found)),
        *(Problem("verify-added", {"file": name}) for name in sorted(found - claimed.keys())),
        *(
            Problem("verify-changed", {"file": name})
            for name in sorted(found & claimed.keys())
            if not _unchanged(folder / name, claimed[name])
        ),
    )


def _as_sealed(path: Path, body: Mapping[str, Any]) -> bool:
    """Whether a manifest has every byte that it was left with, blanks and order too."""
    return not path.is_symlink() and path.read_bytes() == _sealed(body)


def _unchanged(path: Path, claimed: Mapping[str, Any]) -> bool:
    """Only a plain file is opened: a pipe would keep us waiting, a link would lead elsewhere."""
    if not stat.S_ISREG(path.lstat().st_mode):
        return False
    return path.stat().st_size == claimed.get("bytes") and _sha256(path) == claimed.get("sha256")
