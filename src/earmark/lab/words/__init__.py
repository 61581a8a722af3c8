"""Text to learn from: sources of sentences, what they mean to a teacher, and slips of the hand."""
