"""The page docs/controls.md: `python -m tests.docs_controls` writes it; a test compares it with the code."""

import ast
import os
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "controls.md"
PROPOSAL, APPROVAL, STEP, INTENT = "proposal", "approval", "step", "intent"
BOTH = (PROPOSAL, INTENT)
CONTROLS: dict[str, tuple[str, tuple[str, ...]]] = {
    "QUANTITY_EXCEEDS_MAXIMUM": (
        "contracts, a hundred shares as one, with the account's and the channel's limit",
        BOTH,
    ),
    "NOTIONAL_EXCEEDS_MAXIMUM": ("price x quantity x multiplier; not of a future", BOTH),
    "LOSS_EXCEEDS_MAXIMUM": ("what it can lose at worst; not of a future", BOTH),
    "PRICE_EXCEEDS_WIDTH": ("credit or debit of a spread with its width", BOTH),
    "PRICE_OUTSIDE_COLLAR": (
        "price with the mid, never tighter than the spread",
        (PROPOSAL, APPROVAL, INTENT),
    ),
    "PRICE_NOT_POSITIVE": ("the bound with 0", (PROPOSAL,)),
    "PRICE_OFF_TICK": ("stop and target with the tick", (PROPOSAL,)),
    "QUOTE_NOT_USABLE": (
        "two sides, not crossed, not halted, not too wide, read just now",
        (PROPOSAL, STEP, INTENT),
    ),
    "MARKET_ORDER_NOT_ALLOWED": ("a market order with what the channel accepts; one leg only", BOTH),
    "SYMBOL_RESTRICTED": ("the underlying with the restricted list", BOTH),
    "PRODUCT_NOT_ALLOWED": ("kind and underlying with the allow-list", BOTH),
    "LEGS_OF_TWO_KINDS": ("kinds and multipliers of its legs: shares go alone", (PROPOSAL,)),
    "EXPIRY_TOO_NEAR": ("the expiry with today and, on its day, the time left", BOTH),
    "SESSION_CLOSED": ("the session's open with now, where the policy does not wait", (PROPOSAL, STEP)),
    "ACCOUNT_READING_STALE": ("the age of the broker's word on the account", BOTH),
    "DAILY_LOSS_AT_MAXIMUM": ("the account's worth with that of the day before", BOTH),
    "OPEN_ORDERS_AT_MAXIMUM": ("orders in flight", BOTH),
    "POSITION_EXCEEDS_MAXIMUM": ("contracts of the underlying: held, in flight and asked", BOTH),
    "EXPOSURE_EXCEEDS_MAXIMUM": ("dollars at stake in the underlying: held, in flight and asked", BOTH),
    "BUYING_POWER_EXCEEDED": (
        "what the broker's dry-run takes with what is free",
        (PROPOSAL, APPROVAL, INTENT),
    ),
    "BROKER_WOULD_REJECT": (
        "the errors of the broker's dry-run: shown, and not to be approved",
        (PROPOSAL, APPROVAL),
    ),
    "CLOSE_EXCEEDS_POSITION": ("what closes with what is held less what is being closed", BOTH),
    "OPPOSITE_ORDER_WORKING": (
        "price with that of an order the other way round, which it could trade with",
        BOTH,
    ),
    "SYMBOL_REPEATED": ("opening orders sent in the contract lately", BOTH),
    "ORDER_REPEATED": ("person, legs, side and quantity with what was asked for lately", (PROPOSAL,)),
    "PLACEMENTS_AT_MAXIMUM": (
        "placements of the order with 1 + retries; at the step it is parked",
        (STEP, INTENT),
    ),
    "REJECTS_AT_MAXIMUM": ("the broker's rejects lately", (INTENT,)),
    "MESSAGE_RATE_EXCEEDED": ("messages left in the account's bucket, which all workers share", (INTENT,)),
    "EXIT_TRIGGERS_AT_ONCE": ("stop and target with the mid", (PROPOSAL,)),
    "STOP_NEEDS_ONE_LEG": ("the legs of an order with a stop", (PROPOSAL,)),
    "EXIT_OF_A_ROLL": ("stop and target with an order that opens and closes", (PROPOSAL,)),
    "EXIT_HAS_TWO_PRICES": ("a price with stop and target of an exit", (PROPOSAL,)),
    "CHANNEL_PREVIEW_ONLY": ("a channel that only looks", (PROPOSAL,)),
    "TRADER_NOT_AUTHORISED": ("person and channel with their switches and rights", BOTH),
    "ENVIRONMENT_KEYS_DISAGREE": ("every key of the environment", (PROPOSAL, APPROVAL, STEP, INTENT)),
    "ROLLOUT_STAGE_EXCEEDED": ("quantity and channel with production's rung", (PROPOSAL, STEP, INTENT)),
    "TRADING_NOT_ACTIVE": (
        "the trading state; reducing lets closing orders through",
        (PROPOSAL, STEP, INTENT),
    ),
    "RECONCILE_PENDING": ("the account has been compared with the broker since the start", (STEP, INTENT)),
    "BREAK_OPEN": ("an open difference from the broker in its symbol or underlying", (STEP, INTENT)),
    "UNKNOWN_OUTSTANDING": ("a placement of the account whose outcome is unknown", (STEP, INTENT)),
}
INTRODUCTION = """\
# Controls

What stands between an order and the broker. Each control is a plain function that compares a few numbers and gives a \
*verdict*: a code that never changes its meaning, a sentence, the numbers. A refusal tells the trader code and \
sentence; every verdict is stored on the order, and its page in the admin shows them.

They are taken at the **proposal**, some again at the **approval** at the terms that it freezes, some as each **step** \
is decided, and once more at the **intent**: in the transaction that commits what is about to be sent, under the account's lock, so that of orders that \
race for the last unit of a limit one gets it. What is in flight counts against every limit: an order holds its place \
from its first intent until it has ended, also between two of its prices and while its outcome is unknown. An order \
refused at the intent holds, and is tried again. Closing orders pass what is about opening.

Nobody asks the broker inside a transaction: each comparison with the broker (once a minute, and at a proposal where \
the last is older) stores its positions and balance, and what filled or was sent since is added. In doubt that counts \
too much, never too little. The loss of a day is measured against the last value of a day before; money taken out \
looks like a loss.

The most an order can lose is its worst value at expiry: a spread its width less the credit, an uncovered short option \
or share its notional. A long option that expires before a short one covers nothing of it.

Cancels pass everything. Three rejects in five minutes, and an order sent more than twice as often as its policy \
allows, halt the account by themselves; it takes a person to resume it. The broker's 429 and 5xx answers make an order \
wait longer each time.

To mean the same order twice within a minute, write `again` behind it.

`python -m tests.docs_controls` writes this page; a test compares it with the code.

## Codes

| code | compares | taken at |
|---|---|---|
"""


