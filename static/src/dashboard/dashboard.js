import { Component, onWillStart, useState } from "@odoo/owl";
import { loadBundle } from "@web/core/assets";
import { cookie } from "@web/core/browser/cookie";
import { getColor } from "@web/core/colors/colors";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { useService } from "@web/core/utils/hooks";
import { formatFloat, formatInteger } from "@web/views/fields/formatters";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { useLiveReload, useLook } from "../job_live_list/job_live";
import { isRefusal, reasonOf } from "../reason/reason";
import { ChartBox } from "./chart_box";
import { SyncBadge } from "./sync_badge";

const { DateTime } = luxon;
const UNITS = [
    [86400, "d"],
    [3600, "h"],
    [60, "m"],
];
// Of Odoo's charts, those that stand out from a light ground as well as from a dark one.
export const INBOUND = getColor(3, cookie.get("color_scheme"), "md");
export const OUTBOUND = getColor(8, cookie.get("color_scheme"), "md");

/** 5400 seconds as "1.5h". */
export function lapse(seconds) {
    const [size, unit] = UNITS.find(([size]) => seconds >= size) || [1, "s"];
    return `${formatFloat(seconds / size, { digits: [16, seconds >= 10 * size || size === 1 ? 0 : 1] })}${unit}`;
}

/** A figure as people read it; a dash when nobody knows. */
export function figure(value, kind) {
    if (value === null || value === undefined || value === false) {
        return "–";
    }
    switch (kind) {
        case "percent":
            return `${formatFloat(value, { digits: [16, 1] })}%`;
        case "seconds":
            return lapse(value);
        case "money":
            return formatFloat(value, { digits: [16, 0], humanReadable: value >= 100000, decimals: 1 });
        default:
            return formatInteger(value);
    }
}

