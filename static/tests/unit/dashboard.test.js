import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import {
    advanceTime,
    animationFrame,
    click,
    Deferred,
    describe,
    expect,
    press,
    queryAllTexts,
    queryOne,
    queryText,
    select,
    test,
} from "@odoo/hoot";
import { mockService, mountWithCleanup, onRpc, patchWithCleanup } from "@web/../tests/web_test_helpers";
import { user } from "@web/core/user";
import { ChartBox } from "@ghl/dashboard/chart_box";
import { Dashboard, figure, lapse } from "@ghl/dashboard/dashboard";
import { SyncBadge } from "@ghl/dashboard/sync_badge";
import { loggedOut, openPage, refusing, tellJob, unreachable, waitFor, waitUntil } from "./ghl_test_helpers";

defineMailModels();
describe.current.tags("desktop");

const sync = (values = {}) => ({ state: "fresh", as_of: "2026-01-05 10:00:00", percent: null, reason: "", fix: "", location_id: 0, ...values });

const answer = (values = {}) => ({
    choices: { locations: [{ id: 3, name: "Main street" }, { id: 4, name: "Harbour" }], users: [{ id: 5, name: "Eve" }] },
    sync: sync(),
    bars: ["2026-01-04", "2026-01-05"],
    cards: [
        { key: "contacts", label: "Contacts", value: 1234, kind: "number", change: null, hint: "" },
        { key: "speed", label: "Speed to lead", value: null, kind: "seconds", change: -12.5, hint: "" },
    ],
    charts: { calls: [], contacts: [0, 0], engagement: [], pipeline: [] },
    domains: { contacts: { model: "res.partner", domain: [["id", ">", 0]] } },
    ...values,
});

/** Open the page for an agent; `server` says what it was asked and may be told what to answer. */
async function openDashboard(first = answer(), { agent = true } = {}) {
    patchWithCleanup(user, { hasGroup: async () => agent });
    const server = { answer: first, sync: sync(), asked: [], syncs: [] };
    onRpc("ghl.dashboard", "read_dashboard", ({ kwargs }) => {
        const { location_id, user_id, period } = kwargs;
        server.asked.push([location_id, user_id, period]);
        return typeof server.answer === "function" ? server.answer() : server.answer;
    });
    onRpc("ghl.dashboard", "read_sync", () => (typeof server.sync === "function" ? server.sync() : server.sync));
    onRpc("ghl.location", "action_sync_now", ({ args }) => {
        server.syncs.push(args[0]);
        return typeof server.refusal === "function" ? server.refusal() : true;
    });
    await openPage(Dashboard);
    await animationFrame();
    return server;
}

const badge = () => queryText(".o_ghl_sync");

test("while the first figures are read the page says so, and then shows them", async () => {
    const first = new Deferred();
    await openDashboard(first);
    expect(".o_ghl_loading").toHaveCount(1);
    expect(".o_ghl_refresh").not.toBeEnabled();
    first.resolve(answer());
    await waitFor(".o_ghl_cards");
    expect(".o_ghl_loading").toHaveCount(0);
    expect(queryAllTexts(".o_ghl_value")).toEqual(["1,234", "–"]);
    expect(".o_ghl_change").toHaveText("-12.5%");
});

test("without a location it says what to do instead of showing zeros", async () => {
    await openDashboard(answer({ sync: sync({ state: "none", as_of: "" }), choices: { locations: [], users: [] } }));
    expect(".o_ghl_start").toHaveText(/No GoHighLevel location is connected yet/);
    expect(".o_ghl_cards").toHaveCount(0);
    expect(badge()).toBe("No location connected");
});

for (const [what, failure, words] of [
    ["an unreachable server", unreachable, /The server cannot be reached/],
    ["a lost session", loggedOut, /You are logged out/],
]) {
    test(`${what} is told in the page, and trying again is one press`, async () => {
        const server = await openDashboard(failure);
        expect(".o_ghl_error").toHaveText(words);
        expect(".o_ghl_loading, .o_ghl_cards, .modal").toHaveCount(0);
        server.answer = answer();
        await click(".o_ghl_error .btn");
        await waitFor(".o_ghl_cards");
        expect(".o_ghl_error").toHaveCount(0);
    });
}

