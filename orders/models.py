"""What was asked for and approved: orders, their legs, decisions. What was sent of them is beside."""

from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from desk.models import Account, Channel, Trader, WalkPolicy
from orders import lifecycle
from orders.alerts.messages import Message, MessageOrder
from orders.audit import chain, terms
from orders.audit.rows import DayDigest, OrderEvent
from orders.enums import (
    Action,
    BeforeOpen,
    EnvironmentName,
    InstrumentType,
    OptionType,
    OrderStatus,
    OrderType,
    PlacementStatus,
    PriceRule,
    Side,
    TimeInForce,
    WalkEnd,
    WalkMethod,
)
from orders.fields import MoneyField, PriceField, ToldField
from orders.halts.mass_cancels import MassCancel
from orders.ladder import Terms
from orders.machine.state import Event
from orders.market import Tick, TickTable
from orders.order_facts import OrderFacts
from orders.placements import Component, Fill, Placement
from orders.reconciliation.differences import Book, Break, External

__all__ = [
    "Approval",
    "Book",
    "Break",
    "Component",
    "DayDigest",
    "External",
    "Fill",
    "Leg",
    "MassCancel",
    "Message",
    "MessageOrder",
    "Order",
    "OrderEvent",
    "Placement",
]


class OrderQuerySet(models.QuerySet["Order"]):
    def due(self, now: datetime) -> "OrderQuerySet":
        """Orders whose turn has come and that nobody works right now, longest waiting first."""
        unleased = Q(leased_until=None) | Q(leased_until__lt=now)
        return self.understood().filter(unleased, next_action_at__lte=now).order_by("next_action_at")

    def understood(self) -> "OrderQuerySet":
        """Orders whose words we know: while a newer version is rolled out, what it alone knows is its own."""
        newer = Placement.objects.filter(order=OuterRef("pk")).exclude(status__in=PlacementStatus.values)
        return self.filter(~Exists(newer), status__in=OrderStatus.values)


