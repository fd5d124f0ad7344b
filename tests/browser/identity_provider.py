"""A small, real identity provider (OpenID Connect): discovery, authorize, token, keys.

It knows its users by the e-mail address they type, checks what a provider must check (client,
redirect address, one-time code, PKCE), and signs its tokens with RS256.
"""

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, SECRET = "consent-audit", "a secret that only the dashboard and the provider know"
_LIFETIME = 300


@dataclass
class Provider:
    """One provider: its keys, the clients' redirect address, the codes not yet redeemed."""

    redirect_uri: str
    verified: bool = True
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "1"}))
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    redeemed: int = 0
    url: str = ""

    def discovery(self) -> dict[str, object]:
        """What `/.well-known/openid-configuration` says."""
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/keys",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "code_challenge_methods_supported": ["S256"],
        }

    def keys(self) -> dict[str, object]:
        """The public keys."""
        return {"keys": [{**self.key.as_dict(private=False), "use": "sig", "alg": "RS256"}]}

    def asked(self, query: dict[str, str]) -> str | None:
        """A page that asks who somebody is; None where the client is not ours."""
        ours = query.get("client_id") == CLIENT and query.get("redirect_uri") == self.redirect_uri
        if not ours or query.get("response_type") != "code" or not query.get("code_challenge"):
            return None
        kept = "".join(
            f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'
            for name, value in query.items()
        )
        return (
            '<!DOCTYPE html><html lang="en"><title>Provider</title><form action="/allow">'
            f'{kept}<label>E-mail <input name="email"></label><button>Continue</button></form>'
        )

    def allowed(self, query: dict[str, str]) -> str:
        """Where the browser is sent with its one-time code."""
        code = secrets.token_urlsafe()
        self.codes[code] = query
        return f"{self.redirect_uri}?{urlencode({'code': code, 'state': query['state']})}"

    def token(self, form: dict[str, str], authorization: str) -> dict[str, object] | None:
        """The signed identity for a code; None where anything does not fit."""
        asked = self.codes.pop(form.get("code", ""), None)
        basic = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        if asked is None or authorization != f"Basic {basic}":
            return None
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        if form.get("redirect_uri") != self.redirect_uri or challenge != asked["code_challenge"]:
            return None
        self.redeemed += 1
        identity = jwt.encode({"alg": "RS256", "kid": "1"}, self._claims(asked), self.key)
        return {
            "access_token": secrets.token_urlsafe(),
            "token_type": "Bearer",
            "id_token": identity,
        }

    def _claims(self, asked: dict[str, str]) -> dict[str, object]:
        now = int(time.time())
        return {
            "iss": self.url,
            "aud": CLIENT,
            "sub": hashlib.sha256(asked["email"].encode()).hexdigest(),
            "iat": now,
            "exp": now + _LIFETIME,
            "nonce": asked["nonce"],
            "email": asked["email"],
            "email_verified": self.verified,
        }


@contextmanager
def providing(redirect_uri: str, *, verified: bool = True) -> Iterator[Provider]:
    """A provider that listens on a free port of this machine until the end of the block."""
    provider = Provider(redirect_uri, verified)
    server = ThreadingHTTPServer(
        ("127.0.0.1", 0), type("Handler", (_Handler,), {"provider": provider})
    )
    provider.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    """What the provider says over HTTP; a subclass of it knows which provider it is."""

    provider: Provider

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        query = _one_each(parts.query)
        match parts.path:
            case "/.well-known/openid-configuration":
                self._json(self.provider.discovery())
            case "/keys":
                self._json(self.provider.keys())
            case "/authorize":
                page = self.provider.asked(query)
                self._answer(200 if page else 400, "text/html", page or "refused")
            case "/allow":
                self._answer(302, "text/plain", "", Location=self.provider.allowed(query))
            case _:
                self._answer(204, "text/plain", "")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        token = self.provider.token(_one_each(body), self.headers.get("Authorization", ""))
        self._json(token or {"error": "invalid_grant"}, 200 if token else 400)

    def _json(self, told: dict[str, object], status: int = 200) -> None:
        self._answer(status, "application/json", json.dumps(told))

    def _answer(self, status: int, kind: str, text: str, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": f"{kind}; charset=utf-8", **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_: object) -> None:
        """Say nothing: the tests' output is for the tests."""


def _one_each(query: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(query).items()}
