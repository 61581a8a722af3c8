"""What earmark costs, measured beside its peers in one run: a program, never a timed test.

Machines are noisy, so a figure is the median of several runs taken in turn with its peer, and what
counts is the ratio between the two.
"""
