import { Component, onMounted, onWillStart, onWillUnmount, useExternalListener, useRef, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { duration } from "../duration_field/duration_field";
import { isRefusal, reasonOf } from "../reason/reason";

const RENDER_EVERY_MS = 200; // five times a second at most, whatever arrives
const POLL_EVERY_MS = 5000;
const READ_EVERY_MS = 15000; // results and pace are not pushed, and a connection may be dead without anybody having said so
const EVENTS_SHOWN = 30;
const STATE_NEWS = ["started", "paused", "resumed", "stopped", "completed", "failed"].map((word) => `campaign:${word}`);
const NEWS = [...STATE_NEWS, "campaign:progress", "call:updated", "call:status-update"];
const WORDS = {
    INITIATED: _t("Requested"),
    DIALING: _t("Dialling"),
    RINGING: _t("Ringing"),
    ANSWERED: _t("Answered"),
    COMPLETED: _t("Completed"),
    NO_ANSWER: _t("No answer"),
    BUSY: _t("Busy"),
    FAILED: _t("Failed"),
    CANCELLED: _t("Cancelled"),
    MISSED: _t("Missed"),
};
const COLOURS = { ANSWERED: "success", COMPLETED: "success", NO_ANSWER: "warning", BUSY: "warning", MISSED: "warning", FAILED: "danger" };
const FINAL = new Set(["COMPLETED", "FAILED", "NO_ANSWER", "BUSY", "MISSED", "CANCELLED"]);

/** A campaign while it runs: fed by pushed news, read anew when the connection was lost. */
export class CampaignLive extends Component {
    static template = "ghl.CampaignLive";
    static components = { Layout };
    static props = { ...standardActionServiceProps };
    static path = "ghl-campaign-live";

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.bus = useService("bus_service");
        this.notification = useService("notification");
        this.root = useRef("root");
        this.duration = duration;
        const { params, context } = this.props.action;
        this.id = params?.campaign_id || context?.active_id || this.props.resId;
        this.channel = `ghl.campaign_${this.id}`;
        this.state = useState({ data: null, error: "", gone: false, connected: true, wall: false, now: Date.now(), busy: false });
        this.waiting = [];
        this.turn = 0;
        this.env.config.setDisplayName(_t("Live"));
        onWillStart(() => this.load());
        onMounted(() => this.listen());
        onWillUnmount(() => this.leave());
        // A full screen is left by keys of the browser, of which the page hears only this.
        useExternalListener(document, "fullscreenchange", () => (this.state.wall &&= Boolean(document.fullscreenElement)));
        useExternalListener(document, "keydown", ({ key }) => (this.state.wall &&= key !== "Escape"));
    }

    // ---- data --------------------------------------------------------------------------------------------

    async load() {
        const turn = ++this.turn;
        const meanwhile = (this.meanwhile = []);
        this.readAt = Date.now();
        try {
            const data = await this.orm.silent.call("ghl.campaign", "read_live", [[this.id]]);
            if (turn !== this.turn) {
                return; // a later look is under way and knows more
            }
            this.skew = Date.now() - data.now;
            const stages = new Map(data.events.map((event) => [`${event.callId} ${event.event}`, event]));
            data.events = [...stages.values()];
            Object.assign(this.state, { data, error: "", now: Date.now() });
            // What was told while the answer was on its way may not be in it.
            this.waiting = meanwhile;
            this.flush();
        } catch (error) {
            if (turn === this.turn) {
                this.refused(error);
            }
        }
        if (turn === this.turn) {
            this.meanwhile = null;
        }
    }

    /** Say calmly what is in the way; what was shown stays while it may come back. */
    refused(error) {
        this.state.gone = !this.id || isRefusal(error);
        if (this.state.gone) {
            this.state.data = null;
            this.state.error = _t("This campaign is not there any more, or it is not for you to see.");
        } else {
            this.state.error = reasonOf(error, _t("The server cannot be reached. Trying again."));
        }
    }

    listen() {
        this.handlers = NEWS.map((kind) => [kind, (payload) => this.take(kind, payload)]);
        for (const [kind, handler] of this.handlers) {
            this.bus.subscribe(kind, handler);
        }
        this.bus.addChannel(this.channel);
        this.onCut = () => (this.state.connected = false);
        this.onBack = async () => {
            this.state.connected = true;
            await this.load(); // what was missed is in there
        };
        this.bus.addEventListener("BUS:DISCONNECT", this.onCut);
        this.bus.addEventListener("BUS:CONNECT", this.onBack);
        this.bus.addEventListener("BUS:RECONNECT", this.onBack);
        this.clock = setInterval(() => {
            if (!this.flushTimer) {
                this.state.now = Date.now(); // else the news move it
            }
        }, 1000);
        this.poll = setInterval(() => {
            const { gone, connected, error, data } = this.state;
            const old = data?.state === "running" && Date.now() - this.readAt >= READ_EVERY_MS;
            if (!gone && (!connected || error || old)) {
                this.load();
            }
        }, POLL_EVERY_MS);
    }

    leave() {
        for (const [kind, handler] of this.handlers) {
            this.bus.unsubscribe(kind, handler);
        }
        this.bus.deleteChannel(this.channel);
        this.bus.removeEventListener("BUS:DISCONNECT", this.onCut);
        this.bus.removeEventListener("BUS:CONNECT", this.onBack);
        this.bus.removeEventListener("BUS:RECONNECT", this.onBack);
        clearInterval(this.clock);
        clearInterval(this.poll);
        clearTimeout(this.flushTimer);
    }

    /** News wait a moment, so that a burst is one change of the page. */
    take(kind, payload) {
        if (Number(payload.campaignId) !== this.id) {
            return;
        }
        this.waiting.push([kind, payload]);
        this.meanwhile?.push([kind, payload]);
        this.flushTimer ??= setTimeout(() => {
            this.flushTimer = undefined;
            this.flush();
        }, RENDER_EVERY_MS);
    }

    flush() {
        const news = this.waiting.splice(0);
        const { data } = this.state;
        if (!data) {
            return;
        }
        this.state.now = Date.now();
        let again = false;
        for (const [kind, payload] of news) {
            if (kind === "campaign:progress") {
                data.progress = payload;
            } else if (STATE_NEWS.includes(kind)) {
                again = true;
            } else {
                this.applyCall(data, payload);
            }
        }
        if (again) {
            this.load();
        }
    }

    applyCall(data, { callId, leadName, status, duration: seconds }) {
        const known = data.calls.findIndex((call) => call.callId === callId);
        leadName = data.calls[known]?.leadName || leadName; // news hold first names only
        const over = FINAL.has(status);
        if (!over && data.events.some((event) => event.callId === callId && FINAL.has(event.event))) {
            return; // told late: the call has ended
        }
        if (over && known >= 0) {
            data.calls.splice(known, 1);
        } else if (!over && known >= 0) {
            const call = data.calls[known];
            const answered = status === "ANSWERED";
            Object.assign(call, { status, answered, since: answered && !call.answered ? this.serverNow() : call.since });
        } else if (!over) {
            data.calls.push({ callId, leadName, status, since: this.serverNow(), answered: status === "ANSWERED" });
        }
        // A call passes each stage once, but the owner hears of it twice: as owner and as looker.
        if (!data.events.some((event) => event.callId === callId && event.event === status)) {
            data.events.unshift({ callId, event: status, at: this.serverNow(), leadName, duration: seconds });
            data.events.splice(EVENTS_SHOWN);
        }
    }

    // ---- what the page shows -----------------------------------------------------------------------------

    serverNow() {
        return Date.now() - this.skew;
    }

    since(moment) {
        return duration(Math.max(0, (this.state.now - this.skew - moment) / 1000));
    }

    clockTime(moment) {
        return luxon.DateTime.fromMillis(moment).toLocaleString(luxon.DateTime.TIME_WITH_SECONDS);
    }

    when(moment) {
        return luxon.DateTime.fromMillis(moment).toLocaleString(luxon.DateTime.DATETIME_SHORT);
    }

    get percent() {
        const { current, total } = this.state.data.progress;
        return total ? Math.round((100 * current) / total) : 0;
    }

    /** Recipients who are through without a call: skipped, or not to be called. */
    get notCalled() {
        const { current, successfulCalls, missedCalls, failedCalls } = this.state.data.progress;
        return Math.max(0, current - successfulCalls - missedCalls - failedCalls);
    }

    word(status) {
        return WORDS[status] || status;
    }

    badge(status) {
        return `text-bg-${COLOURS[status] || "secondary"}`;
    }

    get slots() {
        const { slots, progress } = this.state.data;
        return Array.from({ length: Math.min(slots, 50) }, (_, index) => index < progress.inFlight);
    }

    get wallTitle() {
        return this.state.wall ? _t("Back to the page") : _t("For a screen on the wall");
    }

    get eta() {
        const seconds = this.state.data.eta_seconds;
        if (!seconds) {
            return "–";
        }
        const minutes = Math.ceil(seconds / 60);
        const [hours, rest] = [Math.floor(minutes / 60), minutes % 60];
        return hours ? _t("%(hours)s h %(minutes)s min", { hours, minutes: rest }) : _t("%s min", minutes);
    }

    // ---- what people do ----------------------------------------------------------------------------------

    async act(method) {
        this.state.busy = true;
        try {
            await this.orm.call("ghl.campaign", method, [[this.id]]);
            await this.load();
        } finally {
            this.state.busy = false;
        }
    }

    openAll() {
        return this.action.doAction("ghl.action_ghl_campaign", { clearBreadcrumbs: true });
    }

    openForm() {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "ghl.campaign",
            res_id: this.id,
            views: [[false, "form"]],
        });
    }

    openOutcome(outcome) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "ghl.campaign.lead",
            name: this.state.data.name,
            views: [
                [false, "list"],
                [false, "kanban"],
                [false, "form"],
            ],
            mobile_view_mode: "kanban",
            domain: [
                ["campaign_id", "=", this.id],
                ["outcome", "=", outcome],
            ],
        });
    }

    /** For a screen on the wall: everything large, nothing to press. */
    async toggleWall() {
        this.state.wall = !this.state.wall;
        try {
            if (this.state.wall) {
                await this.root.el.requestFullscreen();
            } else if (document.fullscreenElement) {
                await document.exitFullscreen();
            }
        } catch {
            // Large without the full screen, then.
        }
    }
}

registry.category("actions").add("ghl_campaign_live", CampaignLive);
