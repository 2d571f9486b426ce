"""The words of trading rooms and what part each can play. Language, not anybody's habit."""

from enum import Enum
from typing import Final, NamedTuple

from orders.enums import OptionType


class Role(Enum):
    VERB = "buys, sells, opens, closes or trims"
    TAKE = "takes: a part, profit, or an entry"
    STOP = "the number behind it is a stop"
    TARGET = "the numbers behind it are targets"
    TRAIL = "the number behind it trails"
    IN = "in, open: an entry where a ticker follows"
    BREAK = "beyond the number behind it, up for calls and down for puts"
    AVERAGE = "the number behind it is an average cost"
    PRICE = "the number behind it is the price"
    AT = "at, for: the number behind it is a price unless something better explains it"
    COUNT = "contracts, shares: the number before it is a quantity"
    COUNT_LABEL = "qty: the number behind it is a quantity"
    SIZE = "size: the share before it is a size, not a quantity"
    EXPIRY = "what stands beside it is an expiry"
    STRIKE = "the number beside it is a strike"
    TYPE = "calls or puts"
    TICKER_LABEL = "the word behind it is the ticker"
    SHAPE = "a spread's name"
    SPREAD = "spread, leg: several legs without saying which"
    DEBIT = "debit"
    CREDIT = "credit"
    ABOVE = "only above the number behind it"
    BELOW = "only below the number behind it"
    PART = "some part of a position"
    ALL = "the whole of a position"
    RUNNERS = "what is left of a position"
    KEEP = "keeps what is left"
    UP = "the number behind it is a gain"
    GAIN = "profit, gain: the number beside it is a gain"
    FROM = "the number behind it is where it came from"
    REACHED = "the number behind it is where it went"
    QUOTE = "the number behind it is a quote, a level or a greek"
    NOTES = "what follows is commentary"
    BOUND = "the number behind it is the worst price"
    MARKET = "at the market"
    TIME = "a number before it is a time"
    ROLL = "rolls a position"
    STOPPED = "reports a stop"
    DATE = "a month, a weekday or a token that may be an expiry"
    FILLER = "harmless anywhere"
    TAG = "a style or a size, harmless anywhere"
    SLANG = "movement, harmless beside an exit"


class Effect(Enum):
    OPEN = "open"
    CLOSE = "close"
    TRIM = "trim"


class Verb(NamedTuple):
    """`buys` is None where the word does not say; `explicit` verbs are orders in themselves (BTO)."""

    effect: Effect | None
    buys: bool | None = None
    explicit: bool = False


def _verbs(words: str, verb: Verb) -> dict[str, Verb]:
    return dict.fromkeys((word.replace("_", " ") for word in words.split()), verb)


VERBS: Final[dict[str, Verb]] = {
    **_verbs("bto buy_to_open bought_to_open buying_to_open", Verb(Effect.OPEN, True, True)),
    **_verbs("sto sell_to_open sold_to_open selling_to_open write_to_open", Verb(Effect.OPEN, False, True)),
    **_verbs("stc sell_to_close sold_to_close selling_to_close", Verb(Effect.CLOSE, False, True)),
    **_verbs("btc buy_to_close bought_to_close buying_to_close", Verb(Effect.CLOSE, True, True)),
    **_verbs("buy buying bought bot", Verb(None, True)),
    **_verbs(
        """
        long longed grab grabbed grabbing add added adding enter entered entering opened opening scooped
        scooping nibbled initiated initiating initiate starting picked_up picking_up got_in jumped_in
        went_long going_long entered_long entering_long entry_long new_position loading loaded got_into
        getting_into hopping_in scale_in scaled_in scaling_in
        scale_into scaled_into scaling_into avg_down averaging_down averaged_down average_down
        """,
        Verb(Effect.OPEN),
    ),
    **_verbs("sell selling sold", Verb(None, False)),
    **_verbs("short shorted shorting", Verb(Effect.OPEN, False)),
    **_verbs(
        """
        buy_back buying_back bought_back cover covering covered cover_short
        """,
        Verb(Effect.CLOSE, True),
    ),
    **_verbs(
        """
        close closed closing exit exited exiting exits all_out i'm_out im_out out cut cutting dumped dumping
        closed_out closing_out close_out sold_out selling_out get_out getting_out got_out unloaded unloading
        liquidated sl_out stopped_out stop_out full_exit full_profit full_profits sold_all sell_all
        selling_all closed_all closing_all close_all completely_out fully_out out_of
        """,
        Verb(Effect.CLOSE),
    ),
    **_verbs(
        """
        trim trimmed trimming scale_out scaled_out scaling_out scaling scaled partials reduced reducing
        reduce peeled peeling lightened taking_profit taking_profits took_profit took_profits
        taking_some_profit taking_some_profits took_some_profits took_some_profit secured_profit
        secured_profits securing_profits securing_profit locked_in_profits locking_in_profits
        locking_profits locking_profit book_profits booking_profits booked_profits taking_partial
        taking_partials took_partial took_partials take_profits taking_some taking_some_off took_some_off
        took_some
        """,
        Verb(Effect.TRIM),
    ),
}

