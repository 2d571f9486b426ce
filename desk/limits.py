"""What one account may have asked of the broker, and what its controls remember. See docs/controls.md."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models

from orders.enums import InstrumentType


def validate_symbols(value: object) -> None:
    """Refuse anything but a list of symbols in capitals."""
    symbols = value if isinstance(value, list) else [value]
    if not isinstance(value, list) or any(not isinstance(s, str) or not s or s != s.upper() for s in symbols):
        raise ValidationError('Write a list of symbols in capitals, such as ["GME", "/ES"].')


def validate_kinds(value: object) -> None:
    """Refuse anything but a list of the kinds of instrument."""
    if not isinstance(value, list) or not set(map(str, value)) <= set(InstrumentType.values):
        named = ", ".join(f'"{kind}"' for kind in InstrumentType.values)
        raise ValidationError(f"Write a list of these: {named}.")


def every_kind() -> list[str]:
    return list(InstrumentType.values)


class DollarsField(models.DecimalField[Any, Any]):
    """USD, to the cent."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **({"max_digits": 14, "decimal_places": 2} | kwargs))


class RiskLimits(models.Model):
    """What one account may have asked of the broker; each refusal names the limit and the numbers."""

    account = models.OneToOneField("desk.Account", on_delete=models.CASCADE, related_name="limits")

    # one order
    max_quantity = models.PositiveIntegerField(
        default=10, help_text="Contracts per order (shares: times 100)."
    )
    max_notional_value = DollarsField(
        default=50_000, help_text="USD per order: bound x quantity x multiplier."
    )
    max_loss_value = DollarsField(
        default=50_000,
        help_text="USD an opening order can lose at worst: a spread its width less the credit, "
        "an uncovered short option its strike.",
    )
    collar_percent = models.PositiveIntegerField(
        default=50, help_text="How far past the mid a price may lie, in percent of the mid."
    )

    # the account
    max_open_orders = models.PositiveIntegerField(
        default=20, help_text="Orders of the account at work at once."
    )
    max_underlying_quantity = models.PositiveIntegerField(
        default=200, help_text="Contracts of one underlying held and in flight (100 shares count as one)."
    )
    max_underlying_value = DollarsField(
        default=250_000, help_text="USD at stake in one underlying at worst, held and in flight."
    )
    max_daily_loss_value = DollarsField(
        default=10_000,
        help_text="USD the account may lose since the day before; then it only closes positions.",
    )
    max_reading_age_seconds = models.PositiveIntegerField(
        default=300,
        validators=[MinValueValidator(1)],
        help_text="How old the broker's word on positions and balance may be when an order opens one.",
    )

    # how often
    message_burst = models.PositiveIntegerField(
        default=40,
        validators=[MinValueValidator(1)],
        help_text="Orders and replacements sent to the broker at once; cancels always pass.",
    )
    messages_per_minute = models.PositiveIntegerField(
        default=600,
        validators=[MinValueValidator(1)],
        help_text="Orders and replacements sent to the broker per minute in the long run.",
    )
    max_orders_per_symbol = models.PositiveIntegerField(
        default=10, help_text="Opening orders sent in one contract within the time below."
    )
    symbol_seconds = models.PositiveIntegerField(
        default=300, help_text="Seconds within which the orders of one contract are counted."
    )
    duplicate_seconds = models.PositiveIntegerField(
        default=60, help_text="Seconds within which the same order of the same person asks again (0: never)."
    )
    max_rejects = models.PositiveIntegerField(
        default=3,
        validators=[MinValueValidator(1)],
        help_text="Rejects by the broker, within the time below, that halt the account.",
    )
    reject_seconds = models.PositiveIntegerField(
        default=300, help_text="Seconds within which the broker's rejects are counted."
    )

    # what and when
    restricted_symbols = models.JSONField(
        default=list,
        blank=True,
        validators=[validate_symbols],
        help_text='Underlyings of which nothing is opened, such as ["GME"].',
    )
    allowed_symbols = models.JSONField(
        default=list,
        blank=True,
        validators=[validate_symbols],
        help_text='The only underlyings that may be opened, such as ["SPY", "/ES"]. Empty: any.',
    )
    allowed_kinds = models.JSONField(
        default=every_kind,
        validators=[validate_kinds],
        help_text='What may be opened: of "Equity", "Equity Option", "Future", "Future Option".',
    )
    allows_expiry_day = models.BooleanField(
        default=True, help_text="Whether options may be opened on the day they expire (0DTE)."
    )
    expiry_cutoff_minutes = models.PositiveIntegerField(
        default=30, help_text="Minutes before the close from which an option expiring today is not opened."
    )

    class Meta:
        verbose_name_plural = "risk limits"

    def __str__(self) -> str:
        return f"limits of {self.account}"


def limits_of(account_id: int) -> RiskLimits:
    """Return the limits as they stand now; an account without a row has the defaults."""
    return RiskLimits.objects.filter(account_id=account_id).first() or RiskLimits(account_id=account_id)


class ControlState(models.Model):
    """What the controls of one account remember. Written under the account's lock alone."""

    account = models.OneToOneField("desk.Account", on_delete=models.CASCADE, related_name="control_state")
    tokens = models.FloatField(help_text="Messages left in the bucket at that time.")
    refilled_at = models.DateTimeField()
    breaker_at = models.DateTimeField(
        null=True, help_text="When a breaker last halted the account: what was before counts no more."
    )

    def __str__(self) -> str:
        return f"controls of {self.account}"


class AccountReading(models.Model):
    """The broker's latest word on what an account holds and is worth."""

    account = models.OneToOneField("desk.Account", on_delete=models.CASCADE, related_name="reading")
    began_at = models.DateTimeField(help_text="What happened later it may lack.")
    read_at = models.DateTimeField(help_text="What happened later it lacks, as to positions.")
    positions = models.JSONField(default=list)
    net_liquidating_value = DollarsField()
    option_buying_power_value = DollarsField()
    equity_buying_power_value = DollarsField()
    day = models.DateField(help_text="In New York.")
    day_start_value = DollarsField(help_text="What it was worth at the last reading of a day before.")

    def __str__(self) -> str:
        return f"reading of {self.account}"
