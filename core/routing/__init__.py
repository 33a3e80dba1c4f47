"""How work finds people: rules, ways of choosing among colleagues, limits, and why it was decided so."""
