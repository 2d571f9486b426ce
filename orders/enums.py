"""The words of an order, one each. Values are stored: never rename one in place."""

from decimal import Decimal

from django.db.models import IntegerChoices, TextChoices


class Side(IntegerChoices):
    """Whether the whole order pays or receives; the sign of its walk toward the natural."""

    PAYS = 1, "pays"  # a debit: climbs toward the ask
    RECEIVES = -1, "receives"  # a credit: comes down toward the bid


class Action(TextChoices):
    """What a leg does, in the broker's own words."""

    BUY_TO_OPEN = "Buy to Open"  # a new or larger long
    BUY_TO_CLOSE = "Buy to Close"  # covers a short
    SELL_TO_OPEN = "Sell to Open"  # a new or larger short
    SELL_TO_CLOSE = "Sell to Close"  # gives up a long
    BUY = "Buy"  # outright futures only: netting
    SELL = "Sell"  # outright futures only: netting

    @property
    def buys(self) -> bool:
        return self.value.startswith("Buy")

    @property
    def sign(self) -> int:
        return 1 if self.buys else -1

    @property
    def closes(self) -> bool:
        return self.value.endswith("Close")

    @property
    def short(self) -> str:
        """The trader's word: BTO, STC, BUY ..."""
        words = self.value.split()
        return words[0].upper() if len(words) == 1 else "".join(w[0] for w in words).upper()


class InstrumentType(TextChoices):
    """What is traded, in the broker's own words."""

    EQUITY = "Equity"  # shares
    EQUITY_OPTION = "Equity Option"  # options on shares and indices
    FUTURE = "Future"  # outright futures
    FUTURE_OPTION = "Future Option"  # options on futures


class OptionType(TextChoices):
    CALL = "C", "call"
    PUT = "P", "put"


class OrderType(TextChoices):
    LIMIT = "Limit"  # walks, then rests
    MARKET = "Market"  # one placement, no walk
    STOP = "Stop"  # a market order once its price is touched
    OCO = "OCO"  # a limit and a stop at once: one ends the other


class TimeInForce(TextChoices):
    DAY = "Day"  # until the session's end
    GTC = "GTC"  # until cancelled


class PriceRule(TextChoices):
    """What the trader wrote behind the @."""

    NONE = "none"  # nothing: start at mid, bound from the policy
    LIMIT = "limit"  # a price: it is the bound, or the start if max is given
    MID = "mid"  # start at mid, bound from the policy
    NATURAL = "natural"  # start at the natural, which is also the bound
    MARKET = "market"  # one market order, where the channel allows it
    EXIT = "exit"  # rests at its target and its stop, no walk


class WalkMethod(TextChoices):
    """How the next price takes the place of the last."""

    CANCEL_RESUBMIT = "cancel", "cancel and resubmit"  # safe with partial fills
    REPLACE = "replace", "replace at the broker"  # one unit only: never partly filled


class WalkEnd(TextChoices):
    """What becomes of a walk whose prices are used up."""

    DAY = "day", "leave as a DAY order"  # the last price rests
    CANCEL = "cancel", "cancel the rest"  # nothing rests


class BeforeOpen(TextChoices):
    """What becomes of an order that is approved before the open."""

    WAIT = "wait", "wait for the open"  # walks when the session opens
    REFUSE = "refuse", "refuse"  # denied with the time of the next session


class Role(TextChoices):
    """What a half of a pair is for."""

    TARGET = "target"  # a limit that takes the profit
    STOP = "stop"  # a stop that gives up


class OrderStatus(TextChoices):
    PROPOSED = "proposed"  # recorded, waiting for a second person
    APPROVED = "approved"  # a second person said yes; nothing sent
    WALKING = "walking"  # being worked at the broker
    HOLDING = "holding"  # no usable quote, halt or outage
    RESTING = "resting"  # the walk is over; rests as DAY
    FILLED = "filled"  # closed: nothing left to fill
    CANCELLED = "cancelled"  # closed: cancelled, perhaps partly filled
    EXPIRED = "expired"  # closed: the session ended
    REJECTED = "rejected"  # closed: refused by the broker
    DENIED = "denied"  # closed: refused by us, never sent
    LAPSED = "lapsed"  # closed: not decided in time
    WITHDRAWN = "withdrawn"  # closed: taken back by its trader


class PlacementStatus(TextChoices):
    PLANNED = "planned"  # decided, not yet claimed
    SENDING = "sending"  # intent committed; bytes may have left
    WORKING = "working"  # live at the broker
    REPLACING = "replacing"  # a replacement of it was sent
    CANCELLING = "cancelling"  # we want it gone; not gone yet
    UNKNOWN = "unknown"  # outcome unknown: only ever read back
    FILLED = "filled"  # terminal: all of it traded
    CANCELLED = "cancelled"  # terminal: cancelled at the broker
    EXPIRED = "expired"  # terminal: its session ended
    REJECTED = "rejected"  # terminal: refused by the broker
    REPLACED = "replaced"  # terminal: its replacement took over
    NOT_SENT = "not_sent"  # terminal: no byte left this machine
    NOT_PLACED = "not_placed"  # terminal: proven absent at the broker
    REMOVED = "removed"  # terminal: removed by the broker


class MessageState(TextChoices):
    """What became of a message that was read."""

    HEARD = "heard"  # recorded, being read and priced
    NOISE = "noise"  # no order in it
    PREVIEW = "preview"  # understood; its channel only looks
    REVIEW = "review"  # a person must decide
    UPDATE = "update"  # moves stop or targets: a person's
    TO_PROPOSE = "to_propose", "being proposed"  # completed by a person, a worker prices it
    PROPOSED = "proposed"  # became orders by itself
    COMPLETED = "completed"  # became orders by a person
    DISMISSED = "dismissed"  # a person wants nothing of it
    WITHDRAWN = "withdrawn"  # its author took it back


class TradingStateName(TextChoices):
    ACTIVE = "active"  # everything may be sent
    REDUCING = "reducing"  # only closing orders
    HALTED = "halted"  # only cancels


class EnvironmentName(TextChoices):
    PRACTICE = "practice"  # the exchange in this repository
    SANDBOX = "sandbox"  # the broker's certification environment
    PRODUCTION = "production"  # real money


class Stage(TextChoices):
    """The rollout ladder of production, most careful first."""

    OFF = "off"  # nothing is sent
    DRY_RUN = "dry_run"  # only to the dry-run endpoint
    CANARY = "canary"  # one contract, named channels
    LIMITED = "limited"  # capped
    FULL = "full"  # within the limits


CENT = Decimal("0.01")
