"""What is heard in a recording, in plain words: when, how surely, how often."""
