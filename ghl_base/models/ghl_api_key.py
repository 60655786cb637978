import hashlib
import logging
import re
import secrets

from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError
from odoo.tools import SQL

from ..http.errors import unauthorized

_logger = logging.getLogger(__name__)

_OWN_KEY = re.compile(r"ghl_[0-9a-f]{8}_[A-Za-z0-9_-]{43}\Z")
_ODOO_KEY = re.compile(r"[0-9a-f]{40}\Z")
USE_RESOLUTION = "10 minutes"  # how exact `last_used_at` is: it must not cost every request a write


def key_hash(token):
    """What is stored of a key. It holds 256 random bits, so one round of a fast hash is enough."""
    return hashlib.sha256(token.encode()).hexdigest()


class GhlApiKey(models.Model):
    _name = "ghl.api.key"
    _description = "GoHighLevel API Key"
    _order = "id desc"

    name = fields.Char("Purpose", required=True)
    user_id = fields.Many2one("res.users", "Acts As", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one("res.company", related="user_id.company_id", store=True, index=True)
    key_prefix = fields.Char("Begins With", required=True, readonly=True, copy=False)
    key_hash = fields.Char(required=True, readonly=True, copy=False, groups=fields.NO_ACCESS)
    expires_at = fields.Datetime("Expires")
    revoked_at = fields.Datetime("Revoked", readonly=True, copy=False)
    last_used_at = fields.Datetime("Last Used", readonly=True, copy=False, help="Exact to ten minutes.")
    state = fields.Selection(
        [("active", "Active"), ("expired", "Expired"), ("revoked", "Revoked")],
        compute="_compute_state",
        search="_search_state",
    )

    _key_hash_uniq = models.UniqueIndex("(key_hash)", "This key exists already.")

    @api.depends("expires_at", "revoked_at")
    def _compute_state(self):
        now = fields.Datetime.now()
        for key in self:
            if key.revoked_at:
                key.state = "revoked"
            else:
                key.state = "expired" if key.expires_at and key.expires_at <= now else "active"

    def _search_state(self, operator, value):
        if operator not in ("=", "in"):
            return NotImplemented
        now = fields.Datetime.now()
        domains = {
            "active": [("revoked_at", "=", False), "|", ("expires_at", "=", False), ("expires_at", ">", now)],
            "expired": [("revoked_at", "=", False), ("expires_at", "<=", now)],
            "revoked": [("revoked_at", "!=", False)],
        }
        wanted = [value] if isinstance(value, str) else value
        return fields.Domain.OR(fields.Domain(domains[state]) for state in wanted if state in domains)

    @api.constrains("user_id")
    def _check_user(self):
        for key in self:
            if not key.user_id._is_internal():
                raise ValidationError(self.env._("Only internal users can have API keys."))

    # Making and ending ------------------------------------------------------------------------------------------------

    @api.model
    def _generate(self, name, user=None, expires_at=None, **values):
        """Make a key for `user` (default: the current one) and give back (record, key text).

        The text is nowhere stored: show it now or never. Raises AccessError when the current user may not make keys
        for `user`, ValidationError for a portal or public user.
        """
        user = user or self.env.user
        self._check_may_issue(user)
        prefix = secrets.token_hex(4)
        token = f"ghl_{prefix}_{secrets.token_urlsafe(32)}"
        # sudo: nobody has the right to create keys but through here, so nobody can choose a key's text
        key = self.sudo().create(
            {
                **values,
                "name": name,
                "user_id": user.id,
                "expires_at": expires_at,
                "key_prefix": f"ghl_{prefix}",
                "key_hash": key_hash(token),
            }
        )
        _logger.info("API key %s (id %s) made for user %s by user %s", key.key_prefix, key.id, user.id, self.env.uid)
        return key.with_env(self.env), token

    def _check_may_issue(self, user):
        """A key lets its holder act as `user`, so nobody may make one for a user who can do more."""
        me = self.env.user
        if self.env.su or (user == me and me.has_group("ghl.group_ghl_viewer")):
            return
        # sudo: reads companies, groups and limits of another user
        other = user.sudo()
        mine, theirs = set(me._ghl_location_scope()), set(other._ghl_location_scope())
        if (
            not me.has_group("ghl.group_ghl_admin")
            or other.company_ids - me.company_ids
            or (mine and (not theirs or theirs - mine))
            or (other._has_group("base.group_system") and not me._has_group("base.group_system"))
        ):
            raise AccessError(self.env._("You cannot make API keys for this user."))

    def action_revoke(self):
        """End the keys at once. Own keys, or those of the own companies for an administrator."""
        self.check_access("read")
        if not self.env.user.has_group("ghl.group_ghl_admin") and self.user_id - self.env.user:
            raise AccessError(self.env._("You can only revoke your own API keys."))
        # sudo: keys are not writable otherwise
        for key in self.sudo().filtered(lambda k: not k.revoked_at):
            key.revoked_at = fields.Datetime.now()
            _logger.info("API key %s (id %s) revoked by user %s", key.key_prefix, key.id, self.env.uid)

    # Using ------------------------------------------------------------------------------------------------------------

    @api.model
    def _identify(self, token):
        """(user id, main company id, location ids) of a Bearer token; ApiError 401 when it is no good.

        The locations are those the key is limited to, [] = no limit. One indexed query for our keys. Odoo's own API
        keys are accepted as well (a slow hash by design, about 3 ms).
        """
        if not token:
            raise unauthorized("missing_key", "Send an API key in the header 'Authorization: Bearer <key>'.")
        if _OWN_KEY.match(token):
            return self._identify_own(token)
        if _ODOO_KEY.match(token):
            uid = self.env["res.users.apikeys"]._check_credentials(scope="rpc", key=token)
            # sudo: the caller is not known yet
            user = self.env["res.users"].sudo().browse(uid or [])
            if user and user._is_internal():
                return user.id, user.company_id.id, []
        raise unauthorized("invalid_key", "This API key is not valid.")

    def _identify_own(self, token):
        self.env.cr.execute(
            SQL(
                """
                SELECT k.id, k.user_id, u.company_id,
                       k.revoked_at IS NULL AND u.active AND u.share IS NOT TRUE AS usable,
                       k.expires_at <= now() AT TIME ZONE 'utc' AS expired,
                       coalesce(k.last_used_at < (now() AT TIME ZONE 'utc') - %s::interval, TRUE) AS stale,
                       %s AS locations
                  FROM ghl_api_key k
                  JOIN res_users u ON u.id = k.user_id
                 WHERE k.key_hash = %s
                """,
                USE_RESOLUTION,
                self._locations_sql(),
                key_hash(token),
            )
        )
        row = self.env.cr.fetchone()
        if not row or not row[3]:
            raise unauthorized("invalid_key", "This API key is not valid.")
        key_id, user_id, company_id, _usable, expired, stale, locations = row
        if expired:
            raise unauthorized("expired_key", "This API key has expired.")
        if stale:
            self._mark_used_after_commit(key_id)
        return user_id, company_id, locations

    def _locations_sql(self):
        """The key's locations as an array. Archived ones count: without them the limit would vanish."""
        field = self._fields.get("ghl_location_ids")
        if not field:
            return SQL("ARRAY[]::integer[]")
        relation, key, location = map(SQL.identifier, (field.relation, field.column1, field.column2))
        return SQL("ARRAY(SELECT %s FROM %s WHERE %s = k.id)", location, relation, key)

    def _mark_used_after_commit(self, key_id):
        registry = self.env.registry

        @self.env.cr.postcommit.add
        def mark():
            try:
                with registry.cursor() as cr:
                    cr.execute("SET TRANSACTION ISOLATION LEVEL READ COMMITTED")
                    self._mark_used(cr, key_id)
            except Exception as error:
                # The request is done and answered well; when the key was used last is only nice to know.
                _logger.info("Could not note the use of API key %s: %s", key_id, error)

    @staticmethod
    def _mark_used(cr, key_id):
        """Note the use of a key, unless another request does so right now: nobody waits here."""
        cr.execute(
            SQL(
                """
                UPDATE ghl_api_key SET last_used_at = now() AT TIME ZONE 'utc'
                 WHERE id = (
                    SELECT id FROM ghl_api_key
                     WHERE id = %s AND coalesce(last_used_at < (now() AT TIME ZONE 'utc') - %s::interval, TRUE)
                       FOR NO KEY UPDATE SKIP LOCKED)
                """,
                key_id,
                USE_RESOLUTION,
            )
        )
