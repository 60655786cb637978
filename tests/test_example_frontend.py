"""The API client in a browser, on a page of another origin than Odoo's."""

from ..dev.sandbox.client import start_sandbox
from .browser_case import BrowserCase

FILL = """
account = env["ghl.account"].create({"name": "Agency"})
location = env["ghl.location"].create({"name": "Main <b>street</b>", "external_id": "LOC1", "account_id": account.id})
env["ghl.contact"].create([
    {"name": f"Contact {n:03d}", "external_id": f"c{n}", "location_id": location.id, "company_id": env.company.id}
    for n in range(120)
])
env["ghl.call"].create([{"subject": f"<img src=x onerror=alert(1)> {n}"} for n in range(7)])
env["ir.config_parameter"].set_param("ghl.cors_origins", %(origin)r)
"""


class TestExampleFrontend(BrowserCase):
    @classmethod
    def prepare(cls):
        cls.sandbox = start_sandbox(contacts=0)
        cls.addClassCleanup(cls.sandbox.stop)
        cls.origin = cls.sandbox.ready["frontend_url"]
        cls.shell(FILL % {"origin": cls.origin})

    def setUp(self):
        super().setUp()
        self.page.goto(self.origin)

    def sign_in(self, key):
        self.page.fill("[name=baseUrl]", self.server.url)
        self.page.fill("[name=apiKey]", key)
        self.page.click("#connect button")

    def call_client(self, expression, **options):
        """What an expression over `ghl`, a client, comes to; errors come as their code, status and retryability."""
        return self.page.evaluate(
            """async ([expression, options]) => {
                const { GhlClient } = await import("/api_client/ghl_api_client.js");
                const ghl = new GhlClient(options);
                try {
                    return await new Function("ghl", `return (async () => ${expression})()`)(ghl);
                } catch (error) {
                    return { code: error.code, status: error.status, retryable: error.retryable };
                }
            }""",
            [expression, {"baseUrl": self.server.url, "apiKey": self.key, "backoffMs": 1, **options}],
        )

    def test_somebody_connects_and_sees_contacts_page_by_page_and_the_board(self):
        self.sign_in(self.key)
        self.page.wait_for_selector("main:not([hidden])")
        self.page.wait_for_function("document.querySelector('#board').textContent.includes('(7)')")
        self.assertEqual(self.page.inner_text("#location option"), "Main <b>street</b>")
        self.page.click("[data-load=getContactsFromDB]")
        self.page.wait_for_function("document.querySelectorAll('#contacts tr').length === 50")
        for shown in (100, 120):
            self.page.click("#more")
            self.page.wait_for_function(f"document.querySelectorAll('#contacts tr').length === {shown}")
        self.assertTrue(self.page.is_hidden("#more"))
        names = self.page.eval_on_selector_all("#contacts td:first-child", "cells => cells.map(c => c.textContent)")
        self.assertEqual(sorted(names), [f"Contact {number:03d}" for number in range(120)])

    def test_text_of_others_is_shown_and_never_run(self):
        self.sign_in(self.key)
        self.page.wait_for_function("document.querySelector('#board').textContent.includes('<img src=x')")
        self.assertEqual(self.page.eval_on_selector_all("#board img", "found => found.length"), 0)

    def test_a_wrong_key_is_said_in_words_and_shows_nothing(self):
        self.meant("a wrong key")
        self.sign_in("wrong")
        self.page.wait_for_selector("#message.error")
        self.assertTrue(self.page.is_hidden("main"))

    def test_every_contact_and_call_can_be_walked_through(self):
        walk = "{ let n = 0; for await (const x of ghl.%s) n++; return n; }"
        self.assertEqual(self.call_client(walk % 'eachContact("LOC1", {limit: 50})'), 120)
        self.assertEqual(self.call_client(walk % "eachCall({limit: 3})"), 7)

    def test_refusals_carry_their_code_and_are_not_repeated(self):
        self.meant("refusals")
        refused = self.call_client('ghl.getContactsFast("NOWHERE")')
        self.assertEqual(refused, {"code": "location_not_found", "status": 404, "retryable": False})
        refused = self.call_client("ghl.getCall(999999)")
        self.assertEqual((refused["code"], refused["status"]), ("not_found", 404))
        self.assertEqual(self.call_client("ghl.getContactsFast()")["code"], "location_id_missing")

    def test_reading_is_tried_again_when_the_network_fails_and_writing_is_not(self):
        for request, attempts in (("ghl.getLocations()", 3), ("ghl.saveCall({})", 1)):
            counted = self.page.evaluate(
                """async (request) => {
                    const { GhlClient } = await import("/api_client/ghl_api_client.js");
                    let attempts = 0;
                    const fetch = async () => { attempts++; throw new TypeError("gone"); };
                    const options = { baseUrl: "http://x", apiKey: "k", retries: 2, backoffMs: 1, fetch };
                    const ghl = new GhlClient(options);
                    await new Function("ghl", `return ${request}`)(ghl).catch(() => {});
                    return attempts;
                }""",
                request,
            )
            self.assertEqual(counted, attempts, request)

    def test_a_server_that_says_it_has_not_begun_is_asked_again_even_to_write(self):
        counted = self.page.evaluate(
            """async () => {
                const { GhlClient } = await import("/api_client/ghl_api_client.js");
                let attempts = 0;
                const fetch = async () => (++attempts < 3
                    ? new Response("{}", { status: 503, headers: { "Retry-After": "0" } })
                    : new Response('{"status": 200, "data": {"id": 4}}'));
                const ghl = new GhlClient({ baseUrl: "http://x", apiKey: "k", backoffMs: 1, fetch });
                return [(await ghl.saveCall({})).id, attempts];
            }"""
        )
        self.assertEqual(counted, [4, 3])

    def test_an_answer_that_takes_too_long_is_an_error_of_its_own(self):
        late = self.page.evaluate(
            """async () => {
                const { GhlClient } = await import("/api_client/ghl_api_client.js");
                const fetch = (url, { signal }) => new Promise((_, no) => signal.onabort = () => no(signal.reason));
                const ghl = new GhlClient({ baseUrl: "http://x", apiKey: "k", timeoutMs: 20, retries: 0, fetch });
                return ghl.getLocations().catch((error) => error.code);
            }"""
        )
        self.assertEqual(late, "timeout")