test("who has no right is told so, and not invited to try in vain", async () => {
    await openDashboard(refusing("AccessError", "Only users of GoHighLevel may see its analytics."));
    expect(".o_ghl_error").toHaveText(/Only users of GoHighLevel/);
    expect(".o_ghl_error .btn, .o_ghl_cards, .modal").toHaveCount(0);
});

test("figures of before that could not be read anew are not shown as if they were new", async () => {
    const server = await openDashboard();
    server.answer = unreachable;
    await select("7d", { target: ".o_ghl_period" });
    await waitFor(".o_ghl_error");
    expect(".o_ghl_figures").toHaveClass("opacity-50");
    expect(queryAllTexts(".o_ghl_value")[0]).toBe("1,234");
});

test("an answer to a filter that was changed meanwhile is dropped", async () => {
    const server = await openDashboard();
    const late = (server.answer = new Deferred());
    await select("7d", { target: ".o_ghl_period" });
    server.answer = answer({ cards: [{ ...answer().cards[0], value: 90 }] });
    await select("90d", { target: ".o_ghl_period" });
    await animationFrame();
    late.resolve(answer({ cards: [{ ...answer().cards[0], value: 7 }] }));
    await animationFrame();
    expect(queryAllTexts(".o_ghl_value")).toEqual(["90"]);
    expect(server.asked.at(-1)).toEqual([0, 0, "90d"]);
});

test("another location forgets the user, who may not be there", async () => {
    const server = await openDashboard();
    await select("5", { target: ".o_ghl_user" });
    await animationFrame();
    expect(server.asked.at(-1)).toEqual([0, 5, "30d"]);
    await select("4", { target: ".o_ghl_location" });
    await animationFrame();
    expect(server.asked.at(-1)).toEqual([4, 0, "30d"]);
});

test("a failed sync is told with its reason and what to do about it", async () => {
    const failed = { state: "error", reason: "The token was refused.", location_id: 3 };
    const server = await openDashboard(answer({ sync: sync({ ...failed, fix: "credentials" }) }));
    expect(".o_ghl_sync_error").toHaveText(/The token was refused\.[^]*The figures are those of before\./);
    expect(".o_ghl_sync_error .btn").toHaveText("Replace the token");
    expect(".o_ghl_cards").toHaveCount(1);
    server.answer = answer({ sync: sync({ ...failed, fix: "retry" }) });
    await select("7d", { target: ".o_ghl_period" });
    await animationFrame();
    expect(".o_ghl_sync_error .btn").toHaveText("Open the location");
});

test("refreshing asks for a sync of what is chosen, and reads again", async () => {
    const server = await openDashboard();
    await click(".o_ghl_refresh");
    await animationFrame();
    expect(server.syncs).toEqual([[3, 4]]);
    await select("4", { target: ".o_ghl_location" });
    await animationFrame();
    await click(".o_ghl_refresh");
    await animationFrame();
    expect(server.syncs.at(-1)).toEqual([4]);
    expect(server.asked).toHaveLength(4);
});

test("who may not start a sync only reads again", async () => {
    const server = await openDashboard(answer(), { agent: false });
    await click(".o_ghl_refresh");
    await animationFrame();
    expect(server.syncs).toEqual([]);
    expect(server.asked).toHaveLength(2);
});

test("a refused sync is told beside the figures, which are read all the same", async () => {
    const server = await openDashboard();
    server.refusal = refusing("UserError", "The location is not connected.");
    await click(".o_ghl_refresh");
    await waitFor(".o_notification:contains(The location is not connected.)");
    expect(server.asked).toHaveLength(2);
    expect(".o_ghl_refresh").toBeEnabled();
});

