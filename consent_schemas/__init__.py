"""The project's data (schemas, vocabulary, packs), found by the one function here."""

from importlib.resources import files
from importlib.resources.abc import Traversable


def path(*parts: str) -> Traversable:
    """The file or folder of this name, e.g. `path("vocabulary", "roles.toml")`."""
    return files(__name__).joinpath(*parts)
