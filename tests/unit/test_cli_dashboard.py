"""The command `dashboard`: what it says before anything listens, and how it ends."""

import signal
import socket
import sys
import urllib.request
from pathlib import Path

import pytest

from tests.browser.serving import served
from tests.commanding import child, command


def test_a_stranger_s_address_is_refused_in_one_sentence() -> None:
    done = command("dashboard", "--address", "0.0.0.0", "--lang", "en")  # noqa: S104
    assert (done.code, done.out) == (2, "")
    assert len(done.err.splitlines()) == 1
    assert "refusing to start on 0.0.0.0" in done.err


@pytest.mark.parametrize("port", ["x", "-1", "65536", "80.5", "٣"])
def test_a_port_is_a_port(port: str) -> None:
    done = command("dashboard", f"--port={port}", "--lang", "en")
    assert done.code == 2
    assert f"--port {port} is no port" in done.err


def test_a_port_that_is_taken_is_told(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = child("dashboard", tmp_path, "--port", port, "--lang", "en")
    assert done.code == 2
    assert f"cannot listen on 127.0.0.1, port {port}" in done.err
    assert "Traceback" not in done.err


@pytest.mark.parametrize("missing", ["streamlit", "authlib"])
def test_a_missing_extra_is_one_sentence_with_the_mend(
    missing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, missing, None)
    done = command("dashboard", "--lang", "en")
    assert done.code == 2
    assert done.err == (
        f"what the screens need is not installed ({missing}); "
        "run pip install 'consent-audit[dashboard]'\n"
    )


def test_it_says_where_it_listens_and_ends_well_when_told_to(tmp_path: Path) -> None:
    with served(tmp_path, "--lang", "en") as running:
        assert running.url.startswith("http://127.0.0.1:")
        with urllib.request.urlopen(f"{running.url}/_stcore/health", timeout=60) as answer:  # noqa: S310
            assert answer.status == 200
            assert answer.headers["X-Frame-Options"] == "DENY"
        process = running.process
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
        assert process.stdout is not None
        assert process.stdout.read().splitlines()[-1] == "Ended."


def test_help_is_in_both_languages() -> None:
    for language, word in (("zh", "在浏览器中查看"), ("en", "Opens the screens")):
        done = command("dashboard", "--help", "--lang", language)
        assert done.code == 0
        assert word in done.out
