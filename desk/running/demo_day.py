"""A desk's day in scenes, played through the practice Discord and the admin."""

from dataclasses import dataclass

from desk.running.chat_hand import Message
from desk.running.practice_rows import PASSWORD
from desk.running.stage import Stage

APPROVER, TRADER, OTHER, BOSS = "ada", "tessa", "theo", "bea"
QUICK = (
    (TRADER, "buy 10 AAPL @ nat"),
    (OTHER, "buy 10 TSLA @ nat"),
    (TRADER, "buy 10 QQQ @ nat"),
    (OTHER, "buy 1 /MES @ nat"),
)
QUICK_SYMBOLS = ("AAPL", "TSLA", "QQQ", "/MES")
STEPS_SHOWN = 2


@dataclass(frozen=True, slots=True)
class Contracts:
    """The SPY options of the day, by what becomes of them; as traders write them, and as listed."""

    expiry: str
    listed: str

    def word(self, strike: int, kind: str = "c") -> str:
        return f"SPY {self.expiry} {strike}{kind}"

    def symbol(self, strike: int, kind: str = "C") -> str:
        return f"SPY   {self.listed}{kind}{strike * 1000:08d}"


def play(stage: Stage, contracts: Contracts) -> None:
    """Play every scene. Raises NothingSeen where the desk does not do what it should."""
    stage.admin.log_in(APPROVER, PASSWORD)
    held = [contracts.symbol(strike) for strike in (600, 605, 595)]
    stage.exchange.set_faults(still(held[0]), *map(never, held), *map(now, QUICK_SYMBOLS))
    stage.chat.say(OTHER, "!tt help", channel="lobby")
    walking = start_walk(stage, contracts)
    resting = rest(stage, contracts)
    cancelled = start_cancelled(stage, contracts)
    mistakes(stage, contracts)
    finish_walk(stage, walking, contracts, held)
    finish_cancelled(stage, cancelled)
    quick_ones(stage, QUICK)
    stage.shows(resting, "Resting")
    close_some(stage, contracts)
    other_shapes(stage, contracts)
    silence_elsewhere(stage)


def never(symbol: str) -> dict[str, str]:
    return {"kind": "never_fill", "symbol": symbol}


def still(symbol: str) -> dict[str, str]:
    """Quotes that do not move: a walk then steps at each rung, wherever the market would have gone."""
    return {"kind": "stale_quotes", "symbol": symbol}


def now(symbol: str) -> dict[str, str]:
    return {"kind": "fill_now", "symbol": symbol}


def start_walk(stage: Stage, contracts: Contracts) -> Message:
    """An order that finds no buyer at first, and steps toward the natural."""
    reply = stage.ask(TRADER, f"!tt bto 2 {contracts.word(600)} wait 3s")
    stage.approve(APPROVER, reply)
    return reply


def finish_walk(stage: Stage, reply: Message, contracts: Contracts, held: list[str]) -> None:
    """After its second price the market takes it."""
    order = reply.order_id
    stage.until(lambda: len(stage.exchange.placements_of(order)) >= STEPS_SHOWN, f"#{order}'s second price")
    stage.tell("exchange", f"the market comes to #{order}")
    others = [symbol for symbol in held if symbol != contracts.symbol(600)]
    stage.exchange.set_faults(
        *map(never, others), *map(now, QUICK_SYMBOLS), now(contracts.symbol(600)), now(contracts.symbol(610))
    )
    stage.filled(reply)


def rest(stage: Stage, contracts: Contracts) -> Message:
    """An order that walks to its bound without a fill and is left as a DAY order; approved in the admin."""
    reply = stage.ask(OTHER, f"!tt bto 1 {contracts.word(605)} wait 1s")
    stage.approve_in_admin(APPROVER, reply)
    return reply


def start_cancelled(stage: Stage, contracts: Contracts) -> Message:
    reply = stage.ask(OTHER, f"!tt bto 1 {contracts.word(595)} wait 30s")
    stage.approve(APPROVER, reply)
    return stage.shows(reply, "Working")


