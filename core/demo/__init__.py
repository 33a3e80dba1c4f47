"""The desk of a shop for electronics, Lentera Elektronik, with three weeks of work behind it: what a newcomer sees first.

    accounts = fill(database, settings)     # None: somebody works here already
    accounts = known_accounts(database)     # the same at every later start; None without demo data

Nothing here is written past the product's own commands: the past is played through them, with the moment of each deed as `now`.
"""

from core.demo.filling import DemoAccount, DemoAccounts, fill, known_accounts

__all__ = ["DemoAccount", "DemoAccounts", "fill", "known_accounts"]
