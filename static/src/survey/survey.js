import { Component, onWillStart, onWillUpdateProps, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { deserializeDateTime } from "@web/core/l10n/dates";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { formatInteger } from "@web/views/fields/formatters";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";
import { useLiveReload, useLook } from "../job_live_list/job_live";

/** How many records GoHighLevel has beside those that are here, and what a full sync would cost. */
export class Survey extends Component {
    static template = "ghl.Survey";
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.state = useState({ found: null, error: "" });
        onWillStart(() => this.read(this.props.record.resId));
        onWillUpdateProps((next) => this.read(next.record.resId));
        useLook(
            () => this.state.found?.waiting,
            () => this.read(this.props.record.resId)
        );
        useLiveReload("ghl.job/progress", () => this.state.found?.waiting && this.read(this.props.record.resId));
    }

    async read(locationId) {
        this.state.error = "";
        try {
            this.state.found = locationId
                ? await this.orm.silent.call("ghl.location", "read_survey", [locationId])
                : null;
        } catch (error) {
            this.state.error = error.data?.message || _t("The server cannot be reached.");
        }
    }

    async compare() {
        this.state.error = "";
        try {
            await this.orm.call("ghl.location", "action_compare", [this.props.record.resId]);
        } catch (error) {
            this.state.error = error.data?.message || _t("The server cannot be reached.");
        }
        await this.read(this.props.record.resId);
    }

    number(value) {
        return value === null ? _t("not told") : formatInteger(value);
    }

    get when() {
        return this.state.found.at ? deserializeDateTime(this.state.found.at).toRelative() : "";
    }

    get cost() {
        const { requests, seconds } = this.state.found;
        const minutes = Math.ceil(seconds / 60);
        const time = seconds < 60 ? _t("less than a minute") : _t("about %s minutes", minutes);
        return _t("Reading everything takes %(requests)s requests and %(time)s.", {
            requests: formatInteger(requests),
            time,
        });
    }

    /** The verdict of a row: [class, text]. */
    verdict(row) {
        if (row.remote === null) {
            return ["text-muted", ""];
        }
        if (row.new) {
            return ["text-info", _t("%s to be added", formatInteger(row.new))];
        }
        return row.gone ? ["text-warning", _t("%s too many", formatInteger(row.gone))] : ["text-success", _t("equal")];
    }
}

registry.category("view_widgets").add("ghl_survey", { component: Survey });