class Order(OrderFacts, models.Model):
    """What a trader asked for and a second person approved. Nothing of it changes after approval."""

    # whose, where
    trader = models.ForeignKey(Trader, on_delete=models.PROTECT, related_name="orders")
    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, related_name="orders")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="orders")
    environment = models.CharField(
        max_length=10, choices=EnvironmentName, help_text="Stamped once, for ever."
    )
    dry_run = models.BooleanField(default=False)
    discord_message_id = models.PositiveBigIntegerField(
        unique=True, null=True, help_text="The command's; empty where no command in Discord asked for it."
    )
    text = models.TextField(help_text="What the trader typed.")
    parent = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        related_name="exits",
        help_text="The entry whose fills this exit gives up, under the same approval.",
    )

    # what
    side = models.SmallIntegerField(choices=Side)
    quantity = models.PositiveIntegerField(help_text="Contracts, shares or spreads.")
    asked_quantity = models.PositiveIntegerField(help_text="Before an approver reduced it.")
    closes_position = models.BooleanField(
        default=False,
        db_default=False,
        help_text="Asked to give up what is held; futures are netted, their legs don't say it.",
    )
    order_type = models.CharField(max_length=8, choices=OrderType, default=OrderType.LIMIT)
    time_in_force = models.CharField(max_length=4, choices=TimeInForce, default=TimeInForce.DAY)
    underlying = models.CharField(max_length=12)
    multiplier = models.DecimalField(max_digits=12, decimal_places=4, help_text="USD per point.")
    tick_table = models.JSONField(help_text="[[value, threshold or null], ...]")

    # at what price
    price_rule = models.CharField(max_length=8, choices=PriceRule)
    start_price = PriceField(null=True)
    bound_price = PriceField(null=True, help_text="Worst price it may ever be placed at.")
    asked_bound_price = PriceField(null=True, help_text="Before an approver tightened it.")
    target_price = PriceField(null=True, help_text="Of the position: where its exit takes the profit.")
    stop_price = PriceField(null=True, help_text="Of the position: where its exit gives up.")
    proposal_bid_price = PriceField(null=True)
    proposal_ask_price = PriceField(null=True)
    arrival_mid_price = PriceField(null=True, help_text="Mid when the first placement was decided.")

    # how
    policy = models.ForeignKey(WalkPolicy, on_delete=models.PROTECT, related_name="orders")
    retries = models.PositiveSmallIntegerField()
    ticks = models.PositiveSmallIntegerField()
    wait_seconds = models.PositiveIntegerField()
    method = models.CharField(max_length=8, choices=WalkMethod)
    end = models.CharField(max_length=8, choices=WalkEnd)
    before_open = models.CharField(max_length=8, choices=BeforeOpen)
    max_spread_percent = models.PositiveIntegerField()
    max_move_ticks = models.PositiveIntegerField()
    patience_seconds = models.PositiveIntegerField()

    # what the broker and risk said of it
    buying_power_effect_value = MoneyField(null=True, help_text="Negative: reduces buying power.")
    fees_value = MoneyField(null=True)
    warnings = models.JSONField(default=list)
    verdicts = models.JSONField(default=list, help_text="Every pre-trade verdict, with its numbers.")

    # where it stands
    status = models.CharField(max_length=9, choices=OrderStatus, default=OrderStatus.PROPOSED)
    version = models.PositiveIntegerField(default=1)
    chain_head = models.CharField(
        max_length=64, blank=True, help_text="Digest of its newest event, which holds every older one."
    )
    rung = models.PositiveSmallIntegerField(default=0, help_text="Steps taken after the first price.")
    walks = models.PositiveSmallIntegerField(
        default=1, help_text="One, and one more each time it is worked again."
    )
    filled_quantity = models.PositiveIntegerField(default=0)
    average_fill_price = PriceField(null=True)
    cancel_requested_by = ToldField(max_length=150, blank=True)
    cancel_reason = ToldField(max_length=200, blank=True)
    amendment = models.JSONField(
        default=dict, help_text="What its trader wants of it instead, once nothing of it is live."
    )
    waits_for_entry = models.BooleanField(
        default=False, help_text="At the broker already, asleep until its entry has filled (OTOCO)."
    )
    note = ToldField(max_length=300, blank=True, help_text="The last reason, for people.")
    parked_reason = ToldField(max_length=300, blank=True)
    needs_review = models.BooleanField(default=False)
    is_resend_confirmed = models.BooleanField(
        default=False, help_text="A person confirmed that a placement proven absent may be placed again."
    )
    failures = models.PositiveSmallIntegerField(default=0)

    # when
    proposed_at = models.DateTimeField()
    lapses_at = models.DateTimeField()
    reminded_at = models.DateTimeField(null=True)
    approved_at = models.DateTimeField(null=True)
    holding_since = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    step_due_at = models.DateTimeField(null=True, help_text="When the working price has waited long enough.")
    next_action_at = models.DateTimeField(null=True)
    lease = models.CharField(max_length=32, blank=True)
    leased_until = models.DateTimeField(null=True)

    objects: ClassVar[OrderQuerySet] = OrderQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gt=0), name="order_quantity_positive"),
            models.CheckConstraint(
                condition=Q(quantity__lte=F("asked_quantity")), name="order_quantity_only_reduced"
            ),
            models.CheckConstraint(condition=Q(status__in=OrderStatus.values), name="order_status_known"),
            models.CheckConstraint(
                condition=Q(price_rule__in=[PriceRule.MARKET, PriceRule.EXIT]) | Q(bound_price__isnull=False),
                name="order_has_a_bound",
            ),
            models.CheckConstraint(
                condition=~Q(price_rule=PriceRule.EXIT)
                | Q(target_price__isnull=False)
                | Q(stop_price__isnull=False),
                name="order_exit_has_a_price",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_action_at"], condition=Q(next_action_at__isnull=False), name="order_due"
            ),
            models.Index(fields=["status"], name="order_status"),
        ]
        permissions = [
            ("propose_order", "Can propose orders"),
            ("approve_order", "Can approve or deny proposed orders"),
            ("cancel_order", "Can cancel anyone's order"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"

    @property
    def is_closing(self) -> bool:
        """Whether every leg gives up or covers a position."""
        is_asked = self.closes_position or self.is_exit
        return is_asked or all(Action(leg.action).closes for leg in self.legs.all())

    @property
    def ticks_table(self) -> TickTable:
        return tuple(Tick(Decimal(v), Decimal(t) if t is not None else None) for v, t in self.tick_table)

    @property
    def terms(self) -> Terms:
        return Terms(
            side=Side(self.side),
            rule=PriceRule(self.price_rule),
            ticks=self.ticks_table,
            retries=self.retries,
            ticks_per_step=self.ticks,
            start=self.start_price,
            bound=self.bound_price,
        )

    def move_to(
        self, status: OrderStatus, *, by: str, now: datetime, reason: str = "", **detail: Any
    ) -> None:
        """Change status and write the audit row. The caller holds the row lock.

        Raises IllegalTransition if the table has no such arrow.
        """
        lifecycle.move(self, status, by=by, now=now, reason=reason, **detail)

    def tell(
        self, kind: str, *, by: str, now: datetime, old: str = "", reason: str = "", **detail: Any
    ) -> None:
        """Write an audit row and make the order's new version visible. The caller holds the row lock."""
        self.version += 1
        self.write(Event(self.version, kind, by, now, old, self.status, reason, detail))
        self.save()

    def begin(self, kind: str, *, by: str, now: datetime, reason: str = "", **detail: Any) -> None:
        """Write the first audit row of an order that was just saved, in the same transaction."""
        self.write(Event(self.version, kind, by, now, "", self.status, reason, detail))
        self.save(update_fields=["chain_head"])

    def write(self, event: Event) -> None:
        """Add an event to the order's chain: the only place that writes one. The caller saves the row."""
        found = {name: getattr(event, name) for name in Event.__slots__}
        if event.kind in terms.TOLD_BY:
            found["detail"] = {**event.detail, "terms": terms.of(self)}
        # Cut here, not by the columns: the digest holds what is read back.
        found |= {"reason": event.reason[:300], "by": event.by[:150]}
        row = OrderEvent(order=self, previous=self.chain_head, **found)
        row.digest = self.chain_head = chain.digest_of(row.previous, row.content)
        row.save(force_insert=True)


class Leg(models.Model):
    """One instrument of an order. `ratio` per unit of the order's quantity."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="legs")
    index = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=20, choices=InstrumentType)
    symbol = models.CharField(max_length=40, help_text="As the broker names it.")
    streamer_symbol = models.CharField(max_length=60, blank=True)
    root = models.CharField(max_length=12)
    action = models.CharField(max_length=16, choices=Action)
    ratio = models.PositiveSmallIntegerField(default=1)
    multiplier = models.DecimalField(max_digits=12, decimal_places=4)
    expires_on = models.DateField(null=True)
    strike = PriceField(null=True)
    option_type = models.CharField(max_length=1, choices=OptionType, blank=True)

    class Meta:
        ordering = ["index"]
        constraints = [
            models.UniqueConstraint(fields=["order", "index"], name="leg_index_once"),
            models.UniqueConstraint(fields=["order", "symbol"], name="leg_symbol_once"),
            models.CheckConstraint(condition=Q(ratio__gt=0), name="leg_ratio_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.ratio} {self.symbol}"


class Approval(models.Model):
    """One decision of a second person: yes, with what he changed, or no, with a reason."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="approvals")
    is_yes = models.BooleanField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="approvals")
    via = models.CharField(max_length=10, help_text="admin or discord")
    at = models.DateTimeField()
    reason = models.CharField(max_length=300, blank=True)
    quantity = models.PositiveIntegerField()
    bound_price = PriceField(null=True)
    target_price = PriceField(null=True)
    stop_price = PriceField(null=True)
    is_void = models.BooleanField(default=False, help_text="The market moved: asked again.")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["order"], condition=Q(is_yes=True, is_void=False), name="approval_one_that_counts"
            )
        ]

    def __str__(self) -> str:
        return f"{'approved' if self.is_yes else 'denied'} by {self.by}"
