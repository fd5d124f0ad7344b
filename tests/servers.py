"""Real database servers, started for the tests by the tests, on this machine's own addresses."""

import getpass
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

READER, PASSWORD = "reader", "gehe1m#/ geheim"


@dataclass(frozen=True)
class Server:
    """A server, and how to reach it: the URL has no password, which the environment gives."""

    scheme: str
    port: int
    database: str
    login: str = READER

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self.login}:${{CARRIER_PASSWORD}}@{self.place}"

    @property
    def place(self) -> str:
        return f"127.0.0.1:{self.port}/{self.database}"


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _tool(name: str) -> str:
    """A server's tool where Debian puts it, which is not always on the path."""
    places = sorted(map(str, Path("/usr/lib/postgresql").glob("*/bin")), reverse=True)
    found = shutil.which(name, path=os.pathsep.join([*places, os.environ["PATH"], "/usr/sbin"]))
    assert found is not None, f"{name} is missing; `.ci/servers` installs it"
    return found


def _run(user: str | None, *command: str | Path) -> None:
    quiet = subprocess.DEVNULL
    subprocess.run(command, check=True, stdout=quiet, stderr=quiet, cwd="/", user=user)


@contextmanager
def postgresql() -> Iterator[Server]:
    """PostgreSQL with a database and a reader who must tell a password."""
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    user = "postgres" if os.geteuid() == 0 else None  # it refuses to be run by root
    (folder / "password").write_text(PASSWORD, encoding="utf-8")
    if user is not None:
        shutil.chown(folder, user)
        shutil.chown(folder / "password", user)
    port, data = free_port(), folder / "data"
    made: list[str | Path] = [
        "--auth=scram-sha-256",
        f"--pwfile={folder / 'password'}",
        "--no-sync",
    ]
    made += ["--encoding=UTF8", "--locale=C.UTF-8", "--username", READER]
    _run(user, _tool("initdb"), "--pgdata", data, *made)
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c fsync=off -k {folder}"
    pg_ctl: list[str | Path] = [_tool("pg_ctl"), "--pgdata", data, "--wait"]
    _run(user, *pg_ctl, "--options", options, "--log", folder / "log", "start")
    try:
        yield Server("postgresql", port, "postgres")
    finally:
        _run(user, *pg_ctl, "--mode", "immediate", "stop")
        shutil.rmtree(folder)


@contextmanager
def mariadb() -> Iterator[Server]:
    """MariaDB with a database and a reader who must tell a password."""
    folder = Path(tempfile.mkdtemp(prefix="maria-"))
    user, port = getpass.getuser(), free_port()
    data = ["--no-defaults", f"--datadir={folder / 'data'}", f"--user={user}"]
    made = ["--auth-root-authentication-method=normal", "--skip-test-db"]
    _run(None, _tool("mariadb-install-db"), *data, *made)
    (folder / "init.sql").write_text(
        f"CREATE DATABASE carrier;\n"
        f"GRANT ALL ON *.* TO {READER}@localhost IDENTIFIED BY '{PASSWORD}';\n",
        encoding="utf-8",
    )
    where = [f"--port={port}", "--bind-address=127.0.0.1", f"--socket={folder / 'socket'}"]
    start = [_tool("mariadbd"), *data, *where, f"--init-file={folder / 'init.sql'}"]
    quiet = subprocess.DEVNULL
    running = subprocess.Popen(start, stdout=quiet, stderr=quiet)
    try:
        waited_for(port)
        yield Server("mariadb", port, "carrier")
    finally:
        running.kill()
        running.wait()
        shutil.rmtree(folder)


@contextmanager
def object_store(folder: Path) -> Iterator[Server]:
    """A store that speaks S3 and wants its requests signed; buckets are the folders of `folder`."""
    port = free_port()
    tool = Path(sys.executable).with_name("rclone")
    where = ["--addr", f"127.0.0.1:{port}", "--config", os.devnull, "--vfs-cache-mode", "off"]
    running = subprocess.Popen(
        [tool, "serve", "s3", folder, *where, "--auth-key", f"{READER},{PASSWORD}"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        waited_for(port)
        yield Server("http", port, "")
    finally:
        running.kill()
        running.wait()


@contextmanager
def cut_after(port: int, most: int) -> Iterator[int]:
    """A port that leads to the other one, until so many bytes came back; then the line is dead."""
    with ThreadPoolExecutor() as threads, socket.create_server(("127.0.0.1", 0)) as door:
        threads.submit(_let_in, door, port, most, threads)
        try:
            yield int(door.getsockname()[1])
        finally:
            door.shutdown(socket.SHUT_RDWR)


def _let_in(door: socket.socket, port: int, most: int, threads: ThreadPoolExecutor) -> None:
    with suppress(OSError):
        while True:
            outside, _ = door.accept()
            inside = socket.create_connection(("127.0.0.1", port))
            threads.submit(_copy, outside, inside, 1 << 40)
            threads.submit(_copy, inside, outside, most)


def _copy(source: socket.socket, target: socket.socket, most: int) -> None:
    with suppress(OSError):
        while most > 0 and (some := source.recv(1 << 16)):
            target.sendall(some[:most])
            most -= len(some)
    with suppress(OSError):
        target.shutdown(socket.SHUT_RDWR)
    with source, suppress(OSError):
        source.shutdown(socket.SHUT_RDWR)


def waited_for(port: int, seconds: float = 60) -> None:
    """Return when somebody answers at the port."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        with suppress(OSError), closing(socket.create_connection(("127.0.0.1", port))):
            return
        time.sleep(0.1)
    raise AssertionError(f"nobody answers at port {port}")
