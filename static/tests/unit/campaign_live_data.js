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

/** Open the page; what the server answers may be changed in `server.answer`; `server.reads` counts from then on. */
