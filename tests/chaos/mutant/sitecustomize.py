"""A program that is wrong on purpose: it sends a mail again when it cannot know whether it was sent. The checker must find it out."""

import sys

if sys.orig_argv[-1] == "worker":
    from core import performing

    performing._take_up = lambda database, settings, row, _now: performing._attempt(database, settings, row)
