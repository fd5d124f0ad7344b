"""Where the tables of a generated export lie; imports nothing large."""

from pathlib import Path

TABLES = ("parties", "consents", "evidence", "flows")


def files(export: Path, table: str) -> list[Path]:
    """The file of a table, or those in its folder."""
    return sorted(export.glob(f"{table}.*")) or sorted((export / table).iterdir())
