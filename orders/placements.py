"""What was sent to the broker, and what it told of it: placements, their halves, fills."""

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.db.models import Q

from desk.models import Account
from orders import lifecycle
from orders.enums import PlacementStatus, Role
from orders.fields import PriceField, ToldField


class PlacementQuerySet(models.QuerySet["Placement"]):
    def live(self) -> "PlacementQuerySet":
        """Placements that may trade, or may come to."""
        return self.filter(status__in=lifecycle.PLACEMENT_LIVE)


class Placement(models.Model):
    """One order sent to the broker on behalf of an Order. The row is the intent: it precedes the bytes."""

    order = models.ForeignKey("orders.Order", on_delete=models.PROTECT, related_name="placements")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="placements")
    external_identifier = models.CharField(max_length=40, unique=True)
    broker_order_id = models.CharField(max_length=40, blank=True)
    complex_order_id = models.CharField(
        max_length=40, blank=True, help_text="The broker's bundle that it is in, or that it is (OCO, OTOCO)."
    )
    replaces = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="replacements")
    rung = models.PositiveSmallIntegerField()
    quantity = models.PositiveIntegerField()
    limit_price = PriceField(null=True)
    stop_price = PriceField(null=True, help_text="What triggers it, or the stop of its pair.")
    bid_price = PriceField(null=True, help_text="The quote it was priced by.")
    ask_price = PriceField(null=True)
    status = models.CharField(max_length=10, choices=PlacementStatus, default=PlacementStatus.SENDING)
    broker_status = ToldField(max_length=30, blank=True)
    cause = ToldField(max_length=300, blank=True, help_text="Why it ended or is in doubt.")
    filled_quantity = models.PositiveIntegerField(default=0)

    intended_at = models.DateTimeField()
    send_deadline_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    latency_ms = models.PositiveIntegerField(null=True)
    fills_missing = models.BooleanField(
        default=False, help_text="The broker says more was executed than the fills it has shown."
    )
    # Taken for never placed, and live after all: to be cancelled, whatever became of its order.
    is_zombie = models.BooleanField(default=False)
    cancel_requested_at = models.DateTimeField(null=True)
    cancel_attempts = models.PositiveSmallIntegerField(default=0)
    ended_at = models.DateTimeField(null=True)
    # proof of absence: complete listings without it, the first that counted, the latest
    absent_reads = models.PositiveSmallIntegerField(default=0)
    absent_since_at = models.DateTimeField(null=True)
    absent_read_at = models.DateTimeField(null=True)
    reading = models.JSONField(default=dict, help_text="The broker's latest word on it.")
    read_at = models.DateTimeField(null=True)

    objects: ClassVar[PlacementQuerySet] = PlacementQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gt=0), name="placement_quantity_positive"),
            models.CheckConstraint(
                condition=Q(status__in=PlacementStatus.values), name="placement_status_known"
            ),
            models.UniqueConstraint(
                fields=["account", "broker_order_id"],
                condition=~Q(broker_order_id=""),
                name="placement_broker_id_once",
            ),
            # I2: at most one live placement per order; the linked pair of a replace aside.
            models.UniqueConstraint(
                fields=["order"],
                condition=Q(status__in=sorted(lifecycle.PLACEMENT_LIVE), replaces=None, is_zombie=False),
                name="placement_one_live_per_order",
            ),
        ]
        indexes = [  # each intent counts what was sent, is live and was rejected of its account
            models.Index(fields=["account", "intended_at"], name="placement_sent"),
            models.Index(
                fields=["account"],
                condition=Q(status__in=sorted(lifecycle.PLACEMENT_LIVE)),
                name="placement_live",
            ),
            models.Index(
                fields=["account", "ended_at"],
                condition=Q(status=PlacementStatus.REJECTED),
                name="placement_rejected",
            ),
        ]

    def __str__(self) -> str:
        return self.external_identifier

    @property
    def is_live(self) -> bool:
        return self.status in lifecycle.PLACEMENT_LIVE

    def move_to(self, status: PlacementStatus, *, now: datetime, cause: str = "") -> None:
        """Change status. The caller holds the order's row lock and saves."""
        lifecycle.require_placement(PlacementStatus(self.status), status)
        self.status = status
        self.cause = cause[:300] or self.cause
        self.ended_at = now if status in lifecycle.PLACEMENT_TERMINAL else None


class Component(models.Model):
    """One half of a pair that excludes each other at the broker: an order there, one placement here."""

    placement = models.ForeignKey(Placement, on_delete=models.CASCADE, related_name="components")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=6, choices=Role)
    external_identifier = models.CharField(max_length=40, unique=True)
    broker_order_id = models.CharField(max_length=40, blank=True)
    broker_status = ToldField(max_length=30, blank=True)
    reject_reason = ToldField(max_length=300, blank=True)
    fills_missing = models.BooleanField(default=False, help_text="As of the placement.")
    reading = models.JSONField(default=dict, help_text="The broker's latest word on it.")

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["placement", "role"], name="component_role_once"),
            models.UniqueConstraint(
                fields=["account", "broker_order_id"],
                condition=~Q(broker_order_id=""),
                name="component_broker_id_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role} {self.external_identifier}"


class Fill(models.Model):
    """One execution, as the broker reported it, or the entry that takes one back. Append-only.

    What the broker busts or corrects stays: an entry of the opposite quantity compensates it, and what
    it was corrected to is an entry of its own. So the sums over the rows are always the broker's.
    """

    placement = models.ForeignKey(Placement, on_delete=models.PROTECT, related_name="fills")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="fills")
    leg = models.ForeignKey("orders.Leg", on_delete=models.PROTECT, related_name="fills")
    fill_id = models.CharField(max_length=120)
    broker_order_id = models.CharField(max_length=40, blank=True)
    compensates = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, related_name="entries", help_text="What it is about."
    )
    quantity = models.IntegerField(help_text="Negative where it takes back.")
    price = PriceField()
    filled_at = models.DateTimeField()
    recorded_at = models.DateTimeField()

    class Meta:
        ordering = ["filled_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["account", "fill_id"], name="fill_once_per_account"),
            models.CheckConstraint(
                condition=Q(quantity__gte=0) | Q(compensates__isnull=False), name="fill_negative_compensates"
            ),
        ]
        indexes = [models.Index(fields=["account", "recorded_at"], name="fill_recorded")]

    def __str__(self) -> str:
        return f"{self.quantity} @ {self.price}"
