"""What a language model is asked for one caption, and what is taken of what it says.

The caption stands there as a string of JSON, so that nothing in it ends it. Whatever comes back
that is not what was asked for is refused whole: there is no guessing which half was meant.
"""

from __future__ import annotations

import json
import re
from hashlib import blake2b

from earmark.lab.writers import Reply

MOST_WORDS = 20  # of a rewrite; a longer caption may be told at its own length
PROMPT = """\
Below is a caption of a sound recording. Write exactly {count} other captions that mean the same.

- Each is one sentence of at most {most} words, and no two are alike.
- Each names every sound that the caption names, and no other sound.
- Each keeps what comes first, what is at the same time, how many there are, how loud, how far, \
what is in the background, and what is said not to be there.
- Add no event, no number and no name.

Answer with a JSON list of {count} strings and with nothing else.

Caption: {caption}
"""
STRING = r'"(?:[^"\\]|\\.)*"'
LIST = re.compile(rf"\[\s*{STRING}(?:\s*,\s*{STRING})*\s*\]")  # the last: some think aloud before
DIGEST = blake2b(PROMPT.encode(), digest_size=6).hexdigest()


def prompt_for(sentence: str, count: int) -> str:
    """Ask for rewrites of a sentence."""
    caption = json.dumps(sentence, ensure_ascii=False)
    return PROMPT.format(count=count, most=_most(sentence), caption=caption)


def taken(said: str, sentence: str, count: int) -> Reply:
    """Take the rewrites out of an answer, or say what is wrong with it."""
    lists = LIST.findall(said)
    try:
        found: list[str] = json.loads(lists[-1]) if lists else []
    except ValueError:  # a string of JSON has no line in it
        found = []
    rewrites = tuple(" ".join(one.split()) for one in found)
    if not rewrites or not all(rewrites):
        return Reply((), "no JSON list of sentences")
    if len(rewrites) != count:
        return Reply((), f"not {count} sentences")
    if any(len(one.split()) > _most(sentence) for one in rewrites):
        return Reply((), "a sentence that is too long")
    return Reply(rewrites)


def _most(sentence: str) -> int:
    return max(MOST_WORDS, len(sentence.split()))
