"""The project's data (schemas, vocabulary, packs); this one function says where a file of it lies."""

from importlib.resources import files
from importlib.resources.abc import Traversable


def path(*parts: str) -> Traversable:
    """The file or folder of this name inside the package, e.g. `path("vocabulary", "roles.toml")`."""
    return files(__name__).joinpath(*parts)
