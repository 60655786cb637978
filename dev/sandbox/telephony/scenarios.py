"""Who answers, and what goes wrong: by the last five digits of the number called, else by weight."""

import random
from dataclasses import dataclass, fields, replace

from .faults import NAMES

# human, machine, fax and silence answer; the others do not
OUTCOMES = (
    "human",
    "machine",
    "fax",
    "silence",
    "no_answer",
    "busy",
    "rejected",
    "failed",
    "invalid",
    "unwanted",
    "off",
)
REFUSALS = ("number", "unreachable", "country", "blocked", "caller", "concurrency", "money", "credentials", "trial")
WEIGHTS = {"human": 60, "machine": 15, "no_answer": 15, "busy": 7, "failed": 3}
PREFIX = "990"


@dataclass(frozen=True)
class Scenario:
    """One behaviour. `ring` and `talk` are simulated seconds; what is None is drawn."""

    what: str = ""
    outcomes: tuple = ()  # of the first, second ... call; the last one of all further; empty: by weight
    ring: float | None = None
    talk: float | None = None
    faults: tuple = ()  # of telephony.faults, always
    refuse: str = ""  # one of REFUSALS
    times: int | None = None  # how many requests a refusal or a fault of the answer strikes; None: all


_HUMAN = ("human",)
TABLE = {
    "01": Scenario("a person answers", _HUMAN),
    "02": Scenario("a machine answers", ("machine",)),
    "03": Scenario("busy", ("busy",)),
    "04": Scenario("nobody answers", ("no_answer",)),
    "05": Scenario("fails: the number is not in service", ("invalid",)),
    "06": Scenario("fails: carrier trouble", ("failed",)),
    "07": Scenario("a person presses reject", ("rejected",)),
    "08": Scenario("answered and hung up at once (0 s)", _HUMAN, talk=0),
    "09": Scenario("a short talk (3 s)", _HUMAN, talk=3),
    "10": Scenario("a long talk (600 s, or until the limit of the call)", _HUMAN, talk=600),
    "11": Scenario("a fax answers", ("fax",)),
    "12": Scenario("somebody answers and says nothing", ("silence",)),
    "13": Scenario("answers after 58 s of ringing, if it may ring so long", _HUMAN, ring=58),
    "14": Scenario("the telephone is switched off", ("off",)),
    "15": Scenario("nobody the first time, a person the second", ("no_answer", "human")),
    "16": Scenario("busy the first time, a person the second", ("busy", "human")),
    "17": Scenario("a machine the first time, a person the second", ("machine", "human")),
    "18": Scenario("fails the first time, a person the second", ("failed", "human")),
    "19": Scenario("fails: the network blocks our number as unwanted", ("unwanted",)),
    "20": Scenario("a person; no callback at all", _HUMAN, faults=("lost",)),
    "21": Scenario("a person; every callback twice", _HUMAN, faults=("doubled",)),
    "22": Scenario("a person; every callback three times", _HUMAN, faults=("tripled",)),
    "23": Scenario("a person; the callbacks in reverse order after the end", _HUMAN, faults=("reordered",)),
    "24": Scenario("a person, 2 s; the first callback before the answer", _HUMAN, 1, 2, ("early",)),
    "25": Scenario("a person; every callback late", _HUMAN, faults=("delayed",)),
    "26": Scenario("a person; the callbacks are wrongly signed", _HUMAN, faults=("bad_signature",)),
    "27": Scenario("a person; the callbacks are signed with the secret of before", _HUMAN, faults=("old_signature",)),
    "28": Scenario("a person; before each callback one for an unknown call", _HUMAN, faults=("unknown_id",)),
    "29": Scenario("a person; the callbacks have unknown fields", _HUMAN, faults=("extra_fields",)),
    "30": Scenario("nobody answers; no callback at all", ("no_answer",), faults=("lost",)),
    "31": Scenario("a person; that it rings is never told", _HUMAN, faults=("no_ringing",)),
    "40": Scenario("500, not placed", faults=("500_before",)),
    "41": Scenario("500, but placed; a person", _HUMAN, faults=("500_after",)),
    "42": Scenario("a slow answer; a person", _HUMAN, faults=("slow",)),
    "43": Scenario("an answer later than any patience, but placed; a person", _HUMAN, faults=("timeout_after",)),
    "44": Scenario("connection reset, not placed", faults=("reset_before",)),
    "45": Scenario("connection reset, but placed; a person", _HUMAN, faults=("reset_after",)),
    "46": Scenario("429 once, then a person", _HUMAN, faults=("429",), times=1),
    "47": Scenario("429 always", faults=("429",)),
    "48": Scenario("half an answer, but placed; a person", _HUMAN, faults=("cut",)),
    "49": Scenario("503 once, then a person", _HUMAN, faults=("503",), times=1),
    "50": Scenario("refused: not a number", refuse="number"),
    "51": Scenario("refused: the number cannot be reached", refuse="unreachable"),
    "52": Scenario("refused: the country is not allowed", refuse="country"),
    "53": Scenario("refused: the number is blocked", refuse="blocked"),
    "54": Scenario("refused: the caller number is not ours", refuse="caller"),
    "55": Scenario("refused once: too many calls at a time; then a person", _HUMAN, refuse="concurrency", times=1),
    "56": Scenario("refused: no money left", refuse="money"),
    "57": Scenario("refused: bad credentials", refuse="credentials"),
    "58": Scenario("refused: trial account", refuse="trial"),
}
ORDINARY = Scenario("by weight")


