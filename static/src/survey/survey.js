import { Component, onWillStart, onWillUpdateProps, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { deserializeDateTime } from "@web/core/l10n/dates";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { formatInteger } from "@web/views/fields/formatters";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";
import { useLiveReload, useLook } from "../job_live_list/job_live";
import { reasonOf } from "../reason/reason";

/** What may be synchronised, and what a sync would create, update and leave alone; with `choose`, switches for it. */
export class Survey extends Component {
    static template = "ghl.Survey";
    static props = { ...standardWidgetProps, choose: { type: Boolean, optional: true }, locked: { type: Boolean, optional: true } };

    setup() {
        this.orm = useService("orm");
        this.state = useState({ found: null, error: "", busy: false });
        this.turn = 0;
        onWillStart(() => this.read(this.props.record.resId));
        onWillUpdateProps((next) => this.read(next.record.resId));
        useLook(
            () => this.state.found?.waiting,
            () => this.read(this.props.record.resId)
        );
        useLiveReload("ghl.job/progress", () => this.state.found?.waiting && this.read(this.props.record.resId));
    }

    async read(locationId) {
        // Answers to what is no longer shown are dropped.
        const turn = ++this.turn;
        this.state.error = "";
        try {
            const found = locationId ? await this.orm.silent.call("ghl.location", "read_survey", [locationId]) : null;
            if (turn === this.turn) {
                this.state.found = found;
            }
        } catch (error) {
            if (turn === this.turn) {
                this.state.error = reasonOf(error);
            }
        }
    }

    /** Ask the server for something, then read what became of it. */
    async change(method, args) {
        Object.assign(this.state, { error: "", busy: true });
        try {
            await this.orm.call("ghl.location", method, [this.props.record.resId, ...args]);
            await this.read(this.props.record.resId);
        } catch (error) {
            this.state.error = reasonOf(error);
        }
        this.state.busy = false;
    }

    compare() {
        return this.change("action_compare", []);
    }

    choose(kind, ev) {
        const wanted = ev.target.checked;
        ev.target.checked = kind.on; // what is true is shown when the server has said so
        return this.change("action_choose", [kind.name, wanted]);
    }

    get columns() {
        const columns = [
            ["create", _t("Create")],
            ["update", _t("Update")],
            ["skip", _t("Skip (unchanged)")],
        ];
        return this.state.found.mirrored ? [...columns, ["gone", _t("Gone there")]] : columns;
    }

    /** A figure in words: {n, how} or null. */
    figure(told) {
        if (!told) {
            return _t("unknown until read");
        }
        const number = formatInteger(told.n);
        if (told.how === "exact" || (told.how === "about" && !told.n)) {
            return number;
        }
        return told.how === "least" ? _t("%s or more", number) : _t("about %s", number);
    }

    get when() {
        return this.state.found.at ? deserializeDateTime(this.state.found.at).toRelative() : "";
    }

    time(seconds) {
        if (seconds < 60) {
            return _t("less than a minute");
        }
        const minutes = Math.ceil(seconds / 60);
        if (minutes === 1) {
            return _t("about a minute");
        }
        return minutes < 120 ? _t("about %s minutes", minutes) : _t("about %s hours", Math.ceil(minutes / 60));
    }

    /** What it costs, as sentences. */
    get costs() {
        const { full, refresh, mirrored } = this.state.found;
        const said = [
            _t("Reading everything takes %(requests)s requests and %(time)s.", {
                requests: this.figure(full.requests),
                time: this.time(full.seconds),
            }),
        ];
        if (mirrored) {
            said.push(
                _t("A sync of changes takes %(requests)s requests and %(time)s.", {
                    requests: this.figure(refresh.requests),
                    time: this.time(refresh.seconds),
                })
            );
        }
        if (full.left !== null) {
            said.push(
                _t("Only %s requests are left today: the rest is read when GoHighLevel allows more.", formatInteger(full.left))
            );
        }
        return [...said, _t("Asked %s; nothing was written.", this.when)];
    }

    needs(kind) {
        return kind.needs.length ? _t("needs %s", kind.needs.join(", ")) : "";
    }
}

registry.category("view_widgets").add("ghl_survey", { component: Survey });
