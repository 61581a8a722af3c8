"""Networks that turn one side into a stream of tokens."""
