"""A simulated Twilio Programmable Voice: outbound calls, recordings, signed status callbacks, TwiML fetches."""