@dataclass(frozen=True)
class Fate:
    """What will become of one call, all in simulated seconds."""

    outcome: str
    dial: float  # until it rings, or fails
    ring: float  # until somebody answers
    talk: float


class Scenarios:
    def __init__(self, seed, weights=None, talk_median=35.0):
        self.seed = seed
        self._first = (weights or WEIGHTS, talk_median)
        self.reset()

    def reset(self):
        self.weights, self.talk_median = dict(self._first[0]), self._first[1]
        self._own = {}
        self._struck = {}

    def set_weights(self, weights: dict):
        unknown = set(weights) - set(OUTCOMES)
        if unknown or not weights or min(weights.values()) < 0 or not sum(weights.values()):
            raise ValueError(f"weights: {', '.join(OUTCOMES)} with numbers, got {weights}")
        self.weights = dict(weights)

    def set(self, digits: str, values: dict) -> Scenario:
        """All numbers that end in `digits` (or the one number) behave so from now on."""
        digits = digits.lstrip("+")
        known = {f.name for f in fields(Scenario)}
        if not digits.isdigit() or set(values) - known:
            raise ValueError(f"a number or its last digits, and any of {', '.join(sorted(known))}")
        values = {k: tuple(v) if isinstance(v, list) else v for k, v in values.items()}
        scenario = replace(ORDINARY, what="set by hand", **values)
        wrong = (set(scenario.outcomes) - set(OUTCOMES)) | (set(scenario.faults) - set(NAMES))
        if wrong or scenario.refuse not in ("", *REFUSALS):
            raise ValueError(f"unknown: {', '.join(sorted(wrong)) or scenario.refuse}")
        self._own[digits] = scenario
        self._struck.clear()
        return scenario

    def of(self, number: str) -> Scenario:
        digits = "".join(c for c in number if c.isdigit())
        for length in range(len(digits), 0, -1) if self._own else ():
            if digits[-length:] in self._own:
                return self._own[digits[-length:]]
        return TABLE.get(digits[-2:], ORDINARY) if digits[-5:-2] == PREFIX else ORDINARY

    def strikes(self, provider, number, scenario) -> bool:
        """Whether a refusal or a fault of the answer strikes this request."""
        key = (provider, number)
        self._struck[key] = self._struck.get(key, 0) + 1
        return scenario.times is None or self._struck[key] <= scenario.times

    def fate(self, provider: str, number: str, attempt: int) -> tuple[Fate, random.Random]:
        """The same for the same seed, number and attempt, whatever else is called."""
        rng = random.Random(f"{self.seed}/{provider}/{number}/{attempt}")
        scenario = self.of(number)
        outcomes = scenario.outcomes
        if outcomes:
            outcome = outcomes[min(attempt, len(outcomes)) - 1]
        else:
            outcome = rng.choices(list(self.weights), self.weights.values())[0]
            if outcome == "failed" and rng.random() < 0.5:
                outcome = "invalid"
        dial = rng.uniform(1, 3)
        ring = scenario.ring if scenario.ring is not None else rng.uniform(4, 20)
        talk = min(900.0, max(2.0, rng.lognormvariate(0, 0.8) * self.talk_median))
        if outcome in ("machine", "fax", "silence"):
            talk = rng.uniform(5, 30)
        return Fate(outcome, dial, ring, talk if scenario.talk is None else scenario.talk), rng
