"""The log of decisions and its head."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

FIRST = "0" * 64


def upgrade() -> None:
    """An empty log."""
    op.create_table(
        "triage_entries",
        sa.Column("sequence", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("previous", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
    )
    head = op.create_table(
        "triage_head",
        sa.Column("name", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("entries", sa.Integer, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
    )
    op.bulk_insert(head, [{"name": 1, "entries": 0, "digest": FIRST}])
