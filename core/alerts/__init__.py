"""Alerts: who is told that a ticket or a backlog needs a look, when, how, and why."""