_ROLES: Final[dict[Role, str]] = {
    Role.TAKE: "take took taking",
    Role.IN: "in open",
    Role.BREAK: "break breaks crosses crossing breaking",
    Role.STOP: """
        sl stop stops stope stoploss stop_loss stop_losses mental_stop stop_limit hard_stop out_below
        out_under out_above out_over exit_below exit_under exit_above cut_below cut_under stop_below
        stop_under s/l cut_if_below invalidation invalidated_below invalid_below stop_out_below stop_at
        sl_at stop_is sl_is stoped stopp
    """,
    Role.TARGET: """
        pt pts tp tps target targets tgt tgts price_target price_targets profit_target profit_targets
        take_profit t/p goal
    """,
    Role.TRAIL: "ts trail trailing trailing_stop trail_stop",
    Role.AVERAGE: "avg average new_avg avg_cost cost_basis average_cost avg_price averaging",
    Role.PRICE: """
        between
        entry entries entry_price price limit lmt limit_price paid cost costs premium fill_price entered_at
        in_at buy_price
    """,
    Role.AT: "at for @",
    Role.COUNT: """
        contract contracts cons con cts ct lot lots share shares sh shs kontrakt kontrakte kontrakty
        kontraktu units unit
    """,
    Role.COUNT_LABEL: "qty quantity qnty amount # of_contracts contracts_:",
    Role.SIZE: """
        size sz sized sizing position_size port portfolio account acct capital of_port of_account full_size
        half_size quarter_size small_size starter_size
    """,
    Role.EXPIRY: """
        exp expiry expiration expires expiring expirations exp_date expiration_date expiry_date expire exps
    """,
    Role.STRIKE: "strike strikes strike_price",
    Role.TICKER_LABEL: "ticker symbol underlying_symbol stock_symbol",
    Role.SHAPE: """
        vertical verticals calendar calendars diagonal diagonals straddle straddles strangle strangles
        butterfly butterflies fly flies iron_condor iron_condors ic ironcondor condor condors iron_butterfly
        iron_fly ironfly ratio ratios backratio backspread covered_call covered_calls covered_put pmcc
        collar collars risk_reversal risk_reversals jade_lizard lizard strip strap bwb broken_wing zebra box
        boxes double_diagonal double_calendar call_spread call_spreads put_spread put_spreads credit_spread
        credit_spreads debit_spread debit_spreads call_credit_spread put_credit_spread call_debit_spread
        put_debit_spread pcs ccs pds cds bull_call_spread bear_put_spread bull_put_spread bear_call_spread
        bull_put bear_call bull_call bear_put call_vertical put_vertical bull_call_vertical
        bear_put_vertical bull_put_vertical bear_call_vertical call_butterfly put_butterfly call_fly put_fly
        call_calendar put_calendar bull_spread bear_spread call_debit put_debit call_credit put_credit
        synthetic
    """,
    Role.SPREAD: "spread spreads leg legs legging legged hedged vs wing wings multi-leg combo",
    Role.DEBIT: "debit debits db net_debit dr",
    Role.CREDIT: "credit credits cr net_credit",
    Role.ABOVE: """
        over above breaks_above break_above crosses_above breaks_over break_over reclaims closes_above
    """,
    Role.BELOW: """
        under below breaks_below break_below crosses_below breaks_under break_under loses closes_below
    """,
    Role.PART: """
        half most some_more_off partial partially third quarter few_off majority bulk one_third one_half
        two_thirds some_off
    """,
    Role.ALL: "all rest remaining remainder everything entire full fully last whole completely",
    Role.RUNNERS: "runner runners",
    Role.KEEP: "leaving left leave keep keeping holding hold held letting let riding ride remain remains",
    Role.UP: "up down",
    Role.GAIN: "profit profits gain gains gainz win winner winners return roi loss losses green red",
    Role.FROM: "from",
    Role.REACHED: "currently hit hits reached ran_to went_to peaked topped topped_at",
    Role.QUOTE: """
        trading_at trades_at
        bid ask mark delta theta vega gamma iv vol spot underlying mid_price rsi vix_at support
        resistance pivot level levels vwap ema sma volume oi b/e breakeven_at even_at bid/ask nbbo
    """,
    Role.NOTES: "note notes comment comments reason thesis rationale reasoning commentary",
    Role.BOUND: "max up_to maximum no_more_than not_above do_not_pay_more_than",
    Role.MARKET: "market mkt m",
    Role.TIME: """
        min mins minute minutes hour hours hr hrs h am pm est edt et day days week weeks month months dma
        times sec secs seconds candle candles year years points ticks
    """,
    Role.ROLL: "roll rolled",
    Role.STOPPED: """
        hit_stop stop_hit stop_loss_hit hit_sl sl_hit got_stopped stopped hit_my_stop hit_stop_loss
        stop_was_hit stops_hit stop_triggered hit_our_stop
    """,
    Role.FILLER: """
        i i'm im lets let's
        i've ive we we're we've a an the my our of to on and with is are was this these those it
        also again here just now some new more off & it's its few me you your only ok okay alright guys team
        folks fam everyone all-in please pls ladies gang y'all yall got go going ahead set quick back right
        order orders option options opt stock equity equities type side action direction name product gtc
        tif ext rth filler option_contract option_type per each total around about approx approximately
        morning afternoon strategy weeklys quarterlys nice good great hi hey hello gm
        sent bull bullish bearish tos first second play's so as be manual live real using current moving
        move moved raise raised raising adjust adjusting adjusted initial final another one extra additional
        good_till_cancel good_til_cancel good_till_cancelled good_til_cancelled good_til_canceled
        good_till_canceled
    """,
    Role.TAG: """
        lotto lottos yolo risky risk high higher low medium moderate small tiny smaller big large scalp
        scalping scalper swing swings swinging daytrade daytrading trade trades trading play plays position
        positions cheap earnings overnight hero zero or speculative spec degen moonshot gamble gambling
        conservative aggressive hedge alert alerts signal signals starter official momentum leap leaps
        idea's quickie light full-size half-size voice premium-member vip gold lottery ticket tickets
        contract: r/r rr exclusive breakout short_week short_term long_term short_dated long_dated
        long_shot in_short csp csps cash_secured cash-secured naked re
    """,
    Role.SLANG: """
        exit_strategy exit_plan
        flying ripping running mooning printing banging huge massive monster boom bang cooking beautiful
        perfect killing crushing fire insane crazy wow amazing banger bangers congrats
    """,
}

SIDES: Final[dict[str, OptionType]] = {
    **dict.fromkeys(("c", "call", "calls", "cs"), OptionType.CALL),
    **dict.fromkeys(("p", "put", "puts", "ps"), OptionType.PUT),
}


def _spell_out() -> dict[str, Role]:
    roles = {word.replace("_", " "): role for role, words in _ROLES.items() for word in words.split()}
    return roles | dict.fromkeys(VERBS, Role.VERB) | dict.fromkeys(SIDES, Role.TYPE)


ROLES: Final = _spell_out()


def _phrases(known: dict[str, Role]) -> dict[str, tuple[tuple[str, ...], ...]]:
    """Return first word -> the phrases that begin with it, longest first."""
    found: dict[str, list[tuple[str, ...]]] = {}
    for phrase in known:
        words = tuple(phrase.split())
        if len(words) > 1:
            found.setdefault(words[0], []).append(words)
    return {first: tuple(sorted(rows, key=len, reverse=True)) for first, rows in found.items()}


PHRASES: Final = _phrases(ROLES)
