import { Component } from "@odoo/owl";
import { deserializeDateTime, toLocaleDateTimeString } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/** Who will be called and who will not, and why; each group opens its list. */
export class CampaignPreflight extends Component {
    static template = "ghl.CampaignPreflight";
    static props = { ...standardFieldProps };

    setup() {
        this.action = useService("action");
    }

    get found() {
        return this.props.record.data[this.props.name];
    }

    get groups() {
        const groups = Object.entries(this.found.skipped || {}).map(([reason, group]) => ({ reason, ...group }));
        return groups.sort((one, other) => other.count - one.count);
    }

    moment(text) {
        return toLocaleDateTimeString(deserializeDateTime(text));
    }

    open(group) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            name: _t("Not called: %s", group.label),
            res_model: "ghl.campaign.lead",
            views: [
                [false, "list"],
                [false, "kanban"],
                [false, "form"],
            ],
            mobile_view_mode: "kanban",
            domain: [["id", "in", group.lead_ids]],
        });
    }
}

registry.category("fields").add("ghl_preflight", {
    component: CampaignPreflight,
    displayName: _t("Preflight"),
    supportedTypes: ["json"],
    isEmpty: (record, name) => !record.data[name],
});
