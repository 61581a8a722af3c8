"""A person's own sounds: what some labelled or captioned clips of theirs teach a bundle.

The ears stay as they are. Only the vector of a query is turned, and only of one that is near to an
own caption; so all else is found as before, and what a library holds stays valid.
"""
