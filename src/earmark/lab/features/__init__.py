"""What frozen networks make of sounds and sentences, worked out once and kept.

A *tower* here is any network that gives tokens and does not learn: an expert of `lab/experts/`, by
its name, or either half of a bundle, by its name or folder. Systems that are compared learn from
the very same features: only what stands on top of them differs, and a step costs what that costs.

    towers.py    sounds to tokens with their times
    readers.py   sentences to tokens
    fewer.py     many tokens to few: evenly, by windows, or by what sounds
    kept.py      all of it in mapped files, under keys that know what it was made from
    featured.py  pairs as sides, in noise where a recipe wants that

A recipe can ask for *levels* too: what earlier layers of the first tower that hears, and of the one
that reads, said at the places of its tokens. They are brought to the same few as those.
"""
