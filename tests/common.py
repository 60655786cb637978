"""What the tests share: a connected location and ways to fill its mirror."""

from odoo.tests.common import new_test_user

from ..ghl_contacts.mapping import contact, conversation, opportunity, task
from ..ghl_contacts.mirror.merge import merge_page

MAPPERS = {
    "ghl.contact": contact,
    "ghl.contact.task": task,
    "ghl.contact.conversation": conversation,
    "ghl.contact.opportunity": opportunity,
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
    return merge_page(env, location, rows, model_name=model_name, to_row=MAPPERS[model_name].to_row)


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