test("while a sync runs the badge pulses and moves, and its end brings the figures", async () => {
    const server = await openDashboard(answer({ sync: sync({ state: "running", percent: 10 }) }));
    expect(badge()).toBe("Synchronising, 10%");
    expect(".o_ghl_sync .badge").toHaveClass("o_ghl_pulse");
    expect(".o_ghl_refresh").not.toBeEnabled();
    server.sync = sync({ state: "running", percent: 60 });
    await tellJob("running");
    expect(badge()).toBe("Synchronising, 60%");
    expect(server.asked).toHaveLength(1, { message: "only the badge moved" });
    server.sync = sync();
    server.answer = answer({ cards: [{ ...answer().cards[0], value: 2000 }] });
    await tellJob("done");
    await animationFrame();
    expect(badge()).toMatch(/^Fresh as of/);
    expect(".o_ghl_sync .badge").not.toHaveClass("o_ghl_pulse");
    expect(queryAllTexts(".o_ghl_value")).toEqual(["2,000"]);
});

test("a running sync is looked after although nobody tells of it", async () => {
    const server = await openDashboard(answer({ sync: sync({ state: "running", percent: 10 }) }));
    server.sync = sync({ state: "running", percent: 80 });
    await advanceTime(10000);
    await animationFrame();
    expect(badge()).toBe("Synchronising, 80%");
});

test("when the badge cannot be read it stays as it was", async () => {
    const server = await openDashboard(answer({ sync: sync({ state: "running", percent: 10 }) }));
    server.sync = unreachable;
    await tellJob("running");
    expect(badge()).toBe("Synchronising, 10%");
    expect(".o_ghl_error, .o_notification").toHaveCount(0);
});

test("charts without anything to draw say so", async () => {
    await openDashboard();
    expect(queryAllTexts(".o_ghl_chart_empty")).toEqual([
        "Nothing in this period.",
        "Nothing in this period.",
        "Nothing in this period.",
        "No open opportunity.",
    ]);
    expect(".o_ghl_chart canvas").toHaveCount(0);
});

test("a chart is told in words to those who do not see it", async () => {
    const series = [{ label: "Answered", values: [1, 2], color: "#123456" }];
    await openDashboard();
    await mountWithCleanup(ChartBox, { props: { title: "Calls", labels: ["Mon", "Tue"], series } });
    expect("canvas[role=img]").toHaveAttribute("aria-label", "Calls, Answered: 3");
});

const SERIES = [
    { label: "Answered", values: [1, 2], color: "#123456" },
    { label: "Missed", values: [0, 4], color: "#654321" },
];

async function openChart() {
    await openDashboard();
    const picked = [];
    const onPick = (index, series) => picked.push([index, series]);
    const chart = await mountWithCleanup(ChartBox, { props: { title: "Calls", labels: ["Mon", "Tue"], series: SERIES, onPick } });
    await animationFrame();
    return { picked, chart: chart.chart, told: () => queryText(".o_ghl_chart [aria-live]") };
}

test("a click on a bar opens it, a click beside does not", async () => {
    const { picked, chart } = await openChart();
    const { x, y } = chart.getDatasetMeta(1).data[1].getCenterPoint();
    await click("canvas", { position: { x, y }, relative: true });
    await waitUntil(() => picked.length);
    expect(picked).toEqual([[1, 1]]);
    await click("canvas", { position: { x: 1, y: 1 }, relative: true });
    await animationFrame();
    expect(picked).toHaveLength(1);
});

test("the arrow keys choose among the bars there are, and say which; Enter opens it", async () => {
    const { picked, told } = await openChart();
    expect("canvas").toHaveAttribute("tabindex", "0");
    queryOne("canvas").focus();
    await animationFrame();
    expect(told()).toMatch(/arrow keys/);
    await press("Enter");
    expect(picked).toEqual([], { message: "nothing is chosen yet" });
    const seen = [];
    for (const key of ["ArrowRight", "ArrowRight", "ArrowRight", "ArrowRight", "ArrowLeft"]) {
        await press(key);
        await animationFrame();
        seen.push(told());
    }
    expect(seen).toEqual(["Mon, Answered: 1", "Tue, Answered: 2", "Tue, Missed: 4", "Tue, Missed: 4", "Tue, Answered: 2"]);
    await press("Enter");
    expect(picked).toEqual([[1, 0]]);
});

