"""Twilio Programmable Voice."""

from .client import Twilio
