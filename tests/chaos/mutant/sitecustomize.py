"""A program that is wrong on purpose: it sends a mail again when it cannot know whether it was sent. The checker must find it out."""

import sys

if sys.orig_argv[-1] == "worker":
    from core import effects, performing

    def take_up(database, settings, row, now):
        with database.write() as tx:
            effects.give_back(tx, row.key, "it was interrupted", now, 0)
        return performing.perform(database, settings, row.key)

    performing._take_up = take_up
