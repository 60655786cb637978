"""The simulated GoHighLevel API."""
