import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import {
    animationFrame,
    click,
    describe,
    expect,
    manuallyDispatchProgrammaticEvent,
    queryAllTexts,
    queryOne,
    test,
} from "@odoo/hoot";
import { onRpc, patchWithCleanup } from "@web/../tests/web_test_helpers";
import { CallTalk } from "@ghl/call_talk/call_talk";
import { openWidget, refusing, tellJob, unreachable, waitFor } from "./ghl_test_helpers";

defineMailModels();
describe.current.tags("desktop");

const turns = [
    { side: "agent", name: "Anna", text: "Hello!", at: 0 },
    { side: "customer", name: "Ada", text: "Who is it?", at: 4 },
    { side: "", name: "", text: "(noise)", at: null },
];
const talk = (values = {}) => ({ turns, recording: "/sound", fetching: false, ...values });

async function openTalk(answer, record = { resId: 1 }) {
    const server = { answer, reads: 0 };
    onRpc("ghl.call", "read_talk", () => {
        server.reads++;
        return typeof server.answer === "function" ? server.answer() : server.answer;
    });
    server.show = await openWidget(CallTalk, record);
    return server;
}

test("what was said stands as bubbles of its side, noise as neither", async () => {
    await openTalk(talk());
    expect(queryAllTexts(".o_ghl_text")).toEqual(["Hello!", "Who is it?", "(noise)"]);
    expect(".o_ghl_entry:eq(0)").toHaveClass("o_ghl_outbound");
    expect(".o_ghl_entry:eq(1)").toHaveClass("o_ghl_inbound");
    expect(".o_ghl_entry:eq(2)").toHaveClass("o_ghl_neutral");
});

test("a press on a bubble's time plays from there", async () => {
    await openTalk(talk());
    patchWithCleanup(HTMLMediaElement.prototype, { play: () => expect.step("play") });
    await click("button[title='Play from here']:eq(1)");
    expect(queryOne("audio").currentTime).toBe(4);
    expect.verifySteps(["play"]);
});

test("the bubble being spoken is marked as the sound goes on", async () => {
    await openTalk(talk());
    const player = queryOne("audio");
    Object.defineProperty(player, "currentTime", { value: 4.5 });
    await manuallyDispatchProgrammaticEvent(player, "timeupdate");
    await animationFrame();
    expect(".o_ghl_spoken").toHaveText(/Who is it\?/);
    expect(".o_ghl_spoken").toHaveCount(1);
});

test("a sound that cannot be played is told, and nothing offers to play", async () => {
    await openTalk(talk());
    await manuallyDispatchProgrammaticEvent(queryOne("audio"), "error");
    await waitFor(".o_ghl_silent");
    expect("audio, button[title='Play from here']").toHaveCount(0);
    expect(queryAllTexts(".o_ghl_text")).toHaveLength(3);
});

test("without a recording there is no player and no time to press", async () => {
    await openTalk(talk({ recording: false }));
    expect("audio, button[title='Play from here']").toHaveCount(0);
});

test("without a transcript it says so", async () => {
    await openTalk(talk({ turns: [], recording: false }));
    expect(".o_ghl_unsaid").toHaveText("There is no transcript of this call.");
});

test("while it is being asked for it says so, and the end of the job brings it", async () => {
    const server = await openTalk(talk({ turns: [], fetching: true }));
    expect(".o_ghl_talk").toHaveText(/Asking for what was said/);
    expect(".o_ghl_unsaid").toHaveCount(0);
    await tellJob("running");
    expect(server.reads).toBe(1);
    server.answer = talk();
    await tellJob("failed");
    expect(".o_ghl_text").toHaveCount(3);
});

test("nobody waits for a job when nothing was asked for", async () => {
    const server = await openTalk(talk());
    await tellJob("done");
    expect(server.reads).toBe(1);
});

for (const [failure, words] of [
    [refusing("AccessError", "Not yours."), /could not be read: Not yours\./],
    [unreachable, /could not be read: The server cannot be reached\./],
]) {
    test(`what cannot be read is told and may be tried again: ${words.source.slice(20, 30)}`, async () => {
        const server = await openTalk(failure);
        expect(".alert").toHaveText(words);
        expect(".o_ghl_unsaid").toHaveCount(0);
        server.answer = talk();
        await click(".alert .btn");
        await waitFor(".o_ghl_text");
        expect(".alert").toHaveCount(0);
    });
}

test("another call forgets the one before, also when it is new", async () => {
    const server = await openTalk(talk());
    await server.show({ resId: false });
    expect(".o_ghl_text, audio").toHaveCount(0);
    expect(server.reads).toBe(1);
});
