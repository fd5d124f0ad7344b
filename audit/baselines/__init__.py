"""Baselines: findings that were accepted, so that a later run tells what is new or worse."""
