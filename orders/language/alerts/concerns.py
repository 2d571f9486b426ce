"""Signs that a message is no order: questions, reports, fills, hearsay, wishes, conditions, refusals.

A firm sign counts wherever it stands. A soft one counts in the order's own sentence, and not where the
words beside it only speak of managing the position ("might swing this", "don't chase").
"""

import re
from enum import Enum
from typing import Final, NamedTuple

from .tokens import Kind, Token
from .wordlist import words


class Concern(Enum):
    QUESTION = "it asks a question"
    FLOW = "it reports what others traded"
    FILL = "it reads like a fill notice"
    REHEARSAL = "it speaks of a paper trade or an example"
    CORRECTION = "it corrects or takes back something"
    MOCKERY = "it reads like a joke"
    HEARSAY = "it tells of somebody else's trade"
    PAST = "it tells of the past"
    BOAST = "it tells of a result"
    WISH = "it tells of a plan or a wish"
    CONDITION = "it waits for something"
    REFUSAL = "it says not to"
    ROLL = "it rolls a position"
    HELD = "it lists what is held"
    STOPPED = "it reports a stop"
    CURRENCY = "it prices in another unit than dollars"

    @property
    def is_noise(self) -> bool:
        """Say whether a message that is only this needs nobody's eye."""
        return self in _NOISE


_NOISE: Final = frozenset(
    {Concern.QUESTION, Concern.FLOW, Concern.REHEARSAL, Concern.MOCKERY, Concern.HEARSAY, Concern.PAST,
     Concern.BOAST, Concern.WISH, Concern.REFUSAL}
)  # fmt: skip

FIRM: Final[dict[Concern, str]] = {
    Concern.QUESTION: """
        anyone anybody thoughts wdyt opinions any_thoughts should_i what_do who's_in worth_it what_about
        how_about do_you does_anyone did_you are_you can_i can_you
    """,
    Concern.FLOW: """
        flow flows sweep sweeps sweeper sweepers swept whale whales unusual uoa dark_pool darkpool
        open_interest prints bid_side ask_side at_the_ask above_ask at_ask call_buyer call_buyers put_buyer
        put_buyers call_seller call_sellers put_seller put_sellers smart_money institutional institutions
        golden_sweep ask-side upgrade upgrades upgraded downgrade downgrades downgraded bid-side block_trade
        block_trades premium_traded sentiment
    """,
    Concern.FILL: """
        filled fill fills executed execution executions assigned assignment asgn exercised exercise
        expired_worthless expired confirmation confirmed receipt order_id partially_filled order_placed
        order_status order_number order_received pending rejected resting
    """,
    Concern.REHEARSAL: """
        paper papertrade paper-trade papertrading sim simulated simulator simulation demo backtest
        backtested backtesting hypothetical hypothetically example examples e.g eg template format practice
        tutorial lesson for_instance how_to pretend imagine fake sample
    """,
    Concern.CORRECTION: """
        correction corrected correcting typo edit edited meant ignore disregard scratch nvm never_mind
        nevermind cancel cancelled canceled canceling cancelling void voided oops my_bad mistake mistyped
        wrong error delete deleted retract retracted fat_finger sorry apologies misread invalid should_be
        should_say should_have_been rather actually make_that changed
    """,
    Concern.MOCKERY: """
        jk kidding joking joke jokes lol lmao rofl lmfao sarcasm sarcastic yeah_right haha hahaha
        what_could_go_wrong trust_me clown clowns easy_money free_money lolol
        genius sike psych in_my_dreams
    """,
    Concern.PAST: """
        yesterday yesterday's earlier ago previously last_week last_month last_night last_friday last_monday
        recap recaps results recapping back_when weeks_ago days_ago last_year review reviewing used_to
    """,
    Concern.CURRENCY: "eur euro euros gbp pounds cad cents cent pence",
    Concern.BOAST: """
        nailed banked called_it told_you told_ya bagger baggers congratulations well_done great_job printed
        doubled tripled winners_today from_entry since_entry since_alert alerted_at
    """,
    Concern.CONDITION: """
        if unless until till when once whenever wait_for waiting_for waits_for upon contingent conditional
        trigger triggers triggered at_open
        at_opening at_the_opening market_opening at_the_open on_open market_open on_a on_the_open at_the_close
        at_close on_close premarket pre-market assuming provided only_above only_below as_long_as
    """,
}
SOFT: Final[dict[Concern, str]] = {
    Concern.REHEARSAL: "test testing tested like such why because reason means meaning i.e ie typed written",
    Concern.HEARSAY: """
        he she they he's she's they're they've someone somebody everybody people who friend friends buddy
        guy pelosi cramer congress insider insiders ceo analyst analysts said says saying reported according
        rumor rumors rumour fund funds buyer buyers seller sellers dealers retail whose his her their wife
        husband member members sub subs student students another_room other_room mentor rt by
        room rooms via courtesy
    """,
    Concern.PAST: """
        was were had been did already posted previous this_morning reminder reminders repost reposted
        reposting still_in still_have
    """,
    Concern.BOAST: "called told banger bangers printing congrats cashed bank ripped flipped turned",
    Concern.WISH: """
        watch watching watchlist watches eye eyeing eyes eyeballing looking look looks_like considering
        consider considered contemplating thinking think thought plan planning plans planned want wants
        wanting wanna wish wishing hope hoping might may could would should will gonna going_to i'd i'll
        we'd we'll wait waiting waited tempted interested ready_to about_to maybe perhaps possibly possible
        potential potentially idea ideas trying try tried attempt attempting soon later probably likely
        setting_up bidding let's_see considering_adding debating wondering like_to love_to prefer ideally
        eventually preparing prepare prepping stalking radar setup setups interesting suggest suggesting
        suggestion suggested recommend recommends recommended recommending need needs must supposed expect
        expecting predict prediction
    """,
    Concern.REFUSAL: """
        not don't dont no never avoid avoiding skip skipping skipped pass passing passed stay_away
        staying_away won't wont can't cant cannot isn't isnt wasn't didn't didnt doesn't doesnt wouldn't
        wouldnt shouldn't haven't havent hasn't aren't without instead neither nor nothing none except
        rather_than unlike refuse missed miss misses hardly stop_buying stop_chasing nobody nope nah wary
        zero_interest almost nearly barely
    """,
    Concern.CONDITION: "after before dip dips pullback pullbacks retest retests bounce touch touches then",
    Concern.ROLL: "rolling rolled roll rolls",
}  # fmt: skip

