import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { animationFrame, click, Deferred, describe, expect, queryAllAttributes, queryAllTexts, test } from "@odoo/hoot";
import { mockService, mountWithCleanup, onRpc } from "@web/../tests/web_test_helpers";
import { ContactThread } from "@ghl/contact_thread/contact_thread";
import { openWidget, refusing, tellJob, unreachable, waitFor } from "./ghl_test_helpers";

defineMailModels();
describe.current.tags("desktop");

const message = (id, values = {}) => ({
    key: `message-${id}`,
    id,
    model: "ghl.contact.message",
    kind: "message",
    at: "2026-01-05 10:00:00",
    channel: "SMS",
    icon: "fa-comment",
    direction: "inbound",
    author: "",
    subject: "",
    text: `Text ${id}`,
    files: [],
    status: "",
    failed: false,
    error: "",
    talk: false,
    seconds: 0,
    result: "",
    ...values,
});

const call = (id, values = {}) =>
    message(id, { key: `call-${id}`, model: "ghl.call", kind: "call", channel: "Call", text: "", talk: true, ...values });

/** Show the conversation with contact 1. Pages are given newest first, as the server does. */
async function openThread(answer, resId = 1) {
    const server = { answer, asked: [] };
    onRpc("ghl.contact", "read_thread", ({ args, kwargs }) => {
        server.asked.push([args[0], kwargs.before]);
        return typeof server.answer === "function" ? server.answer() : server.answer;
    });
    server.show = await openWidget(ContactThread, { resId });
    await animationFrame();
    return server;
}

const page = (entries, before = null) => ({ entries, before });
const texts = () => queryAllTexts(".o_ghl_entry .o_ghl_text");

test("what was said stands oldest first, each in the bubble of its side and channel", async () => {
    await openThread(page([message(2, { direction: "outbound", channel: "Email", subject: "Re: Hello" }), message(1)]));
    expect(texts()).toEqual(["Text 1", "Text 2"]);
    expect(queryAllAttributes(".o_ghl_entry", "data-channel")).toEqual(["SMS", "Email"]);
    expect(".o_ghl_entry:first").toHaveClass("o_ghl_inbound");
    expect(".o_ghl_entry:last").toHaveClass("o_ghl_outbound");
    expect(".o_ghl_entry:last").toHaveText(/Re: Hello/);
});

test("a call is a row with its direction, length and result", async () => {
    await openThread(page([call(2, { direction: "outbound" }), call(1, { seconds: 75, result: "no-answer" })]));
    expect(queryAllTexts(".o_ghl_call_label")).toEqual(["Incoming · 1:15 · No answer", "Outgoing"]);
});

test("a note from neither side, and a message without a text, have their own look", async () => {
    await openThread(page([message(1, { direction: "", text: "" })]));
    expect(".o_ghl_entry").toHaveClass("o_ghl_neutral");
    expect(".o_ghl_entry").toHaveText(/The text is kept in GoHighLevel/);
});

test("a message that failed says why, and without a reason what became of it", async () => {
    await openThread(page([message(2, { failed: true, status: "undelivered" }), message(1, { failed: true, error: "Number blocked" })]));
    expect(queryAllTexts(".o_ghl_trouble")).toEqual(["Number blocked", "Not delivered"]);
});

test("what others wrote is text, never markup", async () => {
    await openThread(page([message(1, { text: "<img src=x onerror=alert(1)>", author: "<b>Eve</b>" })]));
    expect(texts()).toEqual(["<img src=x onerror=alert(1)>"]);
    expect(".o_ghl_bubble img, .o_ghl_bubble b").toHaveCount(0);
});

test("days are told apart", async () => {
    await openThread(page([message(3), message(2), message(1, { at: "2026-01-03 10:00:00" })]));
    expect(".o_ghl_thread_day").toHaveCount(2);
});

test("while it is read the conversation says so; nothing said is a sentence", async () => {
    const answer = new Deferred();
    await openThread(answer);
    expect(".o_ghl_thread").toHaveText(/Loading the conversation/);
    answer.resolve(page([]));
    await waitFor(".o_ghl_thread_empty");
    expect(".o_ghl_thread").not.toHaveText(/Loading/);
});

test("a contact that is not saved yet is not asked for", async () => {
    const server = await openThread(page([]), false);
    expect(server.asked).toEqual([]);
    expect(".o_ghl_thread_empty").toHaveCount(1);
});

