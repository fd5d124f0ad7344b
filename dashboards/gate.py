"""What stands before Streamlit: who may reach it, and what a browser may load.

Streamlit itself looks at the host of a websocket only, lets any page of this machine open one, and
asks a foreign server for its own address before it says no. So the gate looks first, each time.
"""

from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import Any
from urllib.parse import urlsplit

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

READING = frozenset({"GET", "HEAD", "OPTIONS"})
_POLICY_VIOLATION = 1008
# A browser that was talked into loading anything from elsewhere does not do it.
SOURCES = {
    "default-src": "'self'",
    "img-src": "'self' data: blob:",
    "font-src": "'self' data:",
    "style-src": "'self' 'unsafe-inline'",
    "script-src": "'self'",
    "worker-src": "'self' blob:",
    "object-src": "'none'",
    "base-uri": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}
HEADERS = {
    "content-security-policy": "; ".join(f"{kind} {places}" for kind, places in SOURCES.items()),
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}


@dataclass(frozen=True)
class Proxy:
    """An authenticating proxy: the header in which it names the reader, and where it stands."""

    header: str
    trusted: tuple[IPv4Network | IPv6Network, ...]

    def stands_at(self, address: str) -> bool:
        """Whether a connection from this address is the proxy's."""
        try:
            peer = ip_address(address)
        except ValueError:
            return False
        return any(peer in network for network in self.trusted)


@dataclass(frozen=True)
class Rules:
    """Who may reach the screens: under which hosts, and through which proxy if one is declared."""

    hosts: frozenset[str]
    proxy: Proxy | None = None

    def refuse(self, scope: Scope) -> str | None:
        """Why this request is refused; None where it may pass."""
        host = only(scope, "host")
        if host is None or hostname(host) not in self.hosts:
            return "host"
        origin = only(scope, "origin")
        changes = scope["type"] == "websocket" or scope.get("method") not in READING
        if changes and (many(scope, "origin") or not same_place(origin, host)):
            return "origin"
        return self._refused_by_proxy(scope)

    def _refused_by_proxy(self, scope: Scope) -> str | None:
        if self.proxy is None:
            return None
        if not self.proxy.stands_at((scope.get("client") or ("", 0))[0]):
            return "proxy"
        return None if only(scope, self.proxy.header) else "identity"


@dataclass(frozen=True)
class Gate:
    """The rules before an application, as ASGI has it."""

    app: Application
    rules: Rules

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with our headers on its answer, or refuse it."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
        elif (reason := self.rules.refuse(scope)) is not None:
            await _refused(scope, send, reason)
        else:
            await self.app(scope, receive, _with_headers(send))


def hostname(host: str) -> str | None:
    """The name in a Host header, without its port; None where it is none."""
    try:
        parts = urlsplit(f"//{host}")
        _ = parts.port
    except ValueError:
        return None
    plain = not (parts.username or parts.password or parts.path or parts.query or parts.fragment)
    return parts.hostname.rstrip(".") if plain and parts.hostname else None


def same_place(origin: str | None, host: str) -> bool:
    """Whether a page of this origin was served by us; no origin means that no browser asks."""
    return origin is None or urlsplit(origin).netloc.casefold() == host.casefold()


def only(scope: Scope, name: str) -> str | None:
    """The one value of a header; None where it is missing, empty or said more than once."""
    values = _values(scope, name)
    return values[0] or None if len(values) == 1 else None


def many(scope: Scope, name: str) -> bool:
    """Whether a header is said more than once."""
    return len(_values(scope, name)) > 1


def _values(scope: Scope, name: str) -> list[str]:
    wanted = name.lower().encode("latin-1")
    return [value.decode("latin-1") for key, value in scope["headers"] if key.lower() == wanted]


async def _refused(scope: Scope, send: Send, reason: str) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": _POLICY_VIOLATION, "reason": reason})
        return
    text = f"consent-audit: refused ({reason})\n".encode()
    head = {"content-type": "text/plain; charset=utf-8", "content-length": str(len(text))}
    headers = _encoded((HEADERS | head).items())
    await send({"type": "http.response.start", "status": 403, "headers": headers})
    await send({"type": "http.response.body", "body": text})


def _with_headers(send: Send) -> Send:
    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            kept = [(k, v) for k, v in message["headers"] if k.decode().lower() not in HEADERS]
            message = {**message, "headers": [*kept, *_encoded(HEADERS.items())]}
        await send(message)

    return sent


def _encoded(headers: Iterable[tuple[str, str]]) -> list[tuple[bytes, bytes]]:
    return [(name.encode(), value.encode()) for name, value in headers]
