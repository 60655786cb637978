"""What SansPBX answers and reports."""

from .providers_case import ProviderCase, order
from .scripted_http import Reply

# 18:00 in India is 12:30 in UTC: half an hour from now.
TOKEN = Reply(body={"status": "success", "Apitoken": "jwt-1", "expiry_time": "2026-11-21 18:30:00"})
OTHER_TOKEN = Reply(body={"status": "success", "data": {"Apitoken": "jwt-2", "expiry_time": "2026-11-21 18:30:00"}})
CALL_ID = "api-77-9876543210-1770895000000"
DIALLED = Reply(body={"status": "success", "data": {"msg": {"callid": CALL_ID}}})
CALLBACK = {
    "Linkedid": CALL_ID,
    "did": "1234567",
    "call_to": "09876543210",
    "disposition": "ANSWER",
    "duration": 200,
    "billsec": 180,
    "cause": 16,
    "cause_txt": "Normal Clearing",
    "end_time": "2026-11-21 18:00:00",
    "recfile": "2026/11/21/x.wav",
    "custom_field": {"reference": "ref-1", "lead": 7},
}


def indian_order(**values):
    return order(**{"to": "+919876543210", "from_number": "+911234567890", **values})


class SansPbxCase(ProviderCase):
    provider_name = "sanspbx"
    settings = {"access_token": "static", "access_key": "key", "appid": "77"}

    def refused(self, server, kind, **values):
        return super().refused(server, kind, **{"to": "+919876543210", "from_number": "+911234567890", **values})
