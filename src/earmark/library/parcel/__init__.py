"""A library in one file: `write.py` packs it, `read.py` checks and reads it, `put.py` unpacks."""
