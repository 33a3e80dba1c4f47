"""Stand-ins of Jira and Trello: small servers with a board, so that a laptop and the tests show the plugins without an account anywhere."""
