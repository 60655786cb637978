"""Talking HTTP to remote services, in plain Python: errors, retry decisions, rate budget, redaction, sessions."""