test("a chart that opens nothing takes no turn of the keyboard", async () => {
    await openDashboard();
    await mountWithCleanup(ChartBox, { props: { title: "Calls", labels: ["Mon", "Tue"], series: SERIES } });
    expect("canvas").not.toHaveAttribute("tabindex");
});

/** What the dashboard opens when the `number`-th chart is asked for a bar. */
async function openedBy(title, keys) {
    const opened = [];
    mockService("action", { doAction: (action) => opened.push(action) });
    await openDashboard(
        answer({
            charts: {
                calls: [{ key: 12, label: "Answered", values: [1, 2], color: "#123456" }],
                contacts: [1, 2],
                engagement: [{ type: "TYPE_SMS", label: "SMS", inbound: 3, outbound: 4 }],
                pipeline: [
                    { id: 8, name: "New", pipeline: "Sales", value: 100 },
                    { id: 0, name: "", pipeline: "Sales", value: 50 },
                ],
            },
            domains: {
                calls: { model: "ghl.call", domain: [["all", "=", 1]] },
                new_contacts: { model: "ghl.contact", domain: [["all", "=", 1]] },
                messages: { model: "ghl.contact.message", domain: [["all", "=", 1]] },
                pipeline: { model: "ghl.contact.opportunity", domain: [["all", "=", 1]] },
            },
        })
    );
    await waitFor(".o_ghl_chart canvas");
    queryOne(`.o_ghl_chart:contains(${title}) canvas`).focus();
    for (const key of keys) {
        await press(key);
    }
    await press("Enter");
    expect(opened).toHaveLength(1);
    const [all, ...rest] = opened[0].domain;
    expect(all).toEqual(["all", "=", 1]);
    return [opened[0].res_model, rest];
}

for (const [title, keys, model, domain] of [
    [
        "Calls",
        ["ArrowRight"],
        "ghl.call",
        [
            ["start_time", ">=", "2026-01-04 00:00:00"],
            ["start_time", "<", "2026-01-05 00:00:00"],
            ["status_id", "=", 12],
        ],
    ],
    ["New contacts", ["ArrowRight", "ArrowRight"], "ghl.contact", [["remote_created_at", ">=", "2026-01-05 00:00:00"]]],
    [
        "Engagement by channel",
        ["ArrowRight", "ArrowRight"],
        "ghl.contact.message",
        [
            ["message_type", "=", "TYPE_SMS"],
            ["direction", "=", "outbound"],
        ],
    ],
    ["Open pipeline by stage", ["ArrowDown"], "ghl.contact.opportunity", [["stage_id", "=", 8]]],
    ["Open pipeline by stage", ["ArrowDown", "ArrowDown"], "ghl.contact.opportunity", [["stage_id", "=", false]]],
]) {
    test(`a bar of ${title} opens what it counts (${keys.length})`, async () => {
        patchWithCleanup(user, { tz: "UTC" });
        expect(await openedBy(title, keys)).toEqual([model, domain]);
    });
}

test("nobody knows is a dash, and none is zero", async () => {
    await openDashboard();
    for (const unknown of [null, undefined, false]) {
        expect(figure(unknown, "percent")).toBe("–");
    }
    expect(figure(0, "number")).toBe("0");
    expect(figure(12.345, "percent")).toBe("12.3%");
    expect([lapse(5), lapse(90), lapse(5400), lapse(36000), lapse(86400 * 2)]).toEqual(["5s", "1.5m", "1.5h", "10h", "2.0d"]);
});

for (const [state, label] of [
    ["never", /^Never synchronised$/],
    ["stale", /^Last fresh /],
    ["error", /^Synchronisation failed$/],
]) {
    test(`the badge of a sync that is ${state}`, async () => {
        await mountWithCleanup(SyncBadge, { props: { sync: sync({ state }) } });
        expect(badge()).toMatch(label);
        expect(".o_ghl_sync .badge").not.toHaveClass("o_ghl_pulse");
    });
}

test("a sync that has just begun has no percentage", async () => {
    await mountWithCleanup(SyncBadge, { props: { sync: sync({ state: "running", percent: 0 }) } });
    expect(badge()).toBe("Synchronising");
});
