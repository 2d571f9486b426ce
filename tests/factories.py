"""Plain valid rows for tests: one trader, one approver, one practice account, one order.

Every function returns a saved row, makes what it needs, and takes overrides by column name. To let an
order through the environment's seal set `settings.PRACTICE_EXCHANGE_URL` to a loopback address
(`PRACTICE_URL`).
"""

from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from django.contrib.auth.models import Permission, User
from django.utils import timezone

from desk.limits import AccountReading, RiskLimits
from desk.models import Account, Channel, Environment, Trader, WalkPolicy
from orders.brokers.base import Balance, Position
from orders.controls import account_readings
from orders.enums import (
    Action,
    EnvironmentName,
    InstrumentType,
    OptionType,
    PlacementStatus,
    PriceRule,
    Side,
)
from orders.models import Fill, Leg, Order, Placement

D = Decimal
BALANCE = {"cash": 100_000, "net_liquidating_value": 100_000, "option_buying_power": 200_000,
           "equity_buying_power": 200_000}  # fmt: skip
PRACTICE_URL = "http://127.0.0.1:9901"
_serial = count(1)


def grant(user: User, *permissions: str) -> User:
    """Give rights named as in `has_perm` ("orders.approve_order"); return the user read afresh."""
    for name in permissions:
        app, codename = name.split(".")
        user.user_permissions.add(Permission.objects.get(content_type__app_label=app, codename=codename))
    return User.objects.get(pk=user.pk)  # permissions are cached on the instance


def make_user(username: str, *permissions: str, **over: Any) -> User:
    """Return the user of that name, made if need be, with these rights; no password is set."""
    user, _ = User.objects.get_or_create(username=username, defaults={"is_staff": True} | over)
    return grant(user, *permissions)


def make_environment(name: str = EnvironmentName.PRACTICE, **over: Any) -> Environment:
    """Return the environment; practice is on, the others are off unless asked for."""
    values = {"is_enabled": name == EnvironmentName.PRACTICE} | over
    return Environment.objects.update_or_create(name=name, defaults=values)[0]


def make_account(**over: Any) -> Account:
    environment = over.pop("environment", None) or make_environment()
    number = over.pop("number", "5WX00001")
    values = {"nickname": "Practice one", "is_allowed": True} | over
    account = Account.objects.update_or_create(environment=environment, number=number, defaults=values)[0]
    if not AccountReading.objects.filter(account=account).exists():
        make_reading(account)
    return account


def make_reading(account: Account, *positions: Position, **over: Any) -> AccountReading:
    """Return the broker's word of just now: 100,000 dollars, and these positions."""
    now: datetime = over.pop("now", None) or timezone.now()
    balance = Balance(*(D(over.pop(name, worth)) for name, worth in BALANCE.items()))
    return account_readings.store(account, list(positions), balance, began_at=now, read_at=now)


def make_position(quantity: int, **over: Any) -> Position:
    """Return a holding in the call that orders are made of; short is negative."""
    values = {
        "symbol": "SPY   261218C00600000", "kind": InstrumentType.EQUITY_OPTION, "underlying": "SPY",
        "quantity": quantity, "average_open_price": D("1.00"), "multiplier": D(100),
    }  # fmt: skip
    return Position(**values | over)


def make_limits(account: Account, **over: Any) -> RiskLimits:
    """Return the account's limits, at their defaults unless told."""
    return RiskLimits.objects.update_or_create(account=account, defaults=over)[0]


def make_policy(**over: Any) -> WalkPolicy:
    return WalkPolicy.objects.update_or_create(name=over.pop("name", "patient"), defaults=over)[0]


def make_trader(username: str = "tim", **over: Any) -> Trader:
    """Return a person who may propose orders."""
    user = over.pop("user", None) or make_user(username, "orders.propose_order")
    over.setdefault("discord_user_id", 1000 + user.pk)
    return Trader.objects.update_or_create(user=user, defaults=over)[0]


def make_approver(username: str = "ann", **over: Any) -> Trader:
    """Return a second person, who may look at, approve, deny and cancel orders."""
    user = make_user(username, "orders.approve_order", "orders.cancel_order", "orders.view_order")
    return make_trader(username, user=user, **over)


def make_channel(**over: Any) -> Channel:
    over.setdefault("account", None)
    values = over | {
        "account": over["account"] or make_account(),
        "policy": over.get("policy") or make_policy(),
        "name": over.get("name", "options"),
    }
    channel_id = values.pop("discord_channel_id", 2001)
    return Channel.objects.update_or_create(discord_channel_id=channel_id, defaults=values)[0]


