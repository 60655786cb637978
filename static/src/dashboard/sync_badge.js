import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { deserializeDateTime, formatDateTime } from "@web/core/l10n/dates";

const LOOKS = {
    none: "text-bg-secondary",
    never: "text-bg-secondary",
    running: "text-bg-info o_ghl_pulse",
    error: "text-bg-danger",
    stale: "text-bg-warning",
    fresh: "text-bg-success",
};

/** How fresh the data are, in a word. */
export class SyncBadge extends Component {
    static template = "ghl.SyncBadge";
    static props = { sync: Object, className: { type: String, optional: true } };

    get look() {
        return LOOKS[this.props.sync.state];
    }

    get moment() {
        const { as_of: asOf } = this.props.sync;
        return asOf ? deserializeDateTime(asOf) : null;
    }

    get label() {
        const { state, percent } = this.props.sync;
        const ago = this.moment?.toRelative() || "";
        switch (state) {
            case "none":
                return _t("No location connected");
            case "never":
                return _t("Never synchronised");
            case "running":
                return percent ? _t("Synchronising, %s%", percent) : _t("Synchronising");
            case "error":
                return _t("Synchronisation failed");
            case "stale":
                return _t("Last fresh %s", ago);
            default:
                return _t("Fresh as of %s", ago);
        }
    }

    get title() {
        return this.moment ? _t("Synchronised %s", formatDateTime(this.moment)) : this.label;
    }
}
