"""Simulated outside systems over real HTTP. Start with `bin/sandbox`, drive from Python with `client.running_sandbox`."""
