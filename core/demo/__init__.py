"""The desk of a shop for electronics, Lentera Elektronik, with eight weeks of work behind it: what a newcomer sees first.

    accounts = fill(database, settings)     # None: somebody works here already
    accounts = known_accounts(database)     # the same at every later start; None without demo data

The stories of the last three weeks are played through the product's own commands, with the moment of each deed as `now`; the plain requests
of eight weeks behind them, from which the figures of the lead's day are counted, are written in bulk (`core.demo.weeks`).
"""

from core.demo.filling import DemoAccount, DemoAccounts, fill, known_accounts

__all__ = ["DemoAccount", "DemoAccounts", "fill", "known_accounts"]
