"""Learning from what was solved: similar tickets, procedures drafted from a ticket, and how procedures fare."""
