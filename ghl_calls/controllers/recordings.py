"""Recordings: from the attachment that keeps them, else streamed from where they are."""

from contextlib import ExitStack

from odoo.exceptions import UserError
from odoo.http import Controller, request, route

from ...ghl_base.http import ApiError, Param, api_route, forwarded, not_found, sound_response
from ...ghl_base.net.errors import NotFoundError, RateLimited, RejectedRequest, RemoteError
from ..mirrored.recording import NONE, file_name


class Recordings(Controller):
    @api_route(
        "/api/calls/<int:id>/recording",
        summary="The recording of a call",
        responses={200: {"type": "string", "format": "binary"}},
        tag="Calls by message",
    )
    def by_id(self, id):
        """Sound, in parts when asked for by `Range`. 404 with `no_recording` when there is none."""
        call = request.env["ghl.call"].search([("id", "=", id)])
        if not call:
            raise not_found("Call")
        return recording_response(call, request.httprequest.headers.get("Range"))

    @api_route(
        "/ghl/calls/listen/<string:token>",
        params=(Param("token", location="path", max_length=2000),),
        auth="none",
        group=None,
        documented=False,
    )
    def by_token(self, token):
        """The recording of a call, for players: they can send no key. The address is its own proof, for some hours."""
        call = request.env["ghl.call"]._of_listen_token(token)
        if not call:
            raise not_found("Recording", "no_recording")
        return recording_response(call, request.httprequest.headers.get("Range"))

    @route(
        ["/ghl/calls/<int:call_id>/recording", "/ghl/call/<int:call_id>/recording"],
        type="http",
        auth="user",
        methods=["GET"],
        readonly=False,
    )
    def play(self, call_id):
        """The recording for the player of the call's form, which has the session but no key."""
        call = request.env["ghl.call"].with_context(active_test=False).search([("id", "=", call_id)])
        if not call:
            raise request.not_found()
        return recording_response(call, request.httprequest.headers.get("Range"))


def recording_response(call, range_header, inline=True):
    """The sound of a call the caller may see; ApiError ``no_recording`` (404), 416, 502 or 503 otherwise."""
    attachment = call.recording_attachment_id.sudo()  # sudo: whoever may see the call may hear it
    if attachment:
        return attachment._to_http_stream().get_response(as_attachment=not inline)
    held = ExitStack()
    try:
        source = held.enter_context(call._open_recording(forwarded(range_header)))
        name = file_name(call, source.content_type)
        return sound_response(source, range_header, held.close, filename=name, inline=inline)
    except (UserError, RemoteError, ApiError) as error:
        held.close()
        raise _refusal(error) from error
    except BaseException:
        held.close()
        raise


def _refusal(error):
    if isinstance(error, ApiError):
        return error
    if isinstance(error, (UserError, NotFoundError)):
        return not_found("Recording", "no_recording")
    if isinstance(error, RejectedRequest):
        if error.status == 416:
            return ApiError(416, "range_not_satisfiable", "The recording is shorter than that.")
        if error.status in NONE:
            return not_found("Recording", "no_recording")
    if isinstance(error, RateLimited):
        wait = (("Retry-After", str(round(error.retry_after or 10))),)
        return ApiError(503, "busy", error.human(), headers=wait)
    return ApiError(502, "remote_error", error.human())
