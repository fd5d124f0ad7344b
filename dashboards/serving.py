"""Starts Streamlit for our screens: safe whatever the user's own configuration says."""

import copy
import errno
import re
import socket
import tomllib
import warnings
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import streamlit as st
import uvicorn
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import Route
from streamlit import config, file_util, logger

from audit import Language, Problem, UsageRefused, phrase
from dashboards import faults
from dashboards.ahead import read_ahead
from dashboards.gate import Gate, Rules
from dashboards.parts.page import ICON, SCREENS
from dashboards.settings import Settings, use

HERE = Path(__file__).parent
SCRIPT = HERE / "app.py"
PINNED = HERE / ".streamlit" / "config.toml"
WORDS_OF_HTML = {Language.zh: "zh-CN", Language.en: "en"}
_SECRET = "server.cookieSecret"  # noqa: S105 (the option's name; its value is left to Streamlit)
PORTS = range(8501, 8521)
_BACKLOG = 128
_PATIENCE = 3
_OURS_BESIDE = (
    '<script type="module" src="./language.js"></script>'
    '<link rel="stylesheet" href="./dashboard.css" />'
)
_LARGEST_MESSAGE = 32 * 2**20


@dataclass(frozen=True)
class Listening:
    """Where the server listens, and the rules of its gate; port None takes the first free one."""

    address: str
    port: int | None
    rules: Rules
    debug: bool = False


def serve(settings: Settings, listening: Listening, tell: Callable[[int], None]) -> None:
    """Serve until told to stop; `tell` hears the port once it is listened to.

    Raises UsageRefused where the port is taken or the address is none of this machine.
    """
    use(settings)
    with bound(listening.address, listening.port) as listener:
        port = int(listener.getsockname()[1])
        configure(listening, port)
        server = uvicorn.Server(_server_settings(application(settings, listening, tell, port)))
        server.run(sockets=[listener])


def application(
    settings: Settings, listening: Listening, tell: Callable[[int], None], port: int
) -> st.App:
    """The screens as an ASGI application behind the gate."""

    @asynccontextmanager
    async def alive(_: st.App) -> AsyncGenerator[None, None]:
        tell(port)
        read_ahead(settings)
        yield

    shell = Shell(settings.language)
    pages = ["/", *(f"/{screen}" for screen in SCREENS)]
    return st.App(
        SCRIPT,
        lifespan=alive,
        on_script_error=faults.told_at_length if listening.debug else faults.told,
        routes=[
            *(Route(path, shell.page) for path in pages),
            Route("/language.js", shell.script),
            Route("/dashboard.css", shell.style),
            Route("/favicon.png", shell.icon),
        ],
        middleware=[Middleware(Gate, rules=listening.rules)],
    )


# ---- the page that a browser loads first


@dataclass(frozen=True)
class Shell:
    """Streamlit's own page, in our language and without what we do not serve."""

    language: Language

    async def page(self, request: Request) -> Response:
        """The page in the language that the address asks for."""
        asked = request.query_params.get("lang", "")
        language = Language(asked) if asked in tuple(Language) else self.language
        return HTMLResponse(shell_page(language), headers={"cache-control": "no-cache"})

    async def script(self, _: Request) -> Response:
        """What keeps the page's language that of the screen."""
        return FileResponse(HERE / "language.js", media_type="text/javascript")

    async def style(self, _: Request) -> Response:
        """What Streamlit's themes cannot say."""
        return FileResponse(HERE / "dashboard.css", media_type="text/css")

    async def icon(self, _: Request) -> Response:
        """The icon, until the screen has set its own."""
        return FileResponse(ICON)


def shell_page(language: Language) -> str:
    """Streamlit's index.html made ours; RuntimeError where a new Streamlit has another one."""
    text = (Path(file_util.get_static_dir()) / "index.html").read_text(encoding="utf-8")
    title = escape(phrase("shell-title", language))
    needs = escape(phrase("shell-needs-script", language))
    for pattern, ours in (
        (r"<!--.*?-->\s*", ""),
        (r'<html lang="en">', f'<html lang="{WORDS_OF_HTML[language]}">'),
        (r"<title>.*?</title>", f"<title>{title}</title>"),
        (r'<link rel="service-desc".*?/>', _OURS_BESIDE),
        (r"<script>.*?</script>", ""),
        (r"<noscript>.*?</noscript>", f"<noscript><p>{needs}</p></noscript>"),
    ):
        text, found = re.subn(pattern, ours, text, flags=re.DOTALL)
        if not found:
            raise RuntimeError(f"Streamlit's page holds no {pattern}")
    return text


# ---- Streamlit's options


def configure(listening: Listening, port: int) -> None:
    """Set every option: ours where we have one, else Streamlit's default, never the user's."""
    ours = pinned() | {
        "server.address": listening.address,
        "server.port": port,
        "server.allowedHosts": sorted(listening.rules.hosts),
        "browser.serverAddress": listening.address,
        "server.trustedUserHeaders": _trusted_headers(listening.rules),
    }
    defaults = copy.deepcopy(config._config_options_template)  # noqa: SLF001 (no public name)
    for name, option in defaults.items():
        if name not in {_SECRET, "secrets.files"}:
            config.set_option(name, ours.get(name, option.value), "consent-audit dashboard")
    logger.set_log_level(ours["logger.level"].upper())
    if not listening.debug:
        warnings.simplefilter("ignore")  # libraries' words to programmers, not to officers


def pinned() -> dict[str, Any]:
    """The options of our own configuration file, by their dotted names."""
    return dict(_flat(tomllib.loads(PINNED.read_text(encoding="utf-8")), ""))


def _flat(table: dict[str, Any], stem: str) -> list[tuple[str, Any]]:
    return [
        each
        for name, value in table.items()
        for each in (
            _flat(value, f"{stem}{name}.")
            if isinstance(value, dict)
            else [(f"{stem}{name}", value)]
        )
    ]


def _trusted_headers(rules: Rules) -> dict[str, str]:
    return {rules.proxy.header: "email"} if rules.proxy else {}


def _server_settings(app: st.App) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        ws="websockets-sansio",
        ws_max_size=_LARGEST_MESSAGE,
        log_config=None,
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,  # nobody may say for somebody else where he comes from
        timeout_graceful_shutdown=_PATIENCE,
    )


def bound(address: str, port: int | None) -> socket.socket:
    """A socket that listens; raises UsageRefused where the port or the address cannot be had."""
    candidates = PORTS if port is None else (port,)
    for candidate in candidates:
        listener = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((address, candidate))
            listener.listen(_BACKLOG)
        except OSError as error:
            listener.close()
            if error.errno == errno.EADDRINUSE and candidate != candidates[-1]:
                continue
            raise UsageRefused(_cannot_listen(address, candidate, error)) from error
        return listener
    raise AssertionError("there is always a candidate")


def _cannot_listen(address: str, port: int, error: OSError) -> Problem:
    detail = error.strerror or type(error).__name__
    return Problem("dashboard-cannot-listen", {"address": address, "port": port, "detail": detail})
