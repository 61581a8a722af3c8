"""How far the readers are, on a board that the driver looks at: file -> seconds."""

from __future__ import annotations

Reached = tuple[float | None, float]  # seconds that its header claims; up to where it was heard


class Board:
    """An actor that keeps what readers say of themselves; nothing depends on it."""

    def __init__(self) -> None:
        self._reached = dict[int, Reached]()

    def tell(self, file: int, reached: Reached) -> None:
        """Note how far a file is."""
        self._reached[file] = reached

    def read(self) -> dict[int, Reached]:
        """Give what is new since this was asked the last time."""
        reached, self._reached = self._reached, {}
        return reached
