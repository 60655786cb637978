"""The addon's translatable terms: the template `i18n/ghl.pot`, and translations kept in step with it."""