def make_order(*, leg: dict[str, Any] | None = None, **over: Any) -> Order:
    """Return a proposal to buy 2 SPY 18 Dec 2026 600 calls, bound 1.31, market 1.20 / 1.30.

    `leg` overrides columns of its one leg; what it closes is held. An approver (`make_approver`) is made beside it.
    """
    now: datetime = over.pop("now", None) or timezone.now()
    trader = over.pop("trader", None) or make_trader()
    make_approver()
    channel: Channel = over.pop("channel", None) or make_channel()
    channel.traders.add(trader)
    quantity = over.pop("quantity", 2)
    bound = over.pop("bound_price", D("1.31"))
    policy = channel.policy
    frozen = ("retries", "ticks", "wait_seconds", "method", "end", "before_open", "max_spread_percent",
              "max_move_ticks", "patience_seconds")  # fmt: skip
    values: dict[str, Any] = {name: getattr(policy, name) for name in frozen} | {
        "trader": trader,
        "channel": channel,
        "account": channel.account,
        "environment": channel.account.environment_id,
        "discord_message_id": 900_000 + next(_serial),
        "text": "!tt bto 2 SPY 18dec 600c",
        "side": Side.PAYS,
        "quantity": quantity,
        "asked_quantity": quantity,
        "underlying": "SPY",
        "multiplier": D(100),
        "tick_table": [["0.01", None]],
        "price_rule": PriceRule.NONE,
        "bound_price": bound,
        "asked_bound_price": bound,
        "proposal_bid_price": D("1.20"),
        "proposal_ask_price": D("1.30"),
        "policy": policy,
        "buying_power_effect_value": D("-262.00"),
        "fees_value": D("2.26"),
        "proposed_at": now,
        "lapses_at": now + timedelta(minutes=5),
    }
    order = Order.objects.create(**values | over)
    hold_what_closes(make_leg(order, **(leg or {})))
    order.begin("proposed", by=trader.user.get_username(), now=now)
    return order


def make_leg(order: Order, **over: Any) -> Leg:
    values: dict[str, Any] = {
        "index": order.legs.count(),
        "kind": InstrumentType.EQUITY_OPTION,
        "symbol": "SPY   261218C00600000",
        "streamer_symbol": ".SPY261218C600",
        "root": "SPY",
        "action": Action.BUY_TO_OPEN,
        "multiplier": D(100),
        "expires_on": date(2026, 12, 18),
        "strike": D(600),
        "option_type": OptionType.CALL,
    }
    return Leg.objects.create(order=order, **values | over)


def hold_what_closes(leg: Leg) -> None:
    """Have the broker say that the account holds what this leg closes."""
    action, account = Action(leg.action), leg.order.account
    if action.closes:
        positions = [
            p
            for p in account_readings.positions_of(account_readings.known_of(account))
            if p.symbol != leg.symbol
        ]
        held = make_position(
            -action.sign * leg.ratio * leg.order.quantity, symbol=leg.symbol, kind=InstrumentType(leg.kind),
            underlying=leg.order.underlying, multiplier=leg.multiplier,
        )  # fmt: skip
        make_reading(account, *positions, held)


def make_placement(order: Order, **over: Any) -> Placement:
    """Return a placement of what is left of the order, working at its bound."""
    now: datetime = over.pop("now", None) or timezone.now()
    values: dict[str, Any] = {
        "account": order.account,
        "external_identifier": f"practice-d1-{order.pk}-{next(_serial)}",
        "broker_order_id": str(500_000 + next(_serial)),
        "rung": 0,
        "quantity": order.leaves_quantity or order.quantity,
        "limit_price": order.bound_price,
        "bid_price": order.proposal_bid_price,
        "ask_price": order.proposal_ask_price,
        "status": PlacementStatus.WORKING,
        "intended_at": now,
        "send_deadline_at": now + timedelta(seconds=6),
        "answered_at": now,
        "latency_ms": 42,
    }
    return Placement.objects.create(order=order, **values | over)


def make_fill(placement: Placement, **over: Any) -> Fill:
    """Return a fill of all of the placement; sums on the order and placement are left alone."""
    now: datetime = over.pop("now", None) or timezone.now()
    values: dict[str, Any] = {
        "account": placement.account,
        "leg": placement.order.legs.first(),
        "fill_id": f"fill-{next(_serial)}",
        "quantity": placement.quantity,
        "price": placement.limit_price,
        "filled_at": now,
        "recorded_at": now,
    }
    return Fill.objects.create(placement=placement, **values | over)
