"""What the tests share: a connected location and ways to fill its mirror."""

from odoo.tests.common import TransactionCase, new_test_user

from ..dev.sandbox.client import running_sandbox
from ..ghl_base.net.budget import MemoryRateBudget
from ..ghl_contacts.mapping import contact, conversation, message, opportunity, task
from ..ghl_contacts.mirror import connection
from ..ghl_contacts.mirror.merge import merge_page

MAPPERS = {
    "ghl.contact": contact,
    "ghl.contact.task": task,
    "ghl.contact.conversation": conversation,
    "ghl.contact.message": message,
    "ghl.contact.opportunity": opportunity,
}

# The sandbox's names of what it dumps -> our models
DUMPED = {
    "contacts": "ghl.contact",
    "tasks": "ghl.contact.task",
    "conversations": "ghl.contact.conversation",
    "opportunities": "ghl.contact.opportunity",
}


def make_location(env, external_id="LOC1", company=None, name=None, base_url="http://127.0.0.1:9", token="pit-test"):
    """A location with its account; ``base_url`` defaults to a port where nobody answers."""
    company = company or env.company
    account = env["ghl.account"].create(
        {"name": f"Agency of {external_id}", "company_id": company.id, "base_url": base_url}
    )
    location = env["ghl.location"].create(
        {"name": name or f"Location {external_id}", "account_id": account.id, "external_id": external_id}
    )
    if token:
        env["ghl.token"]._put(account, "private", location=location, access=token)
    return location


def mirror(env, location, model_name, rows):
    """Write remote records into the mirror as a page of a pull would. Returns ``Merged``."""
    return merge_page(env, location, rows, model_name=model_name, mapper=MAPPERS[model_name])


def make_user(env, login, group="viewer", companies=None, locations=None):
    """An internal user of one GoHighLevel group, in the given companies, limited to the given locations."""
    companies = companies or env.company
    user = new_test_user(
        env,
        login=login,
        groups=f"base.group_user,ghl.group_ghl_{group}" if group else "base.group_user",
        company_id=companies[0].id,
        company_ids=[(6, 0, companies.ids)],
    )
    if locations:
        user.ghl_location_ids = locations
    return user


def remote_messages(sandbox):
    """All messages of the sandbox's first location as it exports them: ``{entity: rows}``, by creation."""
    found = {}
    for entity, channel in (("messages", ""), ("e-mails", "&channel=Email")):
        path = f"/conversations/messages/export?locationId={sandbox.location_id}&limit=500&sortOrder=asc{channel}"
        found[entity], cursor = [], ""
        while cursor is not None:
            answer = sandbox.call("GET", path + (f"&cursor={cursor}" if cursor else ""))[1]
            found[entity] += answer["messages"]
            cursor = answer.get("nextCursor")
    return found


class SandboxCase(TransactionCase):
    """Tests against a real sandbox server: ``self.sandbox``, and ``self.location`` connected to it.

    Class attribute ``sandbox_options`` goes to the sandbox. Jobs run inside the test's transaction, so requests are
    counted against a budget in memory instead of one committed past the test.
    """

    sandbox_options = {"contacts": 120, "locations": 1}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sandbox = cls.enterClassContext(running_sandbox(**{"rate_limit": False, **cls.sandbox_options}))
        cls.location = make_location(
            cls.env, cls.sandbox.location_id, base_url=cls.sandbox.base_url, token=cls.sandbox.private_token
        )

    def setUp(self):
        super().setUp()
        budget = MemoryRateBudget(limit=10_000)
        self.patch(connection, "budget_for", lambda location: budget)
        self.addCleanup(self.sandbox.clear_faults)

    def pull(self, mode="incremental", location=None):
        """Enqueue a pull and run it now. Returns the job."""
        job = (location or self.location)._enqueue_pull(mode)
        self.env["ghl.job"].drain(limit=1)
        self.env.invalidate_all()
        return job

    def assert_mirror_equals_remote(self, location=None):
        """Every living remote record is here once and nothing else, each with its latest stamp."""
        location = location or self.location
        dump = self.sandbox.dump(location.external_id)
        for entity, model in DUMPED.items():
            rows = self.env[model].search([("location_id", "=", location.id)])
            remote = dict(dump[entity])
            self.assertEqual(len(rows), len(remote), entity)
            self.assertEqual(set(rows.mapped("external_id")), set(remote), entity)
