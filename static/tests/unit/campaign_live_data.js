import { waitForChannels, waitNotifications } from "@bus/../tests/bus_test_helpers";
import { advanceTime, animationFrame, mockDate } from "@odoo/hoot";
import { getService, onRpc } from "@web/../tests/web_test_helpers";
import { CampaignLive } from "@ghl/campaign_live/campaign_live";
import { openPage, push, waitUntil } from "./ghl_test_helpers";

/** What the server tells the live page in these tests. */
export const NOW = Date.UTC(2026, 0, 5, 10, 0, 0);

export const progress = (values = {}) => ({
    campaignId: "7",
    current: 2,
    total: 8,
    inFlight: 1,
    successfulCalls: 1,
    missedCalls: 0,
    failedCalls: 1,
    successRate: 50,
    ...values,
});

export const campaign = (values = {}) => ({
    id: 7,
    name: "Spring check-up",
    state: "running",
    state_label: "Running",
    slots: 3,
    average_seconds: 75,
    can_manage: true,
    progress: progress(),
    outcomes: [{ outcome: "answered", label: "Answered", count: 1 }],
    calls: [{ callId: "1", leadName: "Ada Lovelace", status: "RINGING", since: NOW - 5000, answered: false }],
    per_minute: 1.5,
    eta_seconds: 240,
    events: [],
    banner: {},
    now: NOW,
    ...values,
});

export const step = (callId, status, values = {}) => [
    "call:status-update",
    { campaignId: "7", callId, status, leadName: "Ada", ...values },
];

export const CHANNEL = "ghl.campaign_7";

/** Open the page; what the server answers may be changed in `server.answer`; `server.reads` counts from then on. */
export async function openLive(answer, open = () => openPage(CampaignLive, { campaign_id: 7 })) {
    mockDate("2026-01-05 10:00:00", +0);
    const server = { answer, reads: 0 };
    onRpc("ghl.campaign", "read_live", () => {
        server.reads++;
        return typeof server.answer === "function" ? server.answer() : server.answer;
    });
    await open();
    await waitForChannels([CHANNEL]);
    // Who connects reads once more.
    await waitUntil(() => getService("bus_service").workerState === "CONNECTED");
    await settled();
    server.reads = 0;
    return server;
}

/** Push news and let the page take them in. */
export async function told(...news) {
    push(CHANNEL, ...news);
    await waitNotifications(...news);
    await settled();
}

export async function settled() {
    await animationFrame();
    await advanceTime(250);
    await animationFrame();
}
