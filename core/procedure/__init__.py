"""The procedure: what is next on a ticket, as a pure function over its step ledger."""
