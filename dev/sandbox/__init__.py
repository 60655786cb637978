"""Simulated outside systems over real HTTP. See `bin/sandbox` and `client.running_sandbox`."""
