"""Sound in and out: any file to mono blocks, log-mel, cuts, tags, mixing."""
