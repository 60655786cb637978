"""Tours through the back office, in a browser."""

from functools import cache

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry
from odoo.tests import HttpCase
from odoo.tests.common import get_db_name


class TourCase(HttpCase):
    @classmethod
    def setUpClass(cls):
        _keep_assets(get_db_name())
        super().setUpClass()


@cache
def _keep_assets(database):
    """Scripts and styles that a test makes are rolled back with it, and making them takes longer than a tour."""
    with Registry(database).cursor() as cr:
        qweb = api.Environment(cr, SUPERUSER_ID, {})["ir.qweb"]
        for name in ("web.assets_web", "web.assets_tests"):
            qweb._get_asset_bundle(name, css=False).js()
        for name in ("web.assets_web", "web.assets_web_print"):
            qweb._get_asset_bundle(name, js=False).css()
