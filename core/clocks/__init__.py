"""Service levels: which policy promises what, and how each clock of a ticket stands."""
