import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { lockWebsocketConnect, waitForChannels } from "@bus/../tests/bus_test_helpers";
import { WEBSOCKET_CLOSE_CODES } from "@bus/workers/websocket_worker";
import {
    advanceTime,
    animationFrame,
    click,
    Deferred,
    describe,
    expect,
    queryAllTexts,
    queryText,
    test,
} from "@odoo/hoot";
import {
    getService,
    MockServer,
    mountWithCleanup,
    onRpc,
    patchWithCleanup,
} from "@web/../tests/web_test_helpers";
import { WebClient } from "@web/webclient/webclient";
import { CampaignLive } from "@ghl/campaign_live/campaign_live";
import { campaign, CHANNEL, NOW, openLive, progress, settled, step, told } from "./campaign_live_data";
import { loggedOut, push, refusing, unreachable, waitFor, waitForNone } from "./ghl_test_helpers";

defineMailModels();
describe.current.tags("desktop");

const calls = () => queryAllTexts(".o_ghl_slots ~ div");
const events = () => queryAllTexts(".o_ghl_events > div .badge");

test("the figures, those being called and how long it takes are shown", async () => {
    await openLive(campaign());
    expect(".o_ghl_figures b:first").toHaveText("2 / 8");
    expect(".o_ghl_percent").toHaveText("25%");
    expect(queryAllTexts(".o_ghl_figures b").at(-1)).toBe("4 min");
    expect(calls()).toHaveLength(1);
    expect(".o_ghl_slots ~ div .font-monospace").toHaveText(/^0:0[5-9]$/);
    expect(".o_ghl_slots .o_busy").toHaveCount(1);
});

test("a campaign without recipients is at 0%, and who knows no time says none", async () => {
    const nobody = progress({ current: 0, total: 0, inFlight: 0, successfulCalls: 0, failedCalls: 0, successRate: 0 });
    await openLive(campaign({ progress: nobody, eta_seconds: 0, calls: [], outcomes: [], average_seconds: 0 }));
    expect(".o_ghl_percent").toHaveText("0%");
    expect(queryAllTexts(".o_ghl_figures b").at(-1)).toBe("–");
    expect(".o_ghl_live").toHaveText(/Nobody is being called\.[^]*None yet\.[^]*Nothing yet\./);
});

test("hours are told as hours, and of very many slots only fifty are drawn", async () => {
    await openLive(campaign({ eta_seconds: 3660, slots: 4000, progress: progress({ inFlight: 60 }) }));
    expect(queryAllTexts(".o_ghl_figures b").at(-1)).toBe("1 h 1 min");
    expect(".o_ghl_slots i").toHaveCount(50);
});

test("recipients who are through without a call are counted, and never fewer than none", async () => {
    await openLive(campaign({ progress: progress({ current: 5 }) }));
    expect(queryAllTexts(".o_ghl_figures b")[4]).toBe("3");
    await told(["campaign:progress", progress({ current: 1, successfulCalls: 2 })]);
    expect(queryAllTexts(".o_ghl_figures b")[4]).toBe("0");
});

test("news move the figures; news of another campaign do not", async () => {
    const server = await openLive(campaign());
    await told(["campaign:progress", progress({ current: 6, inFlight: 3 })]);
    expect(".o_ghl_figures b:first").toHaveText("6 / 8");
    expect(".o_ghl_slots .o_busy").toHaveCount(3);
    await told(["campaign:progress", progress({ campaignId: "8", current: 8 })], step("9", "RINGING", { campaignId: "8" }));
    expect(".o_ghl_figures b:first").toHaveText("6 / 8");
    expect(calls()).toHaveLength(1);
    expect(server.reads).toBe(0);
});

test("a call comes, is answered, and goes when it has ended", async () => {
    await openLive(campaign({ calls: [] }));
    await told(step("5", "DIALING"));
    expect(calls()[0]).toMatch(/Ada\s*Dialling/);
    await told(step("5", "ANSWERED"));
    expect(calls()).toHaveLength(1);
    expect(calls()[0]).toMatch(/Answered\s*0:00/);
    await told(["call:updated", { campaignId: "7", callId: "5", status: "COMPLETED", leadName: "Ada", duration: 42 }]);
    expect(calls()).toHaveLength(0);
    expect(events()).toEqual(["Completed", "Answered", "Dialling"]);
    expect(".o_ghl_events > div:first .font-monospace:last").toHaveText("0:42");
});

test("a stage told after the end does not bring the call back", async () => {
    await openLive(campaign({ calls: [] }));
    await told(step("5", "FAILED"), step("5", "RINGING"));
    await told(step("5", "ANSWERED"));
    expect(calls()).toHaveLength(0);
    expect(events()).toEqual(["Failed"]);
});

test("a stage told twice is one event, and a known name is not shortened", async () => {
    await openLive(campaign());
    await told(step("1", "ANSWERED"), step("1", "ANSWERED"));
    expect(events()).toEqual(["Answered"]);
    expect(calls()[0]).toMatch(/Ada Lovelace/);
});

