"""A simulated SansPBX: a token, a dial door, one callback after the end. Known only from public integrations."""
