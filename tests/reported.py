"""The example, judged by both packs, for the tests of reports."""

from pathlib import Path

from audit.outcome import Audit
from audit.reports import FORMATS
from audit.reports.duties import Key
from audit.wording import Language
from tests.example_run import audited_once

EXAMPLE = Path(__file__).parents[1] / "examples" / "small_carrier"


def example() -> Audit:
    """The audit of the example, told in Chinese."""
    return audited_once(("telecom_agreement", "cn_statute"))


def written(
    told: Audit, name: str, folder: Path, language: Language = Language.en, key: Key = None
) -> Path:
    """The one file of this format, in the folder."""
    ((file, write),) = FORMATS[name](told, key, language).items()
    write(folder / file)
    return folder / file
