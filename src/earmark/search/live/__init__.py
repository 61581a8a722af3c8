"""Listening: moments that are told while sound goes on, soon after each has ended."""
