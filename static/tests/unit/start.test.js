import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { advanceTime, click, describe, expect, queryAllTexts, test } from "@odoo/hoot";
import { mockService, onRpc, patchWithCleanup } from "@web/../tests/web_test_helpers";
import { user } from "@web/core/user";
import { Start } from "@ghl/start/start";
import { openPage, refusing, tellJob, unreachable, waitFor, waitForNone, waitUntil } from "./ghl_test_helpers";

defineMailModels();
describe.current.tags("desktop");

const GROUPS = { admin: ["admin", "campaign_manager", "agent"], manager: ["campaign_manager", "agent"], agent: ["agent"], viewer: [] };

const place = (values = {}) => ({
    id: 1,
    name: "Main street",
    step: "choose",
    running: false,
    error: "",
    sync_enabled: false,
    percent: 0,
    entities: [],
    counts: { contact: 0, task: 0, conversation: 0, opportunity: 0, issue: 0 },
    last_synced_at: "",
    ...values,
});
const syncing = (values = {}) =>
    place({
        step: "sync",
        running: true,
        percent: 40,
        entities: [{ name: "contacts", label: "Contacts", state: "running", seen: 1200, total: 3000, percent: 40 }],
        ...values,
    });
const done = (values = {}) =>
    place({ step: "done", counts: { contact: 2000, task: 3, conversation: 4, opportunity: 5, issue: 0 }, ...values });

/** Open the page as a member of these groups; `server` says what it was asked and may be told what to answer. */
async function openStart(locations, as = "admin") {
    patchWithCleanup(user, { hasGroup: async (name) => GROUPS[as].some((group) => name === `ghl.group_ghl_${group}`) });
    const server = { locations, reads: 0, asked: [] };
    onRpc("ghl.location", "read_start", () => {
        server.reads++;
        return typeof server.locations === "function" ? server.locations() : server.locations;
    });
    onRpc("ghl.location", "read_survey", () => ({ waiting: false, error: "", at: "", mirrored: false, kinds: [] }));
    for (const method of ["action_full_sync", "action_stop_sync", "write"]) {
        onRpc("ghl.location", method, ({ args }) => {
            server.asked.push([method, ...args]);
            return server.refuses ? server.refuses() : true;
        });
    }
    await openPage(Start);
    return server;
}

const current = () => queryAllTexts("[aria-current='step']");

test("nothing is connected: it says how to, and an administrator may", async () => {
    await openStart([]);
    expect(current()).toEqual(["1. Connect"]);
    expect(".o_ghl_first").toHaveText(/Private Integrations/);
    expect(".o_ghl_connect").toHaveText("Connect a location");
});

test("nothing is connected: who may not connect is told who may", async () => {
    await openStart([], "agent");
    expect(".o_ghl_connect").toHaveCount(0);
    expect(".o_ghl_first .alert").toHaveText(/Only an administrator/);
});

test("the step shown is that of the location that is least far", async () => {
    await openStart([done(), syncing({ id: 2 }), place({ id: 3 })]);
    expect(current()).toEqual(["2. Choose"]);
    expect(".o_ghl_place").toHaveCount(3);
});

test("a connected location is synchronised when somebody says so", async () => {
    const server = await openStart([place()]);
    server.locations = [syncing()];
    await click(".o_ghl_go");
    await waitFor("[role=progressbar]");
    expect(server.asked).toEqual([["action_full_sync", 1]]);
    expect(current()).toEqual(["3. First sync"]);
    expect(".o_ghl_place li").toHaveText("Contacts 1,200 / 3,000");
});

test("the schedule is switched without leaving the page", async () => {
    const server = await openStart([place()]);
    server.locations = [place({ sync_enabled: true })];
    await click(".o_ghl_schedule");
    await waitUntil(() => server.reads === 2);
    expect(server.asked).toEqual([["write", [1], { sync_enabled: true }]]);
    expect(".o_ghl_schedule").toBeChecked();
});

test("who only looks starts, stops and switches nothing", async () => {
    await openStart([place(), syncing({ id: 2 })], "viewer");
    expect(".o_ghl_go").toHaveCount(0);
    expect(".o_ghl_schedule").not.toBeEnabled();
    expect(queryAllTexts(".o_ghl_place button")).not.toInclude("Stop");
});

test("a refused start is told, and the page stays usable", async () => {
    const server = await openStart([place()]);
    server.refuses = refusing("UserError", "The token was refused.");
    await click(".o_ghl_go");
    await waitFor(".alert");
    expect(".alert").toHaveText(/The token was refused\./);
    expect(".o_ghl_go").toBeEnabled();
    expect(".modal").toHaveCount(0);
});

test("a page that cannot be read says so and reads again when asked", async () => {
    const server = await openStart(unreachable);
    expect(".alert").toHaveText(/The server cannot be reached\./);
    server.locations = [done()];
    await click(".alert button");
    await waitForNone(".alert");
    expect(".o_ghl_place").toHaveText(/2,000 contacts/);
});

test("a sync that moves on is shown at once, by news or by looking", async () => {
    const server = await openStart([syncing()]);
    server.locations = [syncing({ percent: 80 })];
    await tellJob("running");
    await waitFor("[role=progressbar][aria-valuenow='80']");
    server.locations = [done()];
    await advanceTime(10000);
    await waitFor(".o_ghl_place[data-step=done]");
    expect(".o_ghl_place .badge").toHaveText("Synchronised");
});

test("a first sync that failed says why and can be tried again", async () => {
    await openStart([syncing({ running: false, error: "GoHighLevel does not answer." })]);
    expect(".o_ghl_place .alert").toHaveText("GoHighLevel does not answer.");
    expect(".o_ghl_go").toHaveText("Try the first sync again");
});

test("when contacts are there, who runs campaigns is shown what is left before the first call", async () => {
    await openStart([done({ calling: { account: true, agent: false } })], "manager");
    expect(queryAllTexts(".o_ghl_next li")).toEqual([
        "A telephone account is connected",
        "Make a voice agent: who talks, and what is said",
        "Tick contacts in their list, then choose Actions / Start a Campaign. Nobody is called before you have seen who will be, and start it.",
    ]);
});

test("who runs no campaigns is not told about them", async () => {
    await openStart([done({ calling: { account: true, agent: false } })], "agent");
    expect(".o_ghl_next").toHaveCount(0);
});

test("records that were refused are one click away", async () => {
    const counts = { contact: 2000, task: 3, conversation: 4, opportunity: 5, issue: 2 };
    const opened = [];
    mockService("action", { doAction: (...asked) => opened.push(asked) });
    await openStart([done({ counts })], "viewer");
    expect(".o_ghl_issues").toHaveText("2 records were refused");
    await click(".o_ghl_issues");
    expect(opened).toEqual([["ghl.action_ghl_sync_issue", { additionalContext: { search_default_location_id: 1 } }]]);
});
