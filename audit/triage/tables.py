"""The tables of the store, as the newest migration leaves them."""

from sqlalchemy import Column, Integer, MetaData, Table, Text

VERSION_TABLE = "triage_version"
NEWEST = "0001"  # the migration that this code is written for; a test compares
metadata = MetaData()

# sequence: from 1. previous: the digest of the entry before. body: the entry's one JSON text.
entries = Table(
    "triage_entries",
    metadata,
    Column("sequence", Integer, primary_key=True, autoincrement=False),
    Column("previous", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("digest", Text, nullable=False),
)

# One row, which is what writers wait for one another at.
head = Table(
    "triage_head",
    metadata,
    Column("name", Integer, primary_key=True, autoincrement=False),
    Column("entries", Integer, nullable=False),
    Column("digest", Text, nullable=False),
)

# One row, the migration that was run last.
version = Table(VERSION_TABLE, MetaData(), Column("version_num", Text, primary_key=True))
