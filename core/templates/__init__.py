"""E-mail templates: their small language, where their words come from, what they may name, and how a team lead changes them."""
