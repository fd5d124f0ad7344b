"""A small, real reverse proxy that says who reads: it adds one header to every request."""

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from urllib.parse import urlsplit

_END = b"\r\n\r\n"
_PIECE = 65_536


@contextmanager
def proxying(url: str, header: str) -> Iterator[str]:
    """The address of a proxy before the server at `url`, until the end of the block."""
    parts = urlsplit(url)
    behind = (str(parts.hostname), int(parts.port or 0))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=_accept, args=(listener, behind, header), daemon=True).start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


def _accept(listener: socket.socket, behind: tuple[str, int], header: str) -> None:
    with suppress(OSError):  # the listener is closed at the end of the block
        while True:
            browser, _ = listener.accept()
            threading.Thread(target=_serve, args=(browser, behind, header), daemon=True).start()


def _serve(browser: socket.socket, behind: tuple[str, int], header: str) -> None:
    """One request with its answer, or one websocket: a connection is not used twice."""
    with closing(browser), suppress(OSError), socket.create_connection(behind) as server:
        head = b""
        while _END not in head:
            if not (piece := browser.recv(_PIECE)):
                return
            head += piece
        lines, rest = head.split(_END, 1)
        if b"upgrade: websocket" not in lines.lower():
            lines = re.sub(rb"(?i)\r\nconnection:[^\r]*", b"\r\nConnection: close", lines)
        server.sendall(lines + f"\r\n{header}".encode() + _END + rest)
        up = threading.Thread(target=_pour, args=(browser, server), daemon=True)
        up.start()
        _pour(server, browser)


def _pour(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while piece := source.recv(_PIECE):
            target.sendall(piece)
        target.shutdown(socket.SHUT_WR)
