"""Settling differences between annotators: what all agree on is taken, the rest is asked, and every answer is kept."""
