"""An archive such as a person has: many formats and names, a long recording, a few mishaps.

It is what `earmark demo` works on. Everything in it is made by code from a seed, so what sounds in
which file, and when, is known.
"""

from earmark.scenes.archive.make import FIELD, FILES, HOUR, archive_truth, make_archive
from earmark.scenes.archive.takes import TAKES
from earmark.scenes.archive.truth import Sounding

__all__ = ["FIELD", "FILES", "HOUR", "TAKES", "Sounding", "archive_truth", "make_archive"]
