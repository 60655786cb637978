import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

const step = (trigger, content, run = "click", tooltipPosition = "bottom") => ({ trigger, content, run, tooltipPosition });

/** Shows a new administrator the way from the list of apps to the first contacts; what is typed is their own. */
registry.category("web_tour.tours").add("ghl_tour", {
    url: "/odoo",
    steps: () => [
        // Odoo's own step to the apps is for programs only.
        {
            ...step(".o_navbar_apps_menu button:enabled", _t("GoHighLevel is one of the apps.")),
            isActive: ["manual", "community", "desktop"],
        },
        ...stepUtils.goToAppSteps("ghl.menu_ghl_root", _t("Bring your GoHighLevel contacts to Odoo.")),
        step(".o_ghl_start button", _t("Nothing is connected yet: begin here.")),
        step(".o_ghl_connect", _t("A location is connected by its ID and a token. Nothing is written to GoHighLevel.")),
        step(
            ".modal .o_field_widget[name=location_external_ids] input",
            _t("The ID is the part of the location's address in GoHighLevel behind /location/."),
            "edit ID"
        ),
        step(
            ".modal .o_field_widget[name=token] input",
            _t("The token is made in GoHighLevel under Settings / Private Integrations."),
            "edit pit-"
        ),
        step(".modal button[name=action_connect]", _t("The token is tried before anything is saved.")),
        step(".o_ghl_go", _t("Choose what shall be here and see how much it is. Then start."), "click", "top"),
        step(".o_ghl_contacts", _t("The first sync is done: have a look at your contacts.")),
    ],
});
