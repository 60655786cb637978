import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");

/** What to connect is known to the test only, which gives it as a cookie. */
function given(name) {
    const [, value] = document.cookie.match(/(?:^|; )ghl_connect_tour=([^;]*)/) || [];
    return new URLSearchParams(decodeURIComponent(value || "")).get(name);
}

function fill(name, value) {
    return { trigger: `.modal .o_field_widget[name=${name}] input`, run: `edit ${value}` };
}

tours.add("ghl_start_connect_tour", {
    steps: () => [
        { trigger: ".o_ghl_steps [aria-current=step]:contains('Connect')" },
        { trigger: ".o_ghl_connect", run: "click" },
        fill("location_external_ids", given("location")),
        fill("base_url", given("url")),
        fill("token", "pit-mistyped"),
        { trigger: ".modal button[name=action_connect]", run: "click" },
        { trigger: ".modal .alert-danger:contains('Nothing was saved')" },
        fill("token", given("token")),
        { trigger: ".modal button[name=action_connect]", run: "click" },
        { trigger: "body:not(:has(.modal)) .o_ghl_place[data-step=choose] .o_ghl_compare:contains('Asking GoHighLevel')" },
        { trigger: ".o_ghl_steps [aria-current=step]:contains('Choose')" },
    ],
});

tours.add("ghl_start_sync_tour", {
    steps: () => [
        { trigger: ".o_ghl_survey tr[data-entity=contacts] [data-figure=create]:not(:contains('unknown'))" },
        { trigger: ".o_ghl_survey .o_ghl_costs:contains('less than a minute')" },
        // Calls are messages: without messages there are none.
        { trigger: "tbody[data-kind=messages] input:checked:not([disabled])", run: "click" },
        { trigger: "tbody[data-kind=calls]:has(input:not(:checked):not([disabled])):contains('not synchronised')" },
        { trigger: "tbody[data-kind=messages] input:not(:checked)" },
        { trigger: ".o_ghl_go:not([disabled])", run: "click" },
        { trigger: ".o_ghl_place[data-step=sync] .progress" },
        { trigger: ".o_ghl_steps [aria-current=step]:contains('First sync')" },
    ],
});

tours.add("ghl_start_done_tour", {
    steps: () => [
        { trigger: ".o_ghl_place[data-step=done]:contains('contacts')" },
        { trigger: ".o_ghl_contacts", run: "click" },
        { trigger: ".o_list_view .o_data_row" },
    ],
});
