"""Other languages: what people say of sounds in them, and a reader that is taught to understand it.

`books.py` holds phrases that were written for the project, `ucs.py` the lists of the Universal
Category System, `pool.py` puts both together as meanings with what stands for them in each
language, and keeps apart what the exam asks.
"""

from __future__ import annotations

ENGLISH = "en"
WRITTEN = ("de", "fr", "es", "pt", "it", "nl", "pl", "ja")  # with a book of their own
LISTED = ("da", "fi", "no", "sv", "tr", "ru", "uk", "ar", "ko", "zh")  # in lists of UCS alone
TONGUES = (ENGLISH, *WRITTEN, *LISTED)  # in the order of the network's output
