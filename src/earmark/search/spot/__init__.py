"""Scripts and cue sheets: what should be heard in each line, and where that can be found."""
