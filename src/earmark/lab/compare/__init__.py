"""Systems side by side: every recipe of a grid, several seeds, one protocol, results that stay.

outcome.py   what a run came to, question by question, small enough to be committed
ask.py       a trained run is asked all that its recipe wants to be tested on
grid.py      recipes times seeds: what is done, what is left, how long it takes
"""
