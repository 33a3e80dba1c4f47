"""Tickets: how they open, what is said on them, who holds them, how they end."""
