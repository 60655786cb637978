import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { Deferred, animationFrame, describe, expect, queryAllTexts, test } from "@odoo/hoot";
import { onRpc } from "@web/../tests/web_test_helpers";
import { CallTimeline } from "@ghl/call_timeline/call_timeline";
import { openWidget, refusing, unreachable, waitFor } from "./ghl_test_helpers";

defineMailModels();
describe.current.tags("desktop");

const record = (resId = 1, write_date = "a") => ({ resId, data: { write_date } });
const entry = (key, values = {}) => ({ key, icon: "fa-phone", title: `Title ${key}`, who: "Anna", at: "2026-01-05 10:00:00", detail: "", ...values });

async function openTimeline(answer, first = record()) {
    const server = { answer, asked: [] };
    onRpc("ghl.call", "read_timeline", ({ args }) => {
        server.asked.push(args[0]);
        return typeof server.answer === "function" ? server.answer() : server.answer;
    });
    server.show = await openWidget(CallTimeline, first);
    return server;
}

const titles = () => queryAllTexts(".o_ghl_timeline .fw-bold");

test("what happened stands in the order it is given, with who and details", async () => {
    await openTimeline([entry("2", { detail: "Busy" }), entry("1")]);
    expect(titles()).toEqual(["Title 2", "Title 1"]);
    expect(".o_ghl_timeline li:first").toHaveText(/Anna[^]*Busy/);
});

test("a call that is not saved has no past, and is not asked for", async () => {
    const server = await openTimeline([entry("1")], record(false));
    expect(titles()).toEqual([]);
    expect(server.asked).toEqual([]);
});

for (const [failure, words] of [
    [refusing("AccessError", "Not yours."), "Not yours."],
    [unreachable, "The server cannot be reached."],
]) {
    test(`what cannot be read is said in the form: ${words}`, async () => {
        await openTimeline(failure);
        expect(".alert").toHaveText(`What happened could not be read: ${words}`);
        expect(".modal").toHaveCount(0);
    });
}

test("it is read again when the call was saved, and not for anything else", async () => {
    const server = await openTimeline([entry("1")]);
    await server.show(record());
    expect(server.asked).toEqual([1]);
    server.answer = [entry("2"), entry("1")];
    await server.show(record(1, "b"));
    await animationFrame();
    expect(titles()).toEqual(["Title 2", "Title 1"]);
});

test("a fault goes away with the next answer", async () => {
    const server = await openTimeline(unreachable);
    server.answer = [entry("1")];
    await server.show(record(1, "b"));
    await waitFor(".o_ghl_timeline li");
    expect(".alert").toHaveCount(0);
});

test("an answer for the call shown before is dropped", async () => {
    const server = await openTimeline([entry("1")]);
    const late = (server.answer = new Deferred());
    server.show(record(2));
    await animationFrame();
    server.answer = [entry("3")];
    await server.show(record(3));
    await animationFrame();
    late.resolve([entry("2")]);
    await animationFrame();
    expect(titles()).toEqual(["Title 3"]);
});
