"""Plugins as the core knows them: the values they see, rows of what they registered, their calls and facts. No plugin is imported here."""
