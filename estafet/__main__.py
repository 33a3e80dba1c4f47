"""`python -m estafet` is the command line."""

from estafet.command import main

main()
