"""The steps by which a store of decisions was brought to its present form; alembic runs them."""
