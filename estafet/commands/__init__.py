"""The commands of `estafet`, one module each."""
