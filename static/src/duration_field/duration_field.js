import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/** 75 seconds as "1:15", 3675 as "1:01:15"; nothing for none. */
export function duration(seconds) {
    const whole = Math.round(seconds || 0);
    const two = (number) => String(number).padStart(2, "0");
    const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
    return hours ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

/** A number of seconds as people read durations; not for editing. */
export class DurationField extends Component {
    static template = "ghl.DurationField";
    static props = { ...standardFieldProps };

    get text() {
        const seconds = this.props.record.data[this.props.name];
        return seconds ? duration(seconds) : "";
    }
}

// Sums of groups in lists.
registry.category("formatters").add("ghl_duration", (seconds) => (seconds ? duration(seconds) : ""));

registry.category("fields").add("ghl_duration", {
    component: DurationField,
    displayName: _t("Duration"),
    supportedTypes: ["integer", "float"],
    isEmpty: (record, name) => !record.data[name],
});
