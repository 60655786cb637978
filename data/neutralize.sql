-- A copy of the database must neither call GoHighLevel nor accept production keys.
DELETE FROM ghl_token;
UPDATE ghl_api_key SET revoked_at = now() AT TIME ZONE 'UTC' WHERE revoked_at IS NULL;
UPDATE ghl_location SET sync_enabled = FALSE;
UPDATE ghl_account SET state = 'draft', last_error = NULL;
UPDATE ghl_job SET state = 'cancelled', stop_requested = TRUE, lease_owner = NULL, lease_until = NULL
 WHERE state IN ('pending', 'running');
