"""What could stand at a place of the grammar, in a trader's words, by the terminals the parser would take."""

from dataclasses import dataclass
from typing import Final

from .instruments import EXPECTED_EXPIRY, EXPECTED_STRIKE

COMMANDS: Final = (
    "bto sto stc btc buy sell custom close cancel amend quote chain positions orders order balance help"
)
SHAPES: Final = (
    "vertical calendar diagonal straddle strangle butterfly condor ratio covered ironcondor ic ib fly"
)
BEHIND: Final = (
    "@ and a price, max, min, db, cr, wait, ticks, retries, day, gtc, acct, dry, sl, tp or the end"
)
NUMBER: Final = "a whole number such as 2"
ORDER: Final = "an order's number such as 1042"


@dataclass(frozen=True, slots=True)
class Slot:
    """A place of the grammar: `question` asks for what is missing, `sample` could stand there."""

    expected: str
    question: str = ""
    sample: str = ""


# The first entry whose terminals the parser would all have taken names the place.
SLOTS: Final = (
    ({"CLOSE"}, Slot("a command: " + ", ".join(COMMANDS.split()))),
    ({"ACTION", "QUANTITY"}, Slot(NUMBER, "How many?", "1")),
    ({"ACTION"}, Slot("an action: bto, stc, sto or btc", "Which action?", "bto")),
    ({"QUANTITY"}, Slot(NUMBER, "How many?", "1")),
    ({"PRICE", "PRICE_WORD"}, Slot("a price such as 1.25, mid, nat or mkt", "Which price?", "mid")),
    ({"PRICE"}, Slot("a price such as 1.40", "Which price?")),
    ({"EXPIRIES", "STRIKES"}, Slot("an expiry and a strike, @ and a price, or the end")),
    ({"STRIKES"}, Slot(EXPECTED_STRIKE, "Which strike?", "600c")),
    ({"EXPIRIES", "RANGE"}, Slot("an expiry such as 18dec, strikes such as 590-610, or the end")),
    ({"RANGE"}, Slot("strikes such as 590-610, or the end")),
    ({"EXPIRIES"}, Slot(EXPECTED_EXPIRY, "Which expiry?", "18dec")),
    ({"ORDER_NUMBER", "ROOT"}, Slot(f"{ORDER}, or a contract", "Close what?", "1042")),
    ({"ORDER_NUMBER", "ALL"}, Slot(f"{ORDER}, or all", "Cancel what?", "1042")),
    ({"ORDER_NUMBER"}, Slot(ORDER, "Which order?", "1042")),
    ({"ROOT"}, Slot("a symbol such as SPY, /ES or /ESZ6", "Which symbol?", "SPY")),
    ({"DURATION"}, Slot("a time such as 20s or 2m", "How long?", "20s")),
    ({"COUNT"}, Slot("a whole number such as 3", "How many?", "3")),
    ({"ACCOUNT_NUMBER"}, Slot("an account's number such as 5WT00001", "Which account?")),
    ({"BOUND"}, Slot(BEHIND)),
)
BEHIND_OTHERS: Final = {
    "amend": Slot(
        "what to change: @ and a price, max, min, qty, wait, ticks, retries, day, gtc, sl or tp",
        "Change what?",
    ),
    "close": Slot(
        "half, third, quarter, all, 25%, qty, @ and a price, max, min, sl, tp, wait, ticks, retries, day, "
        "gtc, acct, dry or the end"
    ),
}
ELSEWHERE: Final = Slot("the end of the command")

# The words of each terminal that a trader could misspell.
WORDS: Final = {
    "CLOSE": COMMANDS,
    "ACTION": "bto sto stc btc buy sell",
    "PRICE_WORD": "mid nat mkt",
    "ALL": "all",
    "SHAPE_NAME": SHAPES,
    "BOUND": "max min",
    "EFFECT": "debit credit db cr",
    "WAIT": "wait",
    "TICKS": "ticks",
    "RETRIES": "retries retry",
    "FORCE": "day gtc",
    "ACCOUNT": "acct account",
    "DRY": "dry",
    "AGAIN": "again",
    "STOP": "stop sl",
    "TARGET": "target tp",
    "AMOUNT": "qty",
    "FRACTION": "half third quarter all",
    "FRONT": "front",
    "RIGHT": "call put",
}


def slot_of(accepted: set[str], command: str) -> Slot:
    """Return the place at which the parser would have taken these terminals, in a command of that word."""
    if "BOUND" in accepted and command in BEHIND_OTHERS:
        return BEHIND_OTHERS[command]
    return next((slot for terminals, slot in SLOTS if terminals <= accepted), ELSEWHERE)


def words_of(accepted: set[str]) -> list[str]:
    """Return the words that could stand there, each once, in an order that does not vary."""
    return list(
        dict.fromkeys(word for name, words in WORDS.items() if name in accepted for word in words.split())
    )
