import { _t } from "@web/core/l10n/translation";

/** Why a request came to nothing, in a sentence for people; `silent` when the server did not answer. */
export function reasonOf(error, silent = _t("The server cannot be reached.")) {
    if (error.data?.name?.endsWith("SessionExpiredException")) {
        return _t("You are logged out. Load the page again to log in.");
    }
    return error.data?.message || silent;
}

/** Whether asking again would be in vain. */
export function isRefusal(error) {
    return ["AccessError", "MissingError"].some((kind) => error.data?.name?.endsWith(kind));
}
