import { registry } from "@web/core/registry";

/** A viewer makes an API key, sees it once, and revokes it. */
registry.category("web_tour.tours").add("ghl_api_key_tour", {
    url: "/odoo/ghl-api-keys",
    steps: () => [
        { trigger: ".o_control_panel button:contains('New Key')", run: "click" },
        { trigger: ".modal .o_field_widget[name=name] input", run: "edit Tour program" },
        { trigger: ".modal button[name=action_generate]", run: "click" },
        { trigger: ".modal .o_field_widget[name=key]:contains(/ghl_[0-9a-f]{8}_/) .o_clipboard_button" },
        { trigger: ".modal footer button:contains('Done')", run: "click" },
        { trigger: "body:not(:has(.modal)) .o_data_row:contains('Tour program') .badge:contains('Active')" },
        { trigger: ".o_data_row:contains('Tour program') button[name=action_revoke]", run: "click" },
        { trigger: ".modal footer button.btn-primary", run: "click" },
        { trigger: "body:not(:has(.modal)) .o_list_view:not(:has(.o_data_row:contains('Tour program')))" },
    ],
});
