"""Mail: reading whatever arrives, finding its ticket, writing and sending the answer."""
