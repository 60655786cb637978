"""What was said: a conversation made of the prompt, the variables and the time there was."""

import re

SECONDS_A_TURN = 5
ANSWERS = (
    "Yes, that's right.",
    "Hold on a second... okay, go ahead.",
    "I'm not sure about that, can you tell me more?",
    "Sounds good to me.",
    "How much would it cost?",
    "I'd rather talk about it next week.",
    "Who gave you my number?",
    "Okay, and what happens next?",
    "Yeah, I was looking at it just yesterday.",
)
QUESTIONS = (
    "Do you have a minute to go over it?",
    "Would a meeting later this week suit you?",
    "Is this still the best number to reach you?",
    "May I send you the details by e-mail?",
    "Is there anything that keeps you from deciding?",
    "Great. Which day works best for you?",
)
GREETING = "Hi, you've reached my voicemail. Please leave a message after the tone."


def filled(text: str, variables: dict) -> str:
    """`{{name}}` replaced by the variable of that name."""
    return re.sub(r"{{\s*([\w.]+)\s*}}", lambda m: str(variables.get(m[1], "")), text or "")


def turns(call, seconds: int) -> list[tuple[str, str]]:
    """[(user or assistant, text)]; nothing when there was no time to speak."""
    given, rng = call.given, call.rng
    data = given.get("request_data") or {}
    if call.answered_by == "machine":
        message = filled(voicemail_message(given), data)
        return [("user", GREETING), *([("assistant", message)] if message else [])]
    if seconds < 2 or call.answered_by == "silence":
        return []
    said = [("assistant", _opening(given, data))]
    if call.answered_by == "fax" or seconds < 4:
        return said
    said.append(("user", "Hello? Yes, speaking."))
    facts = [f"I have {key.replace('_', ' ')} noted as {value}. " for key, value in list(data.items())[:3]]
    topic = re.split(r"[.\n]", filled(given.get("task") or "", data).strip())[0][:140]
    for turn in range(min(60, seconds // SECONDS_A_TURN) - 2):
        if turn % 2:
            said.append(("user", rng.choice(ANSWERS)))
        elif not turn and topic:
            said.append(("assistant", f"I am calling about this: {topic}. {rng.choice(QUESTIONS)}"))
        else:
            said.append(("assistant", (facts.pop(0) if facts else "") + rng.choice(QUESTIONS)))
    said.append(("assistant", "Thank you for your time. Goodbye!"))
    return said


def _opening(given, data) -> str:
    if given.get("first_sentence"):
        return filled(given["first_sentence"], data)
    name = next((data[k] for k in ("first_name", "name", "contact_name", "full_name") if data.get(k)), "")
    return f"Hello{f' {name}' if name else ''}, this is your assistant calling. Is now a good time?"


def voicemail_message(given) -> str:
    """The message to leave; given at all, it is left whatever the action says."""
    voicemail = given.get("voicemail") if isinstance(given.get("voicemail"), dict) else {}
    return voicemail.get("message") or given.get("voicemail_message") or ""


def voicemail_seconds(given, drawn: float) -> float:
    """How long a call lasts that a machine answered."""
    voicemail = given.get("voicemail") if isinstance(given.get("voicemail"), dict) else {}
    action = voicemail.get("action") or given.get("voicemail_action") or "hangup"
    if voicemail_message(given) or action.startswith("leave_message"):
        return 12 + drawn / 2
    return drawn + 20 if action == "ignore" else 4 + drawn / 10


def summary(call, seconds: int) -> str:
    data = call.given.get("request_data") or {}
    who = data.get("first_name") or data.get("name") or "The customer"
    if call.answered_by == "machine":
        return "The call went to voicemail." + (" A message was left." if voicemail_message(call.given) else "")
    if not call.answered_at or seconds < 4 or call.answered_by != "human":
        return "Nobody spoke with the assistant."
    return f"{who} answered and spoke with the assistant for {seconds} seconds. The next step was discussed."