for (const [failure, words] of [
    [refusing("AccessError", "Not yours."), /could not be read: Not yours\./],
    [unreachable, /could not be read: The server cannot be reached\./],
]) {
    test(`a conversation that cannot be read (${words.source.slice(20, 36)}) may be tried again`, async () => {
        const server = await openThread(failure);
        expect(".alert").toHaveText(words);
        expect(".o_ghl_thread_empty, .modal").toHaveCount(0);
        server.answer = page([message(1)]);
        await click(".alert .btn");
        await waitFor(".o_ghl_entry");
        expect(".alert").toHaveCount(0);
    });
}

test("earlier pages come above, and a failure there keeps what is shown", async () => {
    const server = await openThread(page([message(2)], "cursor"));
    server.answer = unreachable;
    await click("button:contains(Show earlier)");
    await waitFor(".alert");
    expect(texts()).toEqual(["Text 2"]);
    server.answer = page([message(1)]);
    await click("button:contains(Show earlier)");
    await waitFor(".o_ghl_entry:contains(Text 1)");
    expect(texts()).toEqual(["Text 1", "Text 2"]);
    expect(server.asked.at(-1)).toEqual([1, "cursor"]);
    expect("button:contains(Show earlier)").toHaveCount(0);
});

test("an answer for the contact shown before is dropped", async () => {
    const late = new Deferred();
    const server = await openThread(late);
    server.answer = page([message(9)]);
    await server.show({ resId: 2 });
    await waitFor(".o_ghl_entry");
    late.resolve(page([message(1)]));
    await animationFrame();
    expect(texts()).toEqual(["Text 9"]);
});

test("the end of a job brings what is new and what changed; its steps do not ask", async () => {
    const server = await openThread(page([message(1, { status: "sent" })]));
    await tellJob("running");
    expect(server.asked).toHaveLength(1);
    server.answer = page([message(2), message(1, { text: "Text 1, edited" })]);
    await tellJob("done");
    expect(texts()).toEqual(["Text 1, edited", "Text 2"]);
});

test("more than a page of news starts over, so that nothing is missing in between", async () => {
    const server = await openThread(page([message(1)]));
    server.answer = page([message(9), message(8)], "cursor");
    await tellJob("done");
    expect(texts()).toEqual(["Text 8", "Text 9"]);
    expect("button:contains(Show earlier)").toHaveCount(1);
});

test("the first page of a conversation that was empty leads to the earlier ones", async () => {
    const server = await openThread(page([]));
    server.answer = page([message(9), message(8)], "cursor");
    await tellJob("done");
    expect(texts()).toEqual(["Text 8", "Text 9"]);
    expect("button:contains(Show earlier)").toHaveCount(1);
});

test("a call is heard in place, one at a time", async () => {
    onRpc("ghl.call", "read_talk", ({ args }) => ({
        turns: [{ side: "agent", name: "Anna", text: `Said in ${args[0]}`, at: null }],
        recording: false,
        fetching: false,
    }));
    await openThread(page([call(2), call(1)]));
    await click(".o_ghl_listen:first");
    await waitFor(".o_ghl_talk:contains(Said in 1)");
    await click(".o_ghl_listen:last");
    await waitFor(".o_ghl_talk:contains(Said in 2)");
    expect(".o_ghl_talk").toHaveCount(1);
    await click(".o_ghl_listen:last");
    await animationFrame();
    expect(".o_ghl_talk").toHaveCount(0);
});

test("an entry opens its record", async () => {
    mockService("action", {
        doAction: (action) => expect.step([action.res_model, action.res_id].join()),
    });
    await openThread(page([call(7)]));
    await click(".o_ghl_entry_open");
    expect.verifySteps(["ghl.call,7"]);
});

test("on a record that belongs to a contact it is the conversation with that contact", async () => {
    const asked = [];
    onRpc("ghl.contact", "read_thread", ({ args }) => {
        asked.push(args[0]);
        return page([message(1)]);
    });
    const record = { resId: 70, data: { contact_id: { id: 3 } } };
    await mountWithCleanup(ContactThread, { props: { record, contact: "contact_id" } });
    await animationFrame();
    expect(asked).toEqual([3]);
    expect(texts()).toEqual(["Text 1"]);
});
