"""earmark finds sounds with words: the recording, and the moment in it.

Nothing heavy is imported here, so that `import earmark` and `earmark --help` stay instant.
"""

from __future__ import annotations

TYPE_CHECKING = False  # as typing has it, without the cost of importing it
if TYPE_CHECKING:
    from earmark.model.model import Model

__all__ = ["Model", "__version__"]
__version__ = "0.1.0.dev0"


def __getattr__(name: str) -> object:
    """Import a public name when it is first asked for."""
    if name == "Model":
        from earmark.model.model import Model

        return Model
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
