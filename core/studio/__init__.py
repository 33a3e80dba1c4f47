"""The studio: team leads write, try and publish procedures here."""
