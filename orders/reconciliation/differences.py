"""Where our rows and the broker's word differ, and what of the account is not the desk's. Rows only."""

from typing import ClassVar, Final

from django.conf import settings
from django.db import models
from django.db.models import Q, TextChoices

from desk.models import Account
from orders.fields import ToldField


class BreakKind(TextChoices):
    """In what the broker's word and ours differ."""

    UNREADABLE_ORDER = "unreadable order"  # in a listing; it may be ours
    UNREADABLE_REPORT = "unreadable report"  # on the account stream
    UNREADABLE_POSITION = "unreadable position"  # in the listing of positions
    UNREADABLE_ENTRY = "unreadable entry"  # in the account's books
    ORPHAN = "order without a placement"  # it has our prefix, and no row
    STRANGE_SYMBOL = "fill of a strange symbol"  # no leg of its order
    OVERFILL = "overfill"  # more than was approved
    ZOMBIE = "zombie"  # taken for absent, and live after all
    VANISHED = "order vanished"  # the broker knew it and does not any more
    FILL = "fill differs"  # busted or corrected
    BOOKS = "books differ"  # they hold more of an order of ours than its fills
    POSITION = "position differs"  # the account holds something else than the fills add up to
    CASH = "cash differs"  # as positions
    LEFT_BY_HALT = "left by a halt"  # a halt with cancel could not take all of it back


# Something may be live at the broker that nobody here counts: then not even a closing order is sent.
IN_DOUBT: Final = frozenset(
    {
        BreakKind.UNREADABLE_ORDER,
        BreakKind.ORPHAN,
        BreakKind.ZOMBIE,
        BreakKind.VANISHED,
        BreakKind.LEFT_BY_HALT,
    }
)


class BreakQuerySet(models.QuerySet["Break"]):
    def open(self) -> "BreakQuerySet":
        return self.filter(resolved_at=None)


class Break(models.Model):
    """A difference between our rows and the broker's, open until someone or something explains it.

    While it is open nothing is opened in its symbol and underlying; one without either blocks nothing.
    """

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="breaks")
    kind = models.CharField(max_length=40, choices=BreakKind)
    key = ToldField(max_length=120, help_text="The order, fill or symbol that differs.")
    symbol = ToldField(max_length=40, blank=True)
    underlying = ToldField(max_length=40, blank=True)
    sentence = ToldField(max_length=300)
    detail = models.JSONField(default=dict)
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="breaks",
        help_text="Who looks after it.",
    )
    cause = ToldField(max_length=300, blank=True, help_text="What explained it.")
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolved_by = models.CharField(
        max_length=150, blank=True, help_text="A person; empty where the next comparison no longer found it."
    )

    objects: ClassVar[BreakQuerySet] = BreakQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "kind", "key"], condition=Q(resolved_at=None), name="break_open_once"
            )
        ]
        permissions = [("resolve_break", "Can take and resolve breaks")]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"


class External(models.Model):
    """What moved the account and is not the desk's: a hand's order, an assignment, a transfer.

    `quantity` is added to what our fills make of a position, `value` to what moved the day's cash.
    """

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="externals")
    key = ToldField(
        max_length=120, help_text="The broker's order and symbol, its entry, or the break that it explains."
    )
    broker_order_id = models.CharField(max_length=40, blank=True)
    status = ToldField(max_length=30, blank=True, help_text="In the broker's words.")
    sentence = ToldField(max_length=300)
    symbol = ToldField(max_length=40, blank=True)
    quantity = models.DecimalField(max_digits=18, decimal_places=6, default=0, help_text="Short negative.")
    value = models.DecimalField(
        max_digits=16,
        decimal_places=2,
        default=0,
        help_text="USD that a person explained.",
    )
    on = models.DateField(help_text="The day it counts for, New York's.")
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()

    class Meta:
        verbose_name = "external action"
        constraints = [models.UniqueConstraint(fields=["account", "key"], name="external_once")]

    def __str__(self) -> str:
        return self.sentence


class Book(models.Model):
    """What an account had before the desk began to count, and its cash when the day began."""

    account = models.OneToOneField(Account, on_delete=models.CASCADE, related_name="book")
    positions = models.JSONField(default=dict, help_text="{symbol: quantity} that was there at first.")
    opened_at = models.DateTimeField()
    cash_on = models.DateField()
    cash_value = models.DecimalField(max_digits=18, decimal_places=2, help_text="USD when the day began.")

    def __str__(self) -> str:
        return f"book of {self.account}"