test("a status nobody has words for is shown as it is", async () => {
    await openLive(campaign({ calls: [] }));
    await told(step("5", "WHISPERING"));
    expect(events()).toEqual(["WHISPERING"]);
});

test("of what happens the last thirty are shown, the newest first", async () => {
    await openLive(campaign({ calls: [] }));
    await told(...Array.from({ length: 45 }, (_, n) => step(String(n), "BUSY", { leadName: `Lead ${n}` })));
    expect(".o_ghl_events > div").toHaveCount(30);
    expect(".o_ghl_events > div:first").toHaveText(/Lead 44/);
    expect(".o_ghl_events > div:last").toHaveText(/Lead 15/);
});

test("a name is text, whatever it holds", async () => {
    await openLive(campaign({ name: "<img src=x onerror=alert(1)>", calls: [] }));
    await told(step("5", "RINGING", { leadName: "<b>Bold</b>" }));
    expect(".o_ghl_live h2").toHaveText("<img src=x onerror=alert(1)>");
    expect(calls()[0]).toMatch(/<b>Bold<\/b>/);
    expect(".o_ghl_live img, .o_ghl_slots ~ div b").toHaveCount(0);
});

test("sixty news in a second are at most five renderings, and the last one counts", async () => {
    let renders = 0;
    patchWithCleanup(CampaignLive.prototype, {
        get eta() {
            renders++;
            return super.eta;
        },
    });
    await openLive(campaign());
    await settled();
    renders = 0;
    const start = Date.now();
    for (let n = 1; n <= 60; n++) {
        push(CHANNEL, ["campaign:progress", progress({ current: n, total: 60 })]);
        await advanceTime(1000 / 60);
    }
    const fifths = (Date.now() - start) / 200;
    expect(renders).toBeGreaterThan(1);
    expect(renders).toBeLessThan(fifths + 1);
    await settled();
    expect(".o_ghl_figures b:first").toHaveText("60 / 60");
});

test("timers go by the server's clock, not by this machine's", async () => {
    const soon = NOW + 3600000;
    const call = { ...campaign().calls[0], since: soon - 65000 };
    await openLive(campaign({ state: "paused", now: soon, calls: [call] }));
    expect(".o_ghl_slots ~ div .font-monospace").toHaveText(/^1:0\d$/);
    await advanceTime(60000);
    await animationFrame();
    expect(".o_ghl_slots ~ div .font-monospace").toHaveText(/^2:0\d$/);
});

test("a call the server thinks of the future has lasted no time", async () => {
    await openLive(campaign({ calls: [{ ...campaign().calls[0], since: NOW + 60000 }] }));
    expect(".o_ghl_slots ~ div .font-monospace").toHaveText("0:00");
});

test("what is told while the page is being read is not lost", async () => {
    const server = await openLive(campaign({ calls: [] }));
    const answer = (server.answer = new Deferred());
    await told(["campaign:paused", { campaignId: "7" }]);
    await told(step("5", "RINGING"), ["campaign:progress", progress({ current: 3 })]);
    answer.resolve(campaign({ state: "paused", calls: [] }));
    await waitFor(".o_ghl_state[data-state=paused]");
    await settled();
    expect(".o_ghl_figures b:first").toHaveText("3 / 8");
    expect(calls()).toHaveLength(1);
    expect(events()).toEqual(["Ringing"]);
});

test("an answer that comes late does not replace a later one", async () => {
    const server = await openLive(campaign());
    const late = (server.answer = new Deferred());
    await told(["campaign:paused", { campaignId: "7" }]);
    server.answer = campaign({ state: "completed", progress: progress({ current: 8 }) });
    await told(["campaign:completed", { campaignId: "7" }]);
    await waitFor(".o_ghl_state[data-state=completed]");
    late.resolve(campaign({ state: "paused" }));
    await settled();
    expect(".o_ghl_state").toHaveAttribute("data-state", "completed");
    expect(".o_ghl_figures b:first").toHaveText("8 / 8");
});

test("results and pace, which nobody pushes, are read every 15 seconds while it runs", async () => {
    const server = await openLive(campaign());
    server.answer = campaign({ outcomes: [{ outcome: "voicemail", label: "Voicemail", count: 12 }] });
    for (let second = 0; second < 20; second += 4) {
        push(CHANNEL, ["campaign:progress", progress({ current: second })]);
        await advanceTime(4000);
    }
    expect(server.reads).toBe(1);
    await animationFrame();
    expect(".o_ghl_live .btn-link").toHaveText(/Voicemail\s*12/);
});

test("a campaign that rests is not read again", async () => {
    const server = await openLive(campaign({ state: "paused" }));
    await advanceTime(20000);
    expect(server.reads).toBe(0);
});

test("a lost connection is told, figures stay true by asking, and the return reads what was missed", async () => {
    const server = await openLive(campaign());
    const unlock = lockWebsocketConnect();
    MockServer.env["bus.bus"]._simulateDisconnection(WEBSOCKET_CLOSE_CODES.ABNORMAL_CLOSURE);
    await waitFor(".o_ghl_live [role=status]:contains(Live connection lost)");
    expect(".o_ghl_figures b:first").toHaveText("2 / 8");
    server.answer = campaign({ progress: progress({ current: 4 }) });
    await advanceTime(5000);
    await animationFrame();
    expect(".o_ghl_figures b:first").toHaveText("4 / 8");
    server.answer = campaign({ state: "paused", calls: [] });
    unlock();
    await advanceTime(60000);
    await waitForNone(".o_ghl_live [role=status]:contains(Live connection lost)");
    await animationFrame();
    expect(calls()).toHaveLength(0);
    server.reads = 0;
    await advanceTime(20000);
    expect(server.reads).toBe(0);
});

