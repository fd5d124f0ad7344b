"""The gate lets through what it should, and nothing else; told request by request."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from ipaddress import ip_network
from typing import Any

import pytest

from dashboards.gate import HEADERS, Gate, Message, Proxy, Receive, Rules, Scope, Send

HERE = Rules(frozenset({"127.0.0.1", "localhost", "::1"}))
PROXY = Proxy("X-Reader", (ip_network("10.0.0.0/8"), ip_network("::1")))
BEHIND = Rules(frozenset({"audit.example.cn"}), PROXY)


def request(
    host: str | None = "127.0.0.1:8501",
    kind: str = "http",
    method: str = "GET",
    peer: str = "127.0.0.1",
    **headers: str | list[str],
) -> dict[str, Any]:
    said = {**({"host": host} if host is not None else {}), **headers}
    return {
        "type": kind,
        "method": method,
        "client": (peer, 50000),
        "headers": [
            (name.replace("_", "-").encode(), value.encode())
            for name, values in said.items()
            for value in ([values] if isinstance(values, str) else values)
        ],
    }


@pytest.mark.parametrize("host", ["127.0.0.1:8501", "localhost", "LOCALHOST:1", "[::1]:8501"])
def test_our_own_names_are_let_in(host: str) -> None:
    assert HERE.refuse(request(host)) is None


@pytest.mark.parametrize(
    "host",
    [
        None,
        "",
        "evil.example",
        "127.0.0.1.evil.example",
        "localhost@evil.example",
        "localhost:x",
        "localhost/../evil",
        "10.0.0.1:8501",
    ],
)
def test_another_host_is_refused_whatever_is_asked(host: str | None) -> None:
    assert HERE.refuse(request(host)) == "host"
    assert HERE.refuse(request(host, "websocket")) == "host"


def test_a_host_said_twice_is_refused() -> None:
    said: Scope = request(None)
    said["headers"] = [(b"host", b"localhost"), (b"host", b"evil.example")]
    assert HERE.refuse(said) == "host"


@pytest.mark.parametrize(
    ("origin", "reason"),
    [
        ("http://127.0.0.1:8501", None),
        ("https://127.0.0.1:8501", None),
        ("http://127.0.0.1:3000", "origin"),  # another program's page on this machine
        ("http://localhost:8501", "origin"),
        ("http://evil.example", "origin"),
        ("null", "origin"),
        (["http://127.0.0.1:8501", "http://evil.example"], "origin"),
    ],
)
@pytest.mark.parametrize(("kind", "method"), [("websocket", "GET"), ("http", "PUT")])
def test_only_a_page_of_ours_may_change_or_listen(
    origin: str | list[str], reason: str | None, kind: str, method: str
) -> None:
    assert HERE.refuse(request(kind=kind, method=method, origin=origin)) == reason


def test_a_page_may_be_read_from_a_link_elsewhere() -> None:
    assert HERE.refuse(request(origin="http://evil.example")) is None


@pytest.mark.parametrize(
    ("peer", "reader", "reason"),
    [
        ("10.1.2.3", "a@b.cn", None),
        ("::1", "a@b.cn", None),
        ("127.0.0.1", "a@b.cn", "proxy"),
        ("192.168.0.1", "a@b.cn", "proxy"),
        ("not an address", "a@b.cn", "proxy"),
        ("10.1.2.3", "", "identity"),
        ("10.1.2.3", ["a@b.cn", "boss@b.cn"], "identity"),
    ],
)
def test_a_proxy_is_believed_where_it_stands_and_says_one_name(
    peer: str, reader: str | list[str], reason: str | None
) -> None:
    assert BEHIND.refuse(request("audit.example.cn", peer=peer, x_reader=reader)) == reason


async def _answered(scope: Scope) -> list[Message]:
    sent: list[Message] = []

    async def application(_: Scope, receive: Receive, send: Send) -> None:
        await receive()
        head = [(b"content-type", b"text/html"), (b"X-Frame-Options", b"ALLOWALL")]
        await send({"type": "http.response.start", "status": 200, "headers": head})
        await send({"type": "http.response.body", "body": b"served"})

    async def receive() -> Message:
        return {"type": "http.request"}

    async def send(message: Message) -> None:
        sent.append(message)

    await Gate(application, HERE)(scope, receive, send)
    return sent


def _answer(scope: Scope) -> list[Message]:
    """What the gate sends; from a thread of its own, for the browser tests' loop runs in this."""
    with ThreadPoolExecutor(1) as own:
        return own.submit(lambda: asyncio.run(_answered(scope))).result()


def test_an_answer_bears_our_headers_and_no_others_of_their_name() -> None:
    head, body = _answer(request())
    said = [(name.decode().lower(), value.decode()) for name, value in head["headers"]]
    assert dict(said).items() >= HEADERS.items()
    assert [name for name, _ in said].count("x-frame-options") == 1
    assert body["body"] == b"served"


def test_a_refused_request_never_reaches_the_application() -> None:
    head, body = _answer(request("evil.example"))
    assert head["status"] == 403
    assert b"refused (host)" in body["body"]
    (closed,) = _answer(request("evil.example", "websocket"))
    assert closed["type"] == "websocket.close"


def test_nothing_may_be_loaded_from_elsewhere() -> None:
    policy = HEADERS["content-security-policy"]
    assert "http" not in policy
    assert "*" not in policy
    assert "unsafe-eval" not in policy
    assert "script-src 'self';" in policy
