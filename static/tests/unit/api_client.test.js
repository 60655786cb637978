import { advanceTime, before, describe, expect, test } from "@odoo/hoot";

describe.current.tags("headless");

// As programs outside Odoo load it: as a module of its own.
let GhlApiError, GhlClient;
before(async () => {
    ({ GhlApiError, GhlClient } = await import("/ghl/static/src/api_client/ghl_api_client.js"));
});

const json = (body, status = 200, headers = {}) => new Response(JSON.stringify(body), { status, headers });
const lost = () => {
    throw new TypeError("Failed to fetch");
};

/** A client whose requests get `answers` one after another, the last one again and again; `sent` is what it asked. */
function client(answers, options = {}) {
    const sent = [];
    const fetch = async (url, init) => {
        const answer = answers[Math.min(sent.length, answers.length - 1)];
        sent.push({ url, ...init });
        return answer(url, init);
    };
    const ghl = new GhlClient({ baseUrl: "https://odoo.test/", apiKey: "k", backoffMs: 100, fetch, ...options });
    return { ghl, sent };
}

/** What a refused request says. */
async function refused(promise) {
    const error = await promise.then(
        () => null,
        (failure) => failure
    );
    expect(error).toBeInstanceOf(GhlApiError);
    return error;
}

/** What becomes of a promise while time goes by. */
async function inTime(promise, ms = 5000) {
    const settled = promise.then(
        (value) => ({ value }),
        (error) => ({ error })
    );
    for (let passed = 0; passed < ms; passed += 1000) {
        await advanceTime(1000);
    }
    const { value, error } = await settled;
    if (error) {
        throw error;
    }
    return value;
}

test("without an address or a key there is no client", () => {
    expect(() => new GhlClient({ baseUrl: "", apiKey: "k" })).toThrow(/baseUrl and apiKey/);
    expect(() => new GhlClient({ baseUrl: "https://odoo.test" })).toThrow(/baseUrl and apiKey/);
});

test("the key and the database go in headers, never in the address", async () => {
    const { ghl, sent } = client([() => json({ locations: [] })], { apiKey: "secret", database: "main" });
    await ghl.getLocations();
    expect(sent[0].url).toBe("https://odoo.test/api/installed-locations");
    expect(sent[0].headers.Authorization).toBe("Bearer secret");
    expect(sent[0].headers["X-Odoo-Database"]).toBe("main");
});

test("only parameters that are set are sent, lists with commas, all of it encoded", async () => {
    const { ghl, sent } = client([() => json({ contacts: [] })]);
    await ghl.searchContacts("L 1", "a&b=ü", { limit: 5, page: null, cursor: "", fields: ["id", "name"] });
    expect(sent[0].url).toMatch(/\/api\/location-contacts-search\?/);
    const found = Object.fromEntries(new URL(sent[0].url).searchParams);
    expect(found).toEqual({ location_id: "L 1", limit: "5", fields: "id,name", search: "a&b=ü" });
});

test("a reading that failed is tried again, each time after a longer wait, and then told", async () => {
    const waits = [];
    const { ghl, sent } = client([lost], { retries: 3, onRetry: ({ delayMs }) => waits.push(delayMs) });
    const error = await refused(inTime(ghl.getLocations()));
    expect([error.code, error.status, error.retryable]).toEqual(["network", 0, true]);
    expect(sent).toHaveLength(4);
    for (const [index, wait] of waits.entries()) {
        expect(wait).toBeWithin(50 * 2 ** index, 150 * 2 ** index);
    }
});

test("one request may be told not to be tried again", async () => {
    const { ghl, sent } = client([lost]);
    await refused(ghl.getLocations({ retries: 0 }));
    expect(sent).toHaveLength(1);
});

for (const status of [502, 504]) {
    test(`a gateway's ${status} is tried again for reading, never for writing`, async () => {
        const answers = [() => new Response("<html>", { status }), () => json({ locations: [1], data: { id: 1 } })];
        const reading = client(answers);
        expect(await inTime(reading.ghl.getLocations())).toEqual([1]);
        const writing = client(answers);
        const error = await refused(writing.ghl.saveCall({ subject: "x" }));
        expect([error.status, error.code, error.retryable]).toEqual([status, "unreadable_answer", false]);
        expect(writing.sent).toHaveLength(1);
    });
}

for (const [door, ask] of [
    ["the board", (ghl) => ghl.getBoard()],
    ["a page of calls", (ghl) => ghl.getCalls()],
    ["the walk through all calls", async (ghl) => (await ghl.eachCall().next()).value],
    ["one call", (ghl) => ghl.getCall(1)],
    ["the statistics", (ghl) => ghl.getCallStatistics("2026-01-01", "2026-01-31")],
]) {
    test(`${door}, asked for by POST, is tried again as other readings are`, async () => {
        const found = () => json({ data: [{ id: 1 }], pagination: { total_pages: 1 } });
        const gateway = (status) => () => new Response("<html>", { status });
        const { ghl, sent } = client([lost, gateway(502), gateway(504), found], { retries: 3 });
        expect(Boolean(await inTime(ask(ghl)))).toBe(true);
        expect(sent.map(({ method }) => method)).toEqual(["POST", "POST", "POST", "POST"]);
    });
}

for (const [door, change] of [
    ["saving", (ghl) => ghl.saveCall({ subject: "x" })],
    ["moving", (ghl) => ghl.moveCall(1, 2)],
    ["deleting", (ghl) => ghl.deleteCall(1)],
]) {
    test(`${door} a call is not tried again when the answer was lost`, async () => {
        const { ghl, sent } = client([lost]);
        const error = await refused(change(ghl));
        expect([error.retryable, sent.length]).toEqual([false, 1]);
    });
}

