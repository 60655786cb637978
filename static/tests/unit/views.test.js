import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { advanceTime, animationFrame, click, describe, expect, queryAllTexts, test } from "@odoo/hoot";
import { startBusService, waitNotifications } from "@bus/../tests/bus_test_helpers";
import { getWebSocketWorker } from "@bus/../tests/mock_websocket";
import { contains, defineModels, fields, mockService, models, mountView, onRpc } from "@web/../tests/web_test_helpers";
import { tellJob } from "./ghl_test_helpers";

defineMailModels();
describe.current.tags("desktop");

class Column extends models.Model {
    _name = "test.column";

    name = fields.Char();
}

class Thing extends models.Model {
    _name = "test.thing";

    name = fields.Char();
    seconds = fields.Integer({ aggregator: "sum" });
    column_id = fields.Many2one({ relation: "test.column" });
    found = fields.Json();

    _records = [
        { id: 1, name: "Short", seconds: 75, found: false },
        { id: 2, name: "Long", seconds: 3600 },
        { id: 3, name: "None", seconds: 0 },
    ];
}
defineModels([Column, Thing]);

const skipped = (count, label) => ({ count, label, lead_ids: [count] });
const preflight = (values = {}) => ({
    will_call: 11,
    skipped_count: 3,
    estimated_time: "~5 min",
    at: "2026-01-05 10:00:00",
    later: 0,
    skipped: { no_number: skipped(1, "No number"), dnc: skipped(2, "Must not be called") },
    ...values,
});

const openPreflight = (found) => {
    Thing._records[0].found = found;
    return mountView({
        type: "form",
        resModel: "test.thing",
        resId: 1,
        arch: `<form><field name="found" widget="ghl_preflight" readonly="1"/></form>`,
    });
};

test("seconds in a list are durations, none is nothing, and their sum is one too", async () => {
    await mountView({
        type: "list",
        resModel: "test.thing",
        arch: `<list><field name="seconds" widget="ghl_duration" sum="Total"/></list>`,
    });
    expect(queryAllTexts(".o_data_cell")).toEqual(["1:15", "1:00:00", ""]);
});

test("a duration cannot be typed over", async () => {
    await mountView({
        type: "form",
        resModel: "test.thing",
        resId: 1,
        arch: `<form><field name="seconds" widget="ghl_duration"/></form>`,
    });
    expect(".o_field_ghl_duration").toHaveText("1:15");
    expect(".o_field_ghl_duration input").toHaveCount(0);
});

test("who will be called, who not and why, the most frequent reason first", async () => {
    await openPreflight(preflight());
    expect(".o_ghl_preflight").toHaveText(/11 will be called\s*3 skipped\s*takes about 5 min/);
    expect(queryAllTexts("tbody .btn-link")).toEqual(["Must not be called", "No number"]);
    expect(".o_ghl_preflight p").toHaveCount(0);
});

test("those outside their hours are told with the first hour they can be called", async () => {
    await openPreflight(preflight({ later: 4, next_opening: "2026-01-06 08:00:00" }));
    expect(".o_ghl_preflight p").toHaveText(/4 of them are outside their calling hours now; the first can be called from .*2026/);
});

test("when nobody is skipped there is no table, and no time is told that nobody knows", async () => {
    await openPreflight(preflight({ skipped_count: 0, skipped: {}, estimated_time: "" }));
    expect(".o_ghl_preflight table").toHaveCount(0);
    expect(".o_ghl_preflight").not.toHaveText(/takes about/);
});

test("before anybody looked there is nothing to see", async () => {
    await openPreflight(false);
    expect(".o_form_view").toHaveCount(1);
    expect(".o_ghl_preflight").toHaveCount(0);
});

test("a reason opens those it keeps from being called", async () => {
    mockService("action", { doAction: ({ res_model, domain }) => expect.step(JSON.stringify([res_model, domain])) });
    await openPreflight(preflight());
    await click("tbody .btn-link:first");
    expect.verifySteps(['["ghl.campaign.lead",[["id","in",[2]]]]']);
});

const openBoard = (records) => {
    Thing._records = records;
    return mountView({
        type: "kanban",
        resModel: "test.thing",
        arch: `<kanban js_class="ghl_board" group_create="0"><templates><t t-name="card"><field name="name"/></t></templates></kanban>`,
        groupBy: ["column_id"],
        noContentHelp: "No columns yet",
    });
};

test("a board without columns says why instead of staying blank", async () => {
    await openBoard([]);
    expect(".o_view_nocontent").toHaveText("No columns yet");
});

test("a board with columns says nothing", async () => {
    Column._records = [{ id: 1, name: "New" }];
    await openBoard([{ id: 1, name: "Card", column_id: 1 }]);
    expect(".o_view_nocontent").toHaveCount(0);
    expect(".o_kanban_record").toHaveCount(1);
});

const openJobs = () =>
    mountView({ type: "list", resModel: "test.thing", arch: `<list js_class="ghl_live_list"><field name="name"/></list>` });

test("a list follows what happens elsewhere", async () => {
    await openJobs();
    onRpc("test.thing", "web_search_read", () => expect.step("read"));
    await tellJob("running");
    expect.verifySteps(["read"]);
});

test("a list does not take away what somebody selected", async () => {
    await openJobs();
    await click(".o_data_row .o_list_record_selector input");
    await animationFrame();
    onRpc("test.thing", "web_search_read", () => expect.step("read"));
    await tellJob("running");
    expect.verifySteps([]);
    expect(".o_data_row_selected").toHaveCount(1);
});

test("a form follows too, but not over what somebody types", async () => {
    const arch = `<form js_class="ghl_live_form"><field name="name"/></form>`;
    await mountView({ type: "form", resModel: "test.thing", resId: 1, arch });
    onRpc("test.thing", "web_read", () => expect.step("read"));
    await tellJob("running");
    expect.verifySteps(["read"]);
    await contains(".o_field_widget[name=name] input").edit("Typed", { confirm: false });
    await tellJob("done");
    expect.verifySteps([]);
    expect(".o_field_widget[name=name] input").toHaveValue("Typed");
});

test("a burst of news is a first reading and a last one", async () => {
    await openJobs();
    onRpc("test.thing", "web_search_read", () => expect.step("read"));
    await startBusService();
    const news = Array.from({ length: 60 }, (_, id) => ({ id, message: { type: "ghl.job/progress", payload: { id } } }));
    getWebSocketWorker().broadcast("BUS:NOTIFICATION", news);
    await waitNotifications(["ghl.job/progress", { id: 59 }]);
    await advanceTime(2000);
    expect.verifySteps(["read", "read"]);
});
