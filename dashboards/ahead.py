"""What is read while the browser still starts, so that the first reader need not wait for it."""

from contextlib import suppress
from importlib import import_module
from inspect import stack
from threading import Thread

from audit import Desk, Reader, Workspace
from dashboards.settings import Identity, Settings

_LIBRARIES = ("streamlit.emojis", "pyarrow", "pandas", "PIL.Image")  # loaded by the first screen


def read_ahead(settings: Settings) -> None:
    """Begin to read; nothing waits for it, and nothing is shown because of it."""
    Thread(target=read_newest, args=(settings,), daemon=True).start()


def read_newest(settings: Settings) -> None:
    """The newest run's digests before all else of it, and nothing of a run that has faults."""
    with suppress(Exception):  # it fails again for the reader who asks, and is told there
        desk = newest(settings)
        sound = desk is not None and not desk.faults()
        _libraries()
        if desk is not None and sound:
            desk.overview()
            desk.facets()


def _libraries() -> None:
    """What Streamlit loads and looks up when it first draws something: a second and more."""
    for library in _LIBRARIES:
        import_module(library)
    stack()  # it asks who called; the first time all modules are looked at


def newest(settings: Settings) -> Desk | None:
    """The run that is shown where none is named, as most readers of this dashboard may see it."""
    runs = Workspace(settings.runs).runs().runs
    nobody = settings.identity is Identity.nobody
    role = settings.role_without_login if nobody else settings.role_of_others
    return Desk(runs[0], Reader(role)) if runs else None