def codes() -> set[str]:
    """Return every code that a function of the code gives."""
    found = set()
    for path in [*(ROOT / "orders").rglob("*.py"), *(ROOT / "desk").rglob("*.py")]:
        tree = ast.parse(path.read_text())
        constants = dict(constants_of(tree))
        for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call) and node.args):
            if isinstance(call.func, ast.Name) and call.func.id == "Verdict":
                code = call.args[0]
                found.add(
                    code.value if isinstance(code, ast.Constant) else constants.get(ast.unparse(code), "")
                )
    return found - {""}  # a code that is passed on is given elsewhere


def constants_of(tree: ast.Module) -> Iterator[tuple[str, str]]:
    for each in tree.body:
        if isinstance(each, ast.Assign) and isinstance(each.value, ast.Constant):
            yield ast.unparse(each.targets[0]), str(each.value.value)


def page() -> str:
    """Return the whole page."""
    from desk.limits import RiskLimits

    rows = [f"| `{code}` | {told} | {', '.join(when)} |" for code, (told, when) in CONTROLS.items()]
    limits = [
        f"| {field.verbose_name} | {said(field.get_default())} | {field.help_text} |"
        for field in RiskLimits._meta.fields
        if field.help_text
    ]
    head = "\n## Limits\n\nPer account, on its page in the admin.\n\n| limit | default | |\n|---|---|---|\n"
    return INTRODUCTION + "\n".join(rows) + "\n" + head + "\n".join(limits) + "\n"


def said(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(value) or "none"
    return f"{value:,}"


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "desk.settings")
    import django

    django.setup()
    PAGE.write_text(page())