def finish_cancelled(stage: Stage, reply: Message) -> None:
    """Its own trader takes it back while it works."""
    stage.tell(OTHER, f"presses Cancel on #{reply.order_id}")
    stage.chat.press(OTHER, stage.again(reply), "Cancel")
    stage.shows(reply, "Cancelled")


def mistakes(stage: Stage, contracts: Contracts) -> None:
    """A slip of the pen, a denial with a reason, and somebody who would approve his own order."""
    slip = stage.ask(OTHER, "!tt bto 2 SPY 18dex 600c")
    require("^" in slip.text, f"no caret under the wrong word: {slip.text}")
    denied = stage.ask(OTHER, f"!tt sto 1 {contracts.word(590, 'p')}")
    stage.tell(APPROVER, f"presses Deny on #{denied.order_id} and writes: no naked puts today")
    form = stage.chat.press_and_read(APPROVER, denied, "Deny")
    stage.chat.fill_in(APPROVER, form, reason="no naked puts today")
    require("no naked puts today" in stage.shows(denied, "Denied").text, "the reason is not shown")
    own_approval(stage, contracts)


def own_approval(stage: Stage, contracts: Contracts) -> None:
    """The boss may do everything but approve what she asked for herself."""
    own = stage.ask(BOSS, f"!tt bto 1 {contracts.word(602)}")
    stage.tell(BOSS, f"presses Approve on #{own.order_id}, which is her own")
    answer = stage.chat.press_and_read(BOSS, own, "Approve")
    said = " ".join(each["content"] for each in (answer.get("ephemeral"), *answer["followups"]) if each)
    said = " ".join(said.replace("`", "").split())
    stage.tell("desk", f"(only to Bea) {said}")
    require("second person" in said, f"her own approval was not refused: {answer}")
    stage.tell(BOSS, f"presses Cancel on #{own.order_id}")
    stage.chat.press(BOSS, own, "Cancel")
    stage.shows(own, "Withdrawn")


def quick_ones(stage: Stage, orders: tuple[tuple[str, str], ...]) -> None:
    """Orders at the natural, each approved and filled at once."""
    for member, words in orders:
        reply = stage.ask(member, f"!tt {words}")
        stage.approve(APPROVER, reply)
        stage.filled(reply)


def close_some(stage: Stage, contracts: Contracts) -> None:
    """Half of what was bought is sold again, and a spread is bought as one order."""
    sold = stage.ask(TRADER, f"!tt stc 1 {contracts.word(600)} @ nat")
    stage.approve(APPROVER, sold)
    stage.filled(sold)
    spread = stage.ask(TRADER, f"!tt bto 1 SPY {contracts.expiry} 600/610c @ nat db")
    stage.approve(APPROVER, spread)
    stage.filled(spread)


def other_shapes(stage: Stage, contracts: Contracts) -> None:
    """Four legs as one order, an option on a future, and an entry that brings its target and its stop."""
    for words in (
        f"sto 1 SPY {contracts.expiry} 570/580/620/630 ic @ nat cr",
        f"bto 1 /ES {contracts.expiry} 6000c @ nat",
        f"bto 1 IWM {contracts.expiry} 220c @ nat retries 0 sl 0.05 tp 90",
    ):
        reply = stage.ask(TRADER, f"!tt {words}")
        stage.approve(APPROVER, reply)
        stage.filled(reply)


def silence_elsewhere(stage: Stage) -> None:
    """In a channel that is not the desk's, nothing was answered."""
    authors = [each.author for each in stage.chat.messages("lobby")]
    require(authors == [OTHER], f"the lobby was answered: {authors}")
    stage.tell("desk", "said nothing in #lobby, where it does not listen")


class WentWrong(Exception):
    """The desk did something else than it should. The text says what."""


def require(is_right: bool, sentence: str) -> None:
    """Raise WentWrong unless it is right."""
    if not is_right:
        raise WentWrong(sentence)
