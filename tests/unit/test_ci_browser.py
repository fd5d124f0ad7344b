"""A machine without a browser is told what it lacks; one that has it is left alone."""

import shutil
import subprocess
from pathlib import Path

HOUSE = Path(__file__).parents[2]


def run(tools: Path, **made: str) -> subprocess.CompletedProcess[str]:
    """The script, on a machine that has nothing but these tools."""
    tools.mkdir()
    for name in ("bash", "env", "grep", "id"):
        (tools / name).symlink_to(str(shutil.which(name)))
    for name, body in made.items():
        (tools / name.replace("_", "-")).write_text(f"#!{tools}/bash\n{body}\n", encoding="utf-8")
        (tools / name.replace("_", "-")).chmod(0o755)
    return subprocess.run(
        [tools / "bash", HOUSE / ".ci" / "browser"],
        env={"PATH": str(tools)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_browser_and_a_font_are_enough(tmp_path: Path) -> None:
    done = run(tmp_path / "bin", chromium="", fc_list="echo Noto")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_what_cannot_be_installed_is_told_in_one_sentence(tmp_path: Path) -> None:
    done = run(tmp_path / "bin")
    assert done.returncode == 2
    assert "apt-get install chromium fontconfig fonts-noto-cjk" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_what_is_missing_is_installed_where_that_is_allowed(tmp_path: Path) -> None:
    tools = tmp_path / "bin"
    install = f'printf "#!{tools}/bash" > {tools}/chromium; chmod 755 {tools}/chromium; echo "$@"'
    chmod = str(shutil.which("chmod"))
    done = run(
        tools,
        fc_list="echo Noto",
        sudo='shift; exec "$@"',
        true="",
        chmod=f'{chmod} "$@"',
        apt_get=f"case $2$4 in *chromium*|*) {install};; esac",
    )
    assert done.returncode == 0, done.stderr
    assert "Installing chromium" in done.stdout
