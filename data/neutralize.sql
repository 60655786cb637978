-- A copy of the database must neither call GoHighLevel nor accept production keys.
DELETE FROM ghl_token;
UPDATE ghl_api_key SET revoked_at = now() AT TIME ZONE 'UTC' WHERE revoked_at IS NULL;
UPDATE ghl_location SET sync_enabled = FALSE;
UPDATE ghl_account SET state = 'draft', last_error = NULL;
DELETE FROM ghl_voip_secret;
UPDATE ghl_voip_account SET state = 'stopped', state_reason = 'This is a copy of a database', previous_door_token = NULL,
       door_token = md5(random()::text || clock_timestamp()::text || id::text);
UPDATE ghl_call SET next_check_at = NULL, lease_until = NULL;
UPDATE ghl_webhook_event SET state = 'done' WHERE state = 'pending';
UPDATE ghl_job SET state = 'cancelled', stop_requested = TRUE, lease_owner = NULL, lease_until = NULL
 WHERE state IN ('pending', 'running');
