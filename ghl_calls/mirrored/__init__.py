"""Calls among the messages mirrored from GoHighLevel."""