test("when the server cannot be reached what was shown stays, with a word of it", async () => {
    const server = await openLive(campaign());
    server.answer = unreachable;
    await told(["campaign:paused", { campaignId: "7" }]);
    await waitFor(".o_ghl_live [role=status]:contains(The server cannot be reached)");
    expect(".o_ghl_figures b:first").toHaveText("2 / 8");
    server.answer = campaign({ progress: progress({ current: 5 }) });
    await advanceTime(5000);
    await waitForNone(".o_ghl_live [role=status]");
    expect(".o_ghl_figures b:first").toHaveText("5 / 8");
});

test("who opens it while the server cannot be reached may try again", async () => {
    const server = await openLive(unreachable);
    server.answer = campaign();
    expect(".o_nocontent_help").toHaveText(/The server cannot be reached/);
    await click(".o_nocontent_help .btn:contains(Try Again)");
    await waitFor(".o_ghl_figures");
    expect(".o_nocontent_help").toHaveCount(0);
});

for (const [type, what] of [
    ["MissingError", "a campaign that was deleted"],
    ["AccessError", "a campaign that is not for this user"],
]) {
    test(`${what} is told calmly, and not asked for again`, async () => {
        const server = await openLive(refusing(type, "Record does not exist: secret"));
        expect(".o_nocontent_help").toHaveText(/not there any more, or it is not for you/);
        expect(queryText(".o_ghl_live")).not.toMatch(/secret/);
        await advanceTime(20000);
        expect(server.reads).toBe(0);
    });
}

test("a right that is taken away while one looks takes the figures away", async () => {
    const server = await openLive(campaign());
    server.answer = refusing("AccessError");
    await told(["campaign:paused", { campaignId: "7" }]);
    await waitFor(".o_nocontent_help");
    expect(".o_ghl_figures").toHaveCount(0);
});

test("who is logged out is told so, and the figures stay", async () => {
    const server = await openLive(campaign());
    server.answer = loggedOut;
    await told(["campaign:paused", { campaignId: "7" }]);
    await waitFor(".o_ghl_live [role=status]:contains(You are logged out)");
    expect(".o_ghl_figures b:first").toHaveText("2 / 8");
    expect(".modal").toHaveCount(0);
});

test("a refused pause says why, and may be tried again", async () => {
    expect.errors(1);
    await openLive(campaign());
    onRpc("ghl.campaign", "action_pause", refusing("UserError", "Not while it rains."));
    await click("button[name=pause]");
    await waitFor(".modal:contains(Not while it rains.)");
    expect("button[name=pause]").toBeEnabled();
    expect.verifyErrors([/RPC_ERROR/]);
});

test("a pause in progress cannot be pressed twice, and shows what came of it", async () => {
    const answer = new Deferred();
    const server = await openLive(campaign());
    server.answer = campaign({ state: "paused" });
    onRpc("ghl.campaign", "action_pause", () => answer);
    await click("button[name=pause]");
    await animationFrame();
    expect("button[name=pause]").not.toBeEnabled();
    answer.resolve(true);
    await waitFor("button[name=resume]");
    expect("button[name=resume]").toBeEnabled();
});

test("why nobody is called is told above the figures", async () => {
    await openLive(campaign({ banner: { kind: "warning", text: "Outside the calling hours", until: NOW + 3600000 } }));
    expect(".alert-warning").toHaveText(/Outside the calling hours \(.*\d+.*\)/);
});

const go = (id) =>
    getService("action").doAction(
        { type: "ir.actions.client", tag: "ghl_campaign_live", params: { campaign_id: id } },
        { clearBreadcrumbs: true }
    );

async function openInOdoo() {
    await mountWithCleanup(WebClient);
    await go(7);
}

test("who leaves and comes back sees everything, and listens once", async () => {
    const server = await openLive(campaign(), openInOdoo);
    await go(8);
    await waitForChannels([CHANNEL], { operation: "delete" });
    server.answer = campaign({ state: "paused", progress: progress({ current: 7 }) });
    await go(7);
    await waitForChannels([CHANNEL]);
    expect(".o_ghl_figures b:first").toHaveText("7 / 8");
    server.reads = 0;
    await told(["campaign:resumed", { campaignId: "7" }]);
    expect(server.reads).toBe(1);
});

test("nothing is asked any more when the page is left", async () => {
    const server = await openLive(campaign(), openInOdoo);
    server.answer = campaign({ state: "paused" });
    await go(8);
    server.reads = 0;
    push(CHANNEL, ["campaign:resumed", { campaignId: "7" }]);
    await advanceTime(20000);
    expect(server.reads).toBe(0);
});
