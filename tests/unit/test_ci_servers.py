"""A machine without the servers that tests start is told what it lacks; else it is left alone."""

import shutil
import subprocess
from pathlib import Path

HOUSE = Path(__file__).parents[2]


def run(tools: Path, *made: str) -> subprocess.CompletedProcess[str]:
    """The script, on a machine that has nothing but these tools."""
    tools.mkdir()
    for name in ("bash", "env", "id"):
        (tools / name).symlink_to(str(shutil.which(name)))
    for name in made:
        (tools / name).write_text(f"#!{tools}/bash\n", encoding="utf-8")
        (tools / name).chmod(0o755)
    return subprocess.run(
        [tools / "bash", HOUSE / ".ci" / "servers"],
        env={"PATH": str(tools)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_servers_that_are_there_are_enough(tmp_path: Path) -> None:
    done = run(tmp_path / "bin", "initdb", "java", "mariadbd", "my_print_defaults")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_what_cannot_be_installed_is_told_in_one_sentence(tmp_path: Path) -> None:
    done = run(tmp_path / "bin", "initdb", "mariadbd")
    assert done.returncode == 2
    lacking = "mariadb-server-core mariadb-client-core default-jre-headless"
    assert f"{lacking}` as root" in done.stderr
    assert len(done.stderr.splitlines()) == 1
