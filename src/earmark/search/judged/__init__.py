"""Hits judged right or wrong in a person's own archive, and the search scored by them."""
