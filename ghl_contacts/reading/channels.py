"""Names of channels in the reader's language."""

from ..mapping import readable


def name(env, kind):
    """``readable.channel`` of a message or conversation type, translated where it is one of the usual ones.

    :param kind: as GoHighLevel names it, such as ``TYPE_CALL``; None is ""
    """
    plain = readable.channel(kind)
    return _usual(env).get(plain, plain)


def _usual(env):
    # Names of products, such as WhatsApp, are the same everywhere.
    return {
        "Call": env._("Call"),
        "Email": env._("Email"),
        "Phone": env._("Phone"),
        "Voicemail": env._("Voicemail"),
        "Live chat": env._("Live chat"),
        "Webchat": env._("Web chat"),
        "Whatsapp": "WhatsApp",
        "Review": env._("Review"),
        "IVR call": env._("IVR call"),
        "Campaign call": env._("Campaign call"),
        "Campaign email": env._("Campaign email"),
        "Campaign SMS": env._("Campaign SMS"),
        "Campaign voicemail": env._("Campaign voicemail"),
        "Campaign manual call": env._("Campaign call by hand"),
        "Campaign manual SMS": env._("Campaign SMS by hand"),
        "Internal comment": env._("Internal comment"),
    }
