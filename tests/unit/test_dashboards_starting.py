"""What a dashboard is started with: read from three places, refused where it would not be safe."""

from pathlib import Path

import pytest

from audit import Language, Role, UsageRefused, sentence
from dashboards.serving import configure, pinned, shell_page
from dashboards.settings import Identity, Settings, in_use, use
from dashboards.starting import Asked, address_of, prepared

LOGIN = """[auth]
redirect_uri = "https://audit.example.cn/oauth2callback"
cookie_secret = "c"
client_id = "i"
client_secret = "s"
server_metadata_url = "https://id.example.cn/.well-known/openid-configuration"
"""
PROXY = '[dashboard.proxy]\nheader = "X-Reader"\ntrusted = ["10.0.0.5"]\n'
HOSTS = '[dashboard]\nhosts = ["audit.example.cn"]\n'


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to start in, and a home that holds nothing."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    return tmp_path


def declare(settings: str = "", secrets: str = "") -> None:
    Path("consent-audit.toml").write_text(settings, encoding="utf-8")
    Path(".streamlit").mkdir()
    Path(".streamlit", "secrets.toml").write_text(secrets, encoding="utf-8")


def asked(address: str = "127.0.0.1", settings_file: Path | None = None) -> Asked:
    return Asked(Path("runs"), Language.en, address, None, settings_file)


def refused(asking: Asked) -> list[str]:
    with pytest.raises(UsageRefused) as refusal:
        prepared(asking)
    assert refusal.value.exit_code == 2
    return [sentence(problem, Language.en) for problem in refusal.value.problems]


@pytest.mark.parametrize("address", ["127.0.0.1", "localhost", "::1", "127.0.0.2"])
def test_on_loopback_whoever_sits_here_is_the_administrator(address: str) -> None:
    settings, listening = prepared(asked(address))
    assert settings.identity is Identity.nobody
    assert settings.role_without_login is Role.admin
    assert listening.rules.hosts >= {"localhost", "127.0.0.1"}
    assert "*" not in listening.rules.hosts


@pytest.mark.parametrize("address", ["0.0.0.0", "::", "192.168.1.5", "2001:db8::1"])  # noqa: S104
def test_elsewhere_it_refuses_to_start_without_somebody_who_vouches(address: str) -> None:
    (said,) = refused(asked(address))
    assert said.startswith(f"refusing to start on {address}, where anybody could read the runs")


@pytest.mark.parametrize("address", ["example.cn", "", "1.2.3", "0x7f000001"])
def test_an_address_is_an_address(address: str) -> None:
    (said,) = refused(asked(address))
    assert "is no IP address" in said


def test_a_login_opens_another_address_under_the_name_of_its_redirect() -> None:
    declare(secrets=LOGIN)
    settings, listening = prepared(asked("0.0.0.0"))  # noqa: S104
    assert settings.identity is Identity.login
    assert listening.rules.hosts == {"audit.example.cn"}
    assert address_of(listening, 8501) == "https://audit.example.cn"


def test_a_declared_proxy_opens_another_address_under_the_names_given() -> None:
    declare(HOSTS + PROXY)
    settings, listening = prepared(asked("192.168.1.5"))
    assert settings.identity is Identity.proxy
    assert listening.rules.hosts == {"audit.example.cn", "192.168.1.5"}
    assert listening.rules.proxy is not None
    assert listening.rules.proxy.stands_at("10.0.0.5")
    assert not listening.rules.proxy.stands_at("10.0.0.6")


def test_behind_a_proxy_on_every_address_somebody_must_name_the_host() -> None:
    declare(PROXY)
    (said,) = refused(asked("0.0.0.0"))  # noqa: S104
    assert "name it as hosts in [dashboard]" in said


def test_two_that_vouch_are_one_too_many() -> None:
    declare(PROXY, LOGIN)
    (said,) = refused(asked())
    assert "only one can say who reads" in said


@pytest.mark.parametrize(
    "missing",
    ["redirect_uri", "cookie_secret", "client_id", "client_secret", "server_metadata_url"],
)
def test_half_a_login_is_none(missing: str) -> None:
    lines = [line for line in LOGIN.splitlines() if not line.startswith(missing)]
    declare(secrets="\n".join(lines))
    (said,) = refused(asked("0.0.0.0"))  # noqa: S104
    assert missing in said


