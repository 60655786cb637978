"""The page that shows the API's addresses to people."""

from odoo.tests import HttpCase, new_test_user, tagged

SHOWN = """
const look = setInterval(() => {
    const tags = document.querySelectorAll(".opblock-tag").length;
    if (tags > 2) {
        clearInterval(look);
        console.log("test successful");
    }
}, 50);
"""


@tagged("post_install", "-at_install", "ghl")
class TestApiPage(HttpCase):
    def test_a_viewer_sees_the_addresses_without_any_other_server(self):
        new_test_user(self.env, "page_viewer", groups="ghl.group_ghl_viewer")
        self.browser_js("/ghl/api-reference", SHOWN, login="page_viewer")

    def test_it_is_not_for_others(self):
        new_test_user(self.env, "page_stranger", groups="base.group_user")
        self.authenticate("page_stranger", "page_stranger")
        self.assertEqual(self.url_open("/ghl/api-reference").status_code, 404)
        self.authenticate(None, None)
        self.assertIn("/web/login", self.url_open("/ghl/api-reference").url)
