{
    "name": "GoHighLevel",
    "summary": "GoHighLevel contacts, tasks, conversations and opportunities in Odoo, always fresh, with a fast API",
    "version": "19.0.1.0.0",
    "category": "Sales/CRM",
    "author": "GHL for Odoo contributors",
    "license": "LGPL-3",
    "application": True,
    "installable": True,
    "depends": ["base", "web", "bus", "mail", "phone_validation"],
    "external_dependencies": {"python": ["phonenumbers"]},
    "data": [
        "ghl_base/security/groups.xml",
    ],
}
