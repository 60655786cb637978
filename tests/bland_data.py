"""Calls as Bland AI tells of them."""

from .providers_case import ProviderCase

SECRET = "bland_secret"
# A real call, shortened: 29 seconds from first to last, of which 24 were talk.
COMPLETED = {
    "call_id": "c1",
    "c_id": "c1",
    "to": "+15550100001",
    "from": "+15550109999",
    "completed": True,
    "queue_status": "complete",
    "status": "completed",
    "answered_by": "human",
    "created_at": "2026-02-12T18:31:53.696Z",
    "started_at": "2026-02-12T18:31:53.696Z",
    "end_at": "2026-02-12T18:32:23.000Z",
    "call_length": 0.4,
    "corrected_duration": "24",
    "price": 0.036,
    "call_ended_by": "ASSISTANT",
    "transcripts": [
        {"id": 1, "user": "assistant", "text": "Hello", "created_at": "2026-02-12T18:32:02.000Z"},
        {"id": 2, "user": "user", "text": "Hi", "created_at": "2026-02-12T18:32:04.000Z"},
    ],
    "concatenated_transcript": "assistant: Hello user: Hi",
    "summary": "They said hi.",
    "recording_url": "https://cdn.example.com/c1.mp3",
    "metadata": {"reference": "ref-1", "contact_id": 7},
    "something_new": {"kept": True},
}
QUEUED = {"status": "success", "message": "Call successfully queued.", "call_id": "c1", "batch_id": None}


class BlandCase(ProviderCase):
    provider_name = "bland"
    settings = {"api_key": "sk-1", "webhook_secret": SECRET}


def call(**values) -> dict:
    return {**COMPLETED, **values}


def silent(**values) -> dict:
    """A call in which nobody said anything."""
    return call(
        **{"transcripts": [], "concatenated_transcript": None, "corrected_duration": "0", "call_length": 0, **values}
    )
