"""GoHighLevel over HTTP, in plain Python: endpoints, tokens, client, pages."""
