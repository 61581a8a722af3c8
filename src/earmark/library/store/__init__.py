"""Where a library keeps what it knows: one contract, one engine so far."""
