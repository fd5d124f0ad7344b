"""Verdicts: how facts and clauses decide, and why."""
