"""Who may see what: a login at a real identity provider, and an authenticating proxy in front."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Look, Start
from tests.browser.identity_provider import CLIENT, SECRET, Provider, providing
from tests.browser.looking import Looking
from tests.browser.proxy import proxying

ROLES = (
    '[dashboard.roles]\n"Officer@carrier.example" = "officer"\n"boss@carrier.example" = "admin"\n'
)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def provider(port: int) -> Iterator[Provider]:
    with providing(f"http://127.0.0.1:{port}/oauth2callback") as running:
        yield running


@pytest.fixture
def place(tmp_path: Path, provider: Provider) -> Path:
    """A folder with the settings and the secrets of a dashboard that has a login."""
    (tmp_path / "consent-audit.toml").write_text(ROLES, encoding="utf-8")
    (tmp_path / ".streamlit").mkdir()
    (tmp_path / ".streamlit" / "secrets.toml").write_text(
        f"""[auth]
redirect_uri = "{provider.redirect_uri}"
cookie_secret = "what the cookies of this test are signed with"
client_id = "{CLIENT}"
client_secret = "{SECRET}"
server_metadata_url = "{provider.url}/.well-known/openid-configuration"
""",
        encoding="utf-8",
    )
    return tmp_path


def log_in(tab: Looking, address: str) -> None:
    tab.page.goto(tab.url)
    tab.drawn("log_in")
    tab.page.get_by_role("button", name="Log in").click()
    tab.page.get_by_label("E-mail").fill(address)
    tab.page.get_by_role("button", name="Continue").click()
    tab.page.wait_for_selector('[data-done="overview"]', state="attached")


def test_a_login_gives_the_role_of_the_address(
    start: Start, look: Look, workspace: Path, place: Path, provider: Provider, port: int
) -> None:
    running = start(workspace, "--port", str(port), "--lang", "en", folder=place)
    assert running.url == f"http://127.0.0.1:{port}"

    stranger = look(running.url)
    stranger.page.goto(f"{running.url}/parties")
    stranger.drawn("log_in")
    assert not stranger.page.get_by_test_id("stSidebarNav").is_visible()
    assert not stranger.barriers()
    stranger.keep("shell-log-in")

    officer = look(running.url)
    log_in(officer, "officer@carrier.example")
    expect(officer.side().get_by_text("Your role: officer")).to_be_visible()
    expect(officer.side().get_by_text("officer@carrier.example")).to_be_visible()

    guest = look(running.url)
    log_in(guest, "guest@elsewhere.example")
    expect(guest.side().get_by_text("Your role: viewer")).to_be_visible()
    assert provider.redeemed == 2

    officer.page.get_by_role("button", name="Log out").click()
    officer.drawn("log_in")


def test_an_address_that_nobody_verified_gives_no_role(
    start: Start, look: Look, workspace: Path, place: Path, provider: Provider, port: int
) -> None:
    provider.verified = False
    running = start(workspace, "--port", str(port), "--lang", "en", folder=place)
    tab = look(running.url)
    log_in(tab, "boss@carrier.example")
    expect(tab.side().get_by_text("Your role: viewer")).to_be_visible()


def test_a_proxy_says_who_reads(start: Start, look: Look, workspace: Path, tmp_path: Path) -> None:
    (tmp_path / "consent-audit.toml").write_text(
        f'[dashboard.proxy]\nheader = "X-Reader"\ntrusted = ["127.0.0.1"]\n{ROLES}',
        encoding="utf-8",
    )
    running = start(workspace, "--lang", "en", folder=tmp_path)
    tab = look(running.url)
    refused = tab.page.request.get(running.url)
    assert refused.status == 403
    assert "identity" in refused.text()
    with proxying(running.url, "X-Reader: boss@carrier.example") as address:
        behind = look(address).open("duties")
        expect(behind.side().get_by_text("Your role: administrator")).to_be_visible()
        behind.close()
