"""Figures of days: counted once in the background, read by pages, explained in words, each one leading to its tickets."""
