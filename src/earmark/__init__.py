"""earmark finds sounds with words: the recording, and the moment in it.

Nothing heavy is imported here, so that `import earmark` and `earmark --help` stay instant.
"""

from __future__ import annotations

__version__ = "0.1.0.dev0"
