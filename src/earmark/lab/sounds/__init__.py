"""Decoded sound in memory, and endless mixtures drawn from it."""