/** Contacts, calls, engagement and pipeline of a period at a glance; every figure opens its list. */
export class Dashboard extends Component {
    static template = "ghl.Dashboard";
    static components = { Layout, ChartBox, SyncBadge };
    static props = { ...standardActionServiceProps };
    static path = "ghl-dashboard";

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.notification = useService("notification");
        this.figure = figure;
        this.money = (value) => figure(value, "money");
        this.colors = { INBOUND, OUTBOUND };
        this.newContacts = _t("New contacts");
        this.openValue = _t("Open value");
        this.periods = [
            ["7d", _t("Last 7 days")],
            ["30d", _t("Last 30 days")],
            ["90d", _t("Last 90 days")],
            ["365d", _t("Last 365 days")],
        ];
        this.state = useState({
            chosen: { location_id: 0, user_id: 0, period: "30d", ...this.props.state?.chosen },
            data: null,
            loading: true,
            error: "",
            refused: false,
            syncing: false,
        });
        this.turn = 0;
        this.env.config.setDisplayName(this.props.action.name || _t("Analytics"));
        onWillStart(async () => {
            [this.isAgent] = await Promise.all([user.hasGroup("ghl.group_ghl_agent"), loadBundle("web.chartjs_lib")]);
            // The frame shows at once, the figures when they are there.
            this.load();
        });
        useLiveReload("ghl.job/progress", () => this.follow());
        useLook(
            () => this.state.data?.sync.state === "running",
            () => this.follow()
        );
    }

    async load() {
        // Answers to filters that were changed meanwhile are dropped.
        const turn = ++this.turn;
        this.state.loading = true;
        this.state.error = "";
        try {
            const data = await this.orm.silent.call("ghl.dashboard", "read_dashboard", [], { ...this.state.chosen });
            if (turn === this.turn) {
                this.state.data = data;
            }
        } catch (error) {
            if (turn === this.turn) {
                Object.assign(this.state, { error: reasonOf(error), refused: isRefusal(error) });
            }
        } finally {
            if (turn === this.turn) {
                this.state.loading = false;
            }
        }
    }

    /** While a sync runs only the badge moves; the figures are read anew when it is over. */
    async follow() {
        if (!this.state.data || this.state.loading) {
            return;
        }
        const before = this.state.data.sync.state;
        try {
            const args = { location_id: this.state.chosen.location_id };
            this.state.data.sync = await this.orm.silent.call("ghl.dashboard", "read_sync", [], args);
        } catch {
            return; // the next message brings the next try
        }
        if (before === "running" && this.state.data.sync.state !== "running") {
            await this.load();
        }
    }

    async choose(name, value) {
        this.state.chosen[name] = name === "period" ? value : Number(value);
        if (name === "location_id") {
            this.state.chosen.user_id = 0;
        }
        await this.load();
    }

    /** Ask GoHighLevel for news, or only read again for those who may not start a sync. */
    async refresh() {
        const { data, chosen } = this.state;
        if (this.isAgent && data?.choices.locations.length) {
            const ids = chosen.location_id ? [chosen.location_id] : data.choices.locations.map((row) => row.id);
            this.state.syncing = true;
            try {
                await this.orm.silent.call("ghl.location", "action_sync_now", [ids]);
            } catch (error) {
                this.notification.add(reasonOf(error, _t("The sync could not be started.")), { type: "warning" });
            } finally {
                this.state.syncing = false;
            }
        }
        await this.load();
    }

    get isBusy() {
        return this.state.loading || this.state.syncing || this.state.data?.sync.state === "running";
    }

    get labels() {
        const bars = this.state.data.bars.map((day) => DateTime.fromISO(day));
        const byMonth = bars.length > 1 && bars.at(-1).diff(bars[0], "days").days > 190;
        return bars.map((day) => day.toLocaleString(byMonth ? { month: "short" } : { day: "numeric", month: "short" }));
    }

    get engagementSeries() {
        const channels = this.state.data.charts.engagement;
        return [
            { label: _t("Received"), values: channels.map((row) => row.inbound), color: INBOUND },
            { label: _t("Sent"), values: channels.map((row) => row.outbound), color: OUTBOUND },
        ];
    }

    get stageLabels() {
        const stages = this.state.data.charts.pipeline;
        const several = new Set(stages.map((stage) => stage.pipeline)).size > 1;
        return stages.map((stage) => {
            const name = stage.name || _t("Without stage");
            return several ? `${name} (${stage.pipeline})` : name;
        });
    }

    changeText(change) {
        return `${change > 0 ? "+" : ""}${formatFloat(change, { digits: [16, 1] })}%`;
    }

    open(key, extra = [], name = "") {
        const { model, domain } = this.state.data.domains[key];
        this.action.doAction({
            type: "ir.actions.act_window",
            name: name || this.state.data.cards.find((card) => card.key === key)?.label || _t("Messages"),
            res_model: model,
            domain: [...domain, ...extra],
            views: [
                [false, "list"],
                [false, "kanban"],
                [false, "form"],
            ],
            mobile_view_mode: "kanban",
        });
    }

    openBar(key, field, index, extra = []) {
        const bars = this.state.data.bars;
        const range = [[field, ">=", this.utc(bars[index])]];
        if (index + 1 < bars.length) {
            range.push([field, "<", this.utc(bars[index + 1])]);
        }
        this.open(key, [...range, ...extra]);
    }

    utc(day) {
        return DateTime.fromISO(day, { zone: user.tz || "UTC" }).toUTC().toFormat("yyyy-MM-dd HH:mm:ss");
    }

    openCalls(index, series) {
        this.openBar("calls", "start_time", index, [["status_id", "=", this.state.data.charts.calls[series].key]]);
    }

    openChannel(index, series) {
        const channel = this.state.data.charts.engagement[index];
        const direction = series ? "outbound" : "inbound";
        this.open("messages", [["message_type", "=", channel.type], ["direction", "=", direction]], channel.label);
    }

    openStage(index) {
        const stage = this.state.data.charts.pipeline[index];
        this.open("pipeline", [["stage_id", "=", stage.id || false]], stage.name);
    }

    fix() {
        return this.action.doAction("ghl.action_ghl_location", {
            viewType: "form",
            props: { resId: this.state.data.sync.location_id },
        });
    }

    connect() {
        return this.action.doAction("ghl.action_ghl_start");
    }
}

registry.category("actions").add("ghl.dashboard", Dashboard);
