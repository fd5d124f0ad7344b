"""Clauses as data: what they are, how they are read, and how they become tables of truth."""
