"""Objects of a store that speaks S3, fetched once into files without a name, and read as files are.

`s3://BUCKET/flows/2025-*.parquet`, or a folder, `s3://BUCKET/flows/`. Where the store is and who
asks is said by the environment, as by every program that speaks S3: AWS_ENDPOINT_URL, AWS_REGION,
AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import pyarrow as pa
from pyarrow import fs

from audit.problems import (
    EXHAUSTED,
    InputRefused,
    Problem,
    ResourcesExhausted,
    UsageRefused,
    system_error,
)
from audit.sources import finding
from audit.sources.export import READABLE, TableFile, format_of
from audit.sources.spool import Nameless

SCHEME = "s3://"
_PIECE = 8 << 20
_MAGIC = re.compile(r"[*?]")
_SPELLED = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
_PATTERN = re.compile(r"\*\*/|\*\*|\*|\?")
_TOLD = re.compile(r"AWS Error (\w+)")
_SECONDS = 30


@dataclass(frozen=True)
class Objects:
    """The objects that hold a table: one, those of a pattern, or those of a folder."""

    table: str
    url: str
    environment: Mapping[str, str]

    @property
    def place(self) -> str:
        """Bucket and key, as the store's paths are written."""
        return self.url.removeprefix(SCHEME)


def fetched_objects(wanted: Objects) -> Iterator[TableFile]:
    """The objects as files of their table, in order of their keys.

    Raises InputRefused where the store refuses, cannot be reached or has no such object, and
    ResourcesExhausted where what it gives has no room.
    """
    store = _store(wanted.environment)
    with _blaming(wanted.url):
        found = _found(store, wanted.place)
    if not found:
        raise InputRefused(Problem("pattern-empty", {"pattern": wanted.url}))
    folder = wanted.url if wanted.place.endswith("/") else None
    for info in found:
        file = _fetched(store, info, wanted.table)
        yield replace(file, part_of=folder)


def _store(environment: Mapping[str, str]) -> fs.S3FileSystem:
    said = environment.get
    endpoint = urlsplit(said("AWS_ENDPOINT_URL_S3") or said("AWS_ENDPOINT_URL") or "https://")
    if endpoint.scheme not in {"http", "https"} or endpoint.username is not None:
        raise UsageRefused(Problem("store-endpoint"))
    return fs.S3FileSystem(
        access_key=said("AWS_ACCESS_KEY_ID"),
        secret_key=said("AWS_SECRET_ACCESS_KEY"),
        session_token=said("AWS_SESSION_TOKEN"),
        region=said("AWS_REGION") or said("AWS_DEFAULT_REGION") or "us-east-1",
        scheme=endpoint.scheme,
        endpoint_override=endpoint.netloc or None,
        connect_timeout=_SECONDS,
        request_timeout=_SECONDS,
        retry_strategy=fs.AwsStandardS3RetryStrategy(max_attempts=3),
    )


def _found(store: fs.S3FileSystem, place: str) -> list[fs.FileInfo]:
    """The objects meant, by key; hidden ones are left alone."""
    if not _MAGIC.search(place) and not place.endswith("/"):
        info = store.get_file_info(place)
        return [info] if info.type == fs.FileType.File else []
    base = _MAGIC.split(place)[0].rpartition("/")[0]
    spelled = "".join(
        _SPELLED.get(part) or re.escape(part) for part in re.split(f"({_PATTERN.pattern})", place)
    )
    meant = re.compile(spelled + (".*" if place.endswith("/") else ""))
    listed = store.get_file_info(fs.FileSelector(base, recursive=True, allow_not_found=True))
    files = [each for each in listed if each.type == fs.FileType.File]
    return sorted(
        (each for each in files if meant.fullmatch(each.path) and not _hidden(each.path, base)),
        key=lambda each: str(each.path),
    )


def _hidden(path: str, base: str) -> bool:
    below = path.removeprefix(base).strip("/").split("/")
    return any(part.startswith(finding.HIDDEN) for part in below)


def _fetched(store: fs.S3FileSystem, info: fs.FileInfo, table: str) -> TableFile:
    name = f"{SCHEME}{info.path}"
    if format_of(Path(info.path)) is None:
        raise InputRefused(Problem("file-kind", {"file": name, "known": READABLE}))
    held = Nameless()
    with _blaming(name), held.opened() as file, _stream(store, info) as stream:
        before = store.get_file_info(info.path)  # a listing tells the time in another way
        for piece in iter(partial(stream.read, _PIECE), b""):
            file.write(piece)
        now = store.get_file_info(info.path)
    states = {(each.size, each.mtime) for each in (before, now)}
    if len(states) > 1 or held.path.stat().st_size != info.size:
        raise InputRefused(Problem("file-changed", {"file": name}))
    return replace(finding.of_kind(table, held.path, name), held=held)


def _stream(store: fs.S3FileSystem, info: fs.FileInfo) -> pa.NativeFile:
    return store.open_input_stream(info.path, compression=None)  # the bytes as they lie


@contextmanager
def _blaming(name: str) -> Iterator[None]:
    """What the store says is told by its code alone, which holds no secret."""
    try:
        yield
    except OSError as fault:
        if system_error(fault) in EXHAUSTED and _TOLD.search(str(fault)) is None:
            raise ResourcesExhausted(Problem("spool-full", {"file": name})) from fault
        told = _TOLD.search(str(fault))
        cause = told[1] if told else "-"
        raise InputRefused(Problem("store-refused", {"file": name, "cause": cause})) from fault
