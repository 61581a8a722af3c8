"""earmark finds sounds with words: the recording, and the moment in it.

Nothing heavy is imported here, so that `import earmark` and `earmark --help` stay instant.
"""

from __future__ import annotations

TYPE_CHECKING = False  # as typing has it, without the cost of importing it
if TYPE_CHECKING:
    from earmark.library.library import Library
    from earmark.model.model import Model
    from earmark.types import Hit

__all__ = ["Hit", "Library", "Model", "__version__"]
__version__ = "0.1.0.dev0"


_PLACES = {
    "Hit": "earmark.types",
    "Library": "earmark.library.library",
    "Model": "earmark.model.model",
}


def __getattr__(name: str) -> object:
    """Import a public name when it is first asked for."""
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_PLACES[name]), name)
