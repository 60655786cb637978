import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { BadgeField, badgeField } from "@web/views/fields/badge/badge_field";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

// What GoHighLevel writes for states, kinds and roles. It adds words when it likes: those are shown as they are.
const WORDS = {
    inbound: _t("Inbound"),
    outbound: _t("Outbound"),
    pending: _t("Pending"),
    scheduled: _t("Scheduled"),
    queued: _t("Queued"),
    sent: _t("Sent"),
    delivered: _t("Delivered"),
    undelivered: _t("Not delivered"),
    read: _t("Read"),
    opened: _t("Opened"),
    clicked: _t("Clicked"),
    failed: _t("Failed"),
    opt_out: _t("Opted out"),
    connected: _t("Connected"),
    ringing: _t("Ringing"),
    in_progress: _t("In progress"),
    answered: _t("Answered"),
    completed: _t("Completed"),
    missed: _t("Missed"),
    no_answer: _t("No answer"),
    busy: _t("Busy"),
    voicemail: _t("Voicemail"),
    canceled: _t("Cancelled"),
    to_do: _t("To do"),
    admin: _t("Administrator"),
    user: _t("User"),
    account: _t("Account"),
    agency: _t("Agency"),
    contact: _t("Contact"),
    opportunity: _t("Opportunity"),
    api: _t("API"),
    text: _t("Text"),
    large_text: _t("Long text"),
    numerical: _t("Number"),
    monetory: _t("Amount"),
    phone: _t("Phone"),
    date: _t("Date"),
    checkbox: _t("Checkboxes"),
    single_options: _t("One of a list"),
    multiple_options: _t("Several of a list"),
    radio: _t("Radio buttons"),
    textbox_list: _t("Several texts"),
    file_upload: _t("Files"),
    signature: _t("Signature"),
};

/** "to_do", "no-answer" and "FILE_UPLOAD" as people say them, in the reader's language. */
export function word(value) {
    const spaced = String(value || "").replace(/[_-]+/g, " ").trim();
    const known = WORDS[spaced.toLowerCase().replace(/ /g, "_")];
    const plain = spaced === spaced.toUpperCase() ? spaced.toLowerCase() : spaced;
    return known ? String(known) : plain.charAt(0).toUpperCase() + plain.slice(1);
}

/** A word of GoHighLevel as text; not for editing. */
export class WordField extends Component {
    static template = "ghl.WordField";
    static props = { ...standardFieldProps };

    get text() {
        return word(this.props.record.data[this.props.name]);
    }
}

/** The same as a badge, with Odoo's decorations. */
export class WordBadgeField extends BadgeField {
    get formattedValue() {
        return word(this.props.record.data[this.props.name]);
    }
}

registry.category("fields").add("ghl_word", {
    component: WordField,
    displayName: _t("Word of GoHighLevel"),
    supportedTypes: ["char"],
    isEmpty: (record, name) => !record.data[name],
});
registry.category("fields").add("ghl_word_badge", {
    ...badgeField,
    component: WordBadgeField,
    displayName: _t("Word of GoHighLevel as a badge"),
    supportedTypes: ["char"],
});
