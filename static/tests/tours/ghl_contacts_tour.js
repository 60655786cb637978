import { registry } from "@web/core/registry";

function fill(name, value) {
    return { trigger: `.modal .o_field_widget[name=${name}] input`, run: `edit ${value}` };
}

const tours = registry.category("web_tour.tours");

/** What to connect is known to the test only, which gives it as a cookie. */
function given(name) {
    const [, value] = document.cookie.match(/(?:^|; )ghl_connect_tour=([^;]*)/) || [];
    return new URLSearchParams(decodeURIComponent(value || "")).get(name);
}

/** An administrator mistypes the token, reads why, pastes the right one and lands on the connected location. */
tours.add("ghl_connect_tour", {
    steps: () => [
        { trigger: ".o_control_panel button:contains('Connect a Location')", run: "click" },
        fill("location_external_ids", given("location")),
        fill("base_url", given("url")),
        fill("token", "pit-mistyped"),
        { trigger: ".modal button[name=action_connect]", run: "click" },
        { trigger: ".modal .alert-danger:contains('Nothing was saved')" },
        {
            content: "the token does not come back",
            trigger: ".modal .o_field_widget[name=token] input",
            run: ({ anchor }) => {
                if (anchor.value) {
                    throw new Error("the form still holds the token");
                }
            },
        },
        fill("token", given("token")),
        { trigger: ".modal button[name=action_connect]", run: "click" },
        { trigger: "body:not(:has(.modal)) .o_form_view button[name=action_stop_sync]" },
        { trigger: ".o_form_view .o_arrow_button_current:contains('Connected')" },
    ],
});

/** A viewer goes from the contacts to one contact, through its tabs, and on to its tasks. */
tours.add("ghl_contacts_tour", {
    steps: () => [
        { trigger: ".o_searchview_dropdown_toggler", run: "click" },
        { trigger: ".o_filter_menu .o_menu_item:contains('With Open Tasks')", run: "click" },
        { trigger: ".o_facet_value:contains('With Open Tasks')" },
        { trigger: ".o_data_row td[name=display_name]", run: "click" },
        { trigger: ".o_form_view .o_notebook .nav-link:contains('Tasks')", run: "click" },
        { trigger: ".o_field_widget[name=task_ids] .o_data_row" },
        { trigger: ".o_form_view .o_notebook .nav-link:contains('Remote Data')", run: "click" },
        { trigger: ".o_field_widget[name=external_id]:not(:empty)" },
        { trigger: "button.oe_stat_button:contains('Tasks')", run: "click" },
        { trigger: ".o_breadcrumb:contains('Tasks')" },
        { trigger: ".o_list_view .o_data_row" },
    ],
});
