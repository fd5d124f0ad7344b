"""How every test runs: random tests draw the same values each time, on every machine."""

from hypothesis import settings

settings.register_profile("same-each-time", derandomize=True, database=None, deadline=None)
settings.load_profile("same-each-time")