test("a campaign is not started twice when the answer was lost", async () => {
    const { ghl, sent } = client([lost]);
    const error = await refused(ghl.startCampaign({ agentId: "a", leadIds: [1] }));
    expect(error.retryable).toBe(false);
    expect(sent).toHaveLength(1);
});

test("who is told to wait waits as long as was said", async () => {
    const busy = () => json({ success: false, error: "Slow down.", code: "rate_limited" }, 429, { "Retry-After": "7" });
    const { ghl, sent } = client([busy, () => json({ locations: [] })]);
    const answer = ghl.getLocations();
    await advanceTime(6500);
    expect(sent).toHaveLength(1);
    await inTime(answer, 2000);
    expect(sent).toHaveLength(2);
});

test("a wait that is no number of seconds is the usual one", async () => {
    const busy = () => json({}, 503, { "Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT" });
    const { ghl, sent } = client([busy, () => json({ locations: [] })]);
    await inTime(ghl.getLocations(), 1000);
    expect(sent).toHaveLength(2);
});

for (const status of [400, 401, 403, 404, 409, 422, 500]) {
    test(`a ${status} is not tried again`, async () => {
        const { ghl, sent } = client([() => json({ success: false, error: "No.", code: "nope", request_id: "r1" }, status)]);
        const error = await refused(ghl.getLocations());
        expect([error.message, error.code, error.status, error.requestId]).toEqual(["No.", "nope", status, "r1"]);
        expect(sent).toHaveLength(1);
    });
}

test("a refusal inside an answer that looks well is a refusal", async () => {
    const bodies = [
        [{ success: false, error: "No." }, 200],
        [{ status: 404, message: "Gone." }, 404],
        [{ success: false, status_code: 422, error_message: "Bad.", error_details: { code: "invalid", request_id: "r2" } }, 422],
    ];
    for (const [body, status] of bodies) {
        const { ghl } = client([() => json(body)]);
        expect((await refused(ghl.getCall(1))).status).toBe(status);
    }
});

test("an answer nobody can read is an error with the number of the request", async () => {
    const { ghl } = client([() => new Response("<html>", { status: 500, headers: { "X-Request-Id": "r3" } })]);
    const error = await refused(ghl.getLocations());
    expect([error.code, error.requestId]).toEqual(["unreadable_answer", "r3"]);
    expect(error.message).toMatch(/answered 500 without saying why/);
});

test("a page of a proxy instead of an answer is asked for again", async () => {
    const { ghl, sent } = client([() => new Response("<html>"), () => json({ locations: [2] })]);
    expect(await inTime(ghl.getLocations())).toEqual([2]);
    expect(sent).toHaveLength(2);
});

test("who gives up gets the own reason, at once, and nothing is asked again", async () => {
    const { ghl, sent } = client([lost], { backoffMs: 60000 });
    const stop = new AbortController();
    const answer = ghl.getLocations({ signal: stop.signal });
    answer.catch(() => {});
    await advanceTime(10);
    stop.abort("changed my mind");
    await expect(answer).rejects.toBe("changed my mind");
    await advanceTime(600000);
    expect(sent).toHaveLength(1);
});

test("contacts are walked by cursor until there are no more", async () => {
    const { ghl, sent } = client([
        () => json({ contacts: [1, 2], has_more: true, next_cursor: "c1" }),
        () => json({ contacts: [3], has_more: false, next_cursor: "" }),
    ]);
    const found = [];
    for await (const contact of ghl.eachContact("L1", { page: 9 })) {
        found.push(contact);
    }
    expect(found).toEqual([1, 2, 3]);
    const asked = sent.map(({ url }) => new URL(url).searchParams);
    expect(asked.map((params) => [params.get("cursor"), params.get("page")])).toEqual([
        [null, null],
        ["c1", null],
    ]);
});

test("a walk that fails on the way says so, instead of looking finished", async () => {
    const { ghl } = client([() => json({ data: [1], pagination: { total_pages: 3 } }), () => json({ error: "No." }, 403)]);
    const found = [];
    const error = await refused(
        (async () => {
            for await (const call of ghl.eachCall()) {
                found.push(call);
            }
        })()
    );
    expect([found, error.status]).toEqual([[1], 403]);
});

test("no calls at all are an end, not a fault", async () => {
    const { ghl, sent } = client([() => json({ data: [], pagination: { total_pages: 0 } })]);
    for await (const call of ghl.eachCall()) {
        expect.step(`call ${call}`);
    }
    expect.verifySteps([]);
    expect(sent).toHaveLength(1);
});

test("a watched campaign goes on behind the last event, through failures, to its end", async () => {
    const { ghl, sent } = client([
        () => json({ events: [1, 2], next: "2", ended: false }),
        lost,
        () => json({ events: [], next: "2", ended: false }),
        () => json({ events: [3], next: "3", ended: true }),
        () => json({ events: [], next: "3", ended: true }),
    ]);
    const seen = [];
    await inTime(
        (async () => {
            for await (const event of ghl.watchCampaign("7/8")) {
                seen.push(event);
            }
        })(),
        8000
    );
    expect(seen).toEqual([1, 2, 3]);
    expect(sent[0].url).toMatch(/\/campaigns\/7%2F8\/events$/);
    expect(sent.map(({ url }) => new URL(url).searchParams.get("after"))).toEqual([null, "2", "2", "2", "3"]);
});
