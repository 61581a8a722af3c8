"""One key of a person: pressed on a terminal, or a line of whatever stands in for one."""

from __future__ import annotations

import sys

END = "\x04"  # what Ctrl-D sends, and what the end of a file counts as


def read_key() -> str:
    """Wait for a key: -> one small letter; of a line its first; empty: an empty line."""
    if sys.stdin.isatty():
        return _pressed().lower()
    line = sys.stdin.readline()
    return line.strip()[:1].lower() if line else END


if sys.platform == "win32":
    import msvcrt

    def _pressed() -> str:
        key = msvcrt.getwch()
        if key == "\x03":
            raise KeyboardInterrupt
        return key

else:
    import termios
    import tty

    def _pressed() -> str:
        """Take a key as it is pressed; Ctrl-C is heard as ever."""
        handle = sys.stdin.fileno()
        before = termios.tcgetattr(handle)
        try:
            tty.setcbreak(handle, termios.TCSADRAIN)  # what was typed ahead counts
            return sys.stdin.read(1)
        finally:
            termios.tcsetattr(handle, termios.TCSADRAIN, before)
