"""A simulated Bland AI: calls, lists, stop, batches, recordings, signed webhooks."""
