import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("ghl_sync_health_tour", {
    steps: () => [
        { trigger: ".o_ghl_health .o_kanban_record:contains('just now')" },
        { trigger: ".o_ghl_health .o_kanban_record:contains('The token was revoked.')", run: "click" },
        { trigger: ".o_form_view .o_notebook .nav-link:contains('Preview')", run: "click" },
        { trigger: ".o_ghl_survey tr[data-entity=contacts]:contains('20') [data-figure=create]:contains('0')" },
        { trigger: ".o_ghl_compare", run: "click" },
        { trigger: ".o_ghl_compare[disabled]:contains('Asking GoHighLevel')" },
        { trigger: ".o_form_view .o_notebook .nav-link:contains('Jobs')", run: "click" },
        { trigger: ".o_field_widget[name=job_ids] .o_data_row:contains('Full sync')" },
    ],
});
