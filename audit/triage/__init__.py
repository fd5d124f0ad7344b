"""Decisions on findings, which last from run to run: kept in a log that only grows."""
