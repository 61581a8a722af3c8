"""A library on a Milvus server: for more vectors than one machine holds, and for many machines.

    {name}_log       every change, one row after the other: what is true
    {name}_moments   the searched vectors
    {name}_tokens    tokens, in blocks

A machine that works with the library follows the log into a SQLite database of its own
(`mirror.py`): the tables, the full text and the filters are those of a library in a folder, so that
both give the same answers. docs/served.md says what that costs.
"""
