"""Bland AI: calls held by an AI agent."""

from .client import Bland
