import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");

tours.add("ghl_dashboard_tour", {
    steps: () => [
        { trigger: ".o_ghl_sync[data-state=never]" },
        { trigger: ".o_ghl_card[data-key=new_contacts] .o_ghl_value:contains(3)" },
        { trigger: ".o_ghl_chart:contains('New contacts') canvas" },
        { trigger: ".o_ghl_chart:contains('Engagement') .o_ghl_chart_empty" },
        { content: "another place has nothing", trigger: ".o_ghl_location", run: "selectByLabel Empty place" },
        { trigger: ".o_ghl_card[data-key=contacts] .o_ghl_value:contains(/^0$/)" },
        { trigger: ".o_ghl_location", run: "selectByLabel All locations" },
        { trigger: ".o_ghl_card[data-key=contacts] .o_ghl_value:contains(3)" },
        { trigger: ".o_ghl_period", run: "selectByLabel Last 7 days" },
        { trigger: ".o_ghl_figures:not(.opacity-50) .o_ghl_card[data-key=calls] .o_ghl_value:contains(2)" },
        { content: "ask GoHighLevel", trigger: ".o_ghl_refresh:not([disabled])", run: "click" },
        { trigger: ".o_ghl_sync[data-state=running] .o_ghl_pulse" },
        { trigger: ".o_ghl_figures:not(.opacity-50) .o_ghl_card[data-key=new_contacts]", run: "click" },
        { trigger: ".o_breadcrumb:contains('New contacts')" },
        { trigger: ".o_list_view .o_data_row:nth-child(3)" },
        { content: "back", trigger: ".o_back_button, .breadcrumb-item a", run: "click" },
        { trigger: ".o_ghl_card[data-key=calls]" },
    ],
});

tours.add("ghl_dashboard_start_tour", {
    steps: () => [
        { trigger: ".o_ghl_sync[data-state=none]" },
        { trigger: ".o_ghl_start button", run: "click" },
        { trigger: ".o_ghl_first:contains('Connect your first GoHighLevel location')" },
        { trigger: ".o_ghl_connect" },
    ],
});
