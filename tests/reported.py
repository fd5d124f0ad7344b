"""The example, judged by both packs, for the tests of reports."""

from functools import cache
from pathlib import Path

from audit.outcome import Audit
from audit.reports import FORMATS
from audit.reports.duties import Key
from audit.running import Request, audit
from audit.wording import Language

EXAMPLE = Path(__file__).parents[1] / "examples" / "small_carrier"


@cache
def example() -> Audit:
    """The audit of the example, told in Chinese."""
    return audit(Request(EXAMPLE, ("telecom_agreement", "cn_statute"), keep=False))


def written(
    told: Audit, name: str, folder: Path, language: Language = Language.en, key: Key = None
) -> Path:
    """The one file of this format, in the folder."""
    ((file, write),) = FORMATS[name](told, key, language).items()
    write(folder / file)
    return folder / file