def test_roles_are_given_by_address_in_any_letters() -> None:
    declare('[dashboard.roles]\n"Officer@Carrier.example" = "officer"\n')
    settings, _ = prepared(asked())
    assert settings.role_of(" officer@carrier.EXAMPLE ") is Role.officer
    assert settings.role_of("somebody@else.example") is Role.viewer


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("host = []", "knows no host; there are hosts, role_without_login"),
        ('hosts = "a.cn"', "hosts in [dashboard]"),
        ('hosts = ["a/b"]', "hosts in [dashboard]"),
        ('role_without_login = "root"', "role_without_login in [dashboard]"),
        ('roles = { a = "boss" }', "roles in [dashboard]"),
        ('proxy = { header = "X-Reader" }', "proxy in [dashboard]"),
        ('proxy = { header = "X-Reader", trusted = [] }', "proxy in [dashboard]"),
        ('proxy = { header = "X Reader", trusted = ["::1"] }', "proxy in [dashboard]"),
        ('proxy = { header = "X-Reader", trusted = ["anywhere"] }', "proxy in [dashboard]"),
        ("hosts = [", "cannot be read"),
    ],
)
def test_a_faulty_settings_file_is_refused_with_its_place(line: str, said: str) -> None:
    declare(f"[dashboard]\n{line}\n")
    (told,) = refused(asked())
    assert said in told
    assert "consent-audit.toml" in told


def test_every_fault_of_a_settings_file_is_told_at_once() -> None:
    declare('[dashboard]\nhost = []\nrole_of_others = "root"\n')
    assert len(refused(asked())) == 2


def test_a_settings_file_that_is_named_must_be_there() -> None:
    (said,) = refused(asked(settings_file=Path("elsewhere.toml")))
    assert "there is no settings file elsewhere.toml" in said


def test_the_users_own_configuration_of_streamlit_changes_nothing(here: Path) -> None:
    from streamlit import config

    for folder in (here / "home" / ".streamlit", here / ".streamlit"):
        folder.mkdir(parents=True)
        (folder / "config.toml").write_text(
            "[server]\nenableXsrfProtection = false\nenableCORS = false\nallowedHosts = ['*']\n"
            "enableStaticServing = true\nenableAgentApi = true\nbaseUrlPath = 'x'\n"
            "sslCertFile = 'cert.pem'\nsslKeyFile = 'key.pem'\n"
            "[browser]\ngatherUsageStats = true\n[client]\nshowErrorDetails = 'full'\n"
            "[server.trustedUserHeaders]\nX-Anybody = 'email'\n",
            encoding="utf-8",
        )
    config.get_config_options(force_reparse=True)
    assert config.get_option("server.enableAgentApi"), "or this test could not fail"
    try:
        configure(prepared(asked())[1], 8501)
        got = {name: config.get_option(name) for name in SAFE}
    finally:
        config.get_config_options(force_reparse=True)
    assert got == SAFE


SAFE = {
    "browser.gatherUsageStats": False,
    "client.showErrorDetails": "none",
    "client.disableDataExport": True,
    "server.address": "127.0.0.1",
    "server.allowedHosts": ["127.0.0.1", "::1", "localhost"],
    "server.baseUrlPath": "",
    "server.enableAgentApi": False,
    "server.enableCORS": True,
    "server.enableStaticServing": False,
    "server.enableXsrfProtection": True,
    "server.fileWatcherType": "none",
    "server.maxUploadSize": 500,
    "server.sslCertFile": None,
    "server.trustedUserHeaders": {},
}


def test_every_pinned_option_is_one_of_streamlit() -> None:
    from streamlit import config

    assert pinned().keys() <= config.get_config_options().keys()


def test_the_page_is_in_our_language_and_offers_nothing_that_is_off() -> None:
    zh, en = shell_page(Language.zh), shell_page(Language.en)
    assert '<html lang="zh-CN">' in zh
    assert '<html lang="en">' in en
    assert "<title>个人信息流转合规审计</title>" in zh
    assert "agent" not in zh
    assert "<script>" not in zh


def test_screens_that_our_command_did_not_start_show_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("dashboards.settings._in_use", [])
    with pytest.raises(UsageRefused, match="dashboard-not-by-command"):
        in_use()
    use(Settings(Path("runs")))
    assert in_use().runs == Path("runs")
