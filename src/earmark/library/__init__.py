"""The index of a person's recordings: scan, hear, store, and the facade over all of it."""
