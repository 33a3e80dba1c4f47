"""What a customer's words give away: words that a team watches for, and that somebody is upset."""
