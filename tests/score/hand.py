"""A lopsided case worked out by hand: three texts, five sounds, ties, a sound without a text."""

import numpy as np

SCORES = np.array(
    [
        [0.9, 0.5, 0.5, 0.1, 0.3],
        [0.2, 0.8, 0.1, 0.4, 0.6],
        [0.3, 0.3, 0.3, 0.7, 0.2],
    ]
)
MATCH = np.array(
    [
        [0, 1, 0, 1, 0],  # 0.5 behind 0.9 and the wrong 0.5: rank 3; 0.1 is last: rank 5
        [0, 1, 0, 0, 0],  # rank 1
        [1, 1, 0, 1, 0],  # 0.7: rank 1; both 0.3 behind the wrong 0.3: ranks 3 and 4
    ],
    dtype=bool,
)
RANKS = [3, 5, 1, 1, 3, 4]

# The other way, columns: sound 0 is right for the last text, 0.3 behind 0.9: rank 2. Sound 1 is
# right for all: ranks 1, 2, 3. Sound 3: 0.7 is rank 1, 0.1 behind 0.7 and 0.4 is rank 3.
TURNED_RANKS = [2, 1, 2, 3, 1, 3]