# What may be "possible", "not" or "later" without touching the order itself.
HARMLESS: Final = words(
    """
    swing swings swinging hold holding overnight runner runners trail trailing like willing greedy rush
    chase chasing overleverage overleveraged oversize oversized size sized marry fomo worry risky scalp
    financial advice hurry married hesitate stop stops sl guarantee guaranteed expensive big bad cheap
    scared worried swung day-trade daytrade responsibly add adding trim scale average move leave let
    tight profits
    """
)


class Sign(NamedTuple):
    """A concern and the place of its words. `firm` ones count anywhere, `mild` ones not in commentary."""

    concern: Concern
    at: int
    words: str
    firm: bool
    mild: bool = False


# Words of a phrase as they are tokens; a hyphen or a point inside a word is one of its own.
_PARTS: Final = re.compile(r"_|(?<=[-.])|(?=[-.])")


def _spell_out() -> dict[str, list[tuple[tuple[str, ...], Concern, bool]]]:
    table: dict[str, list[tuple[tuple[str, ...], Concern, bool]]] = {}
    for rows, firm in ((SOFT, False), (FIRM, True)):
        for concern, phrases in rows.items():
            for phrase in phrases.split():
                words = tuple(_PARTS.split(phrase))
                table.setdefault(words[0], []).append((words, concern, firm))
    for found in table.values():
        found.sort(key=lambda row: -len(row[0]))
    return table


_TABLE: Final = _spell_out()


def is_concern(word: str) -> bool:
    return any(len(words) == 1 for words, _, _ in _TABLE.get(word, ()))


def find_signs(tokens: list[Token]) -> list[Sign]:
    """Return every sign in the message, in its order."""
    words = [token.word for token in tokens]
    signs = []
    for at, token in enumerate(tokens):
        if token.text == "?":
            signs.append(Sign(Concern.QUESTION, at, "?", firm=True))
        elif token.kind is Kind.WORD and (sign := _sign_at(words, at)):
            signs.append(sign)
    return signs


def _sign_at(words: list[str], at: int) -> Sign | None:
    """Return the sign that begins here: the longest phrase that does."""
    for phrase, concern, firm in _TABLE.get(words[at].split(" ")[0], ()):
        if words[at] == " ".join(phrase) or tuple(words[at : at + len(phrase)]) == phrase:
            beside = words[max(0, at - 3) : at + len(phrase) + 3]
            mild = not firm and any(not HARMLESS.isdisjoint(word.split(" ")) for word in beside)
            return Sign(concern, at, " ".join(phrase), firm, mild)
    return None
