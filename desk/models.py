"""The desk's own rows: environments, accounts, people, channels, policies, sessions."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q

from desk.limits import AccountReading, ControlState, RiskLimits
from desk.trading_state import StateChange, TradingState, care
from orders.enums import (
    BeforeOpen,
    EnvironmentName,
    InstrumentType,
    Stage,
    TradingStateName,
    WalkEnd,
    WalkMethod,
)

__all__ = [
    "Account",
    "AccountReading",
    "Channel",
    "Colour",
    "ControlState",
    "Environment",
    "EnvironmentChange",
    "Heartbeat",
    "PreflightRun",
    "RiskLimits",
    "StateChange",
    "Trader",
    "TradingSession",
    "WalkPolicy",
]


class Environment(TradingState):
    """Where orders go: hosts, credentials and accounts of its own."""

    name = models.CharField(max_length=10, primary_key=True, choices=EnvironmentName)
    is_enabled = models.BooleanField(
        default=False, help_text="The desk's switch. Sandbox and production are never on together."
    )
    dry_run = models.BooleanField(default=False, help_text="Ask the broker what would happen; place nothing.")
    stage = models.CharField(
        max_length=8, choices=Stage, default=Stage.OFF, help_text="The rollout ladder; production only."
    )
    limited_max_quantity = models.PositiveIntegerField(
        default=5,
        validators=[MinValueValidator(1)],
        help_text="Contracts per order while production is at limited (shares: times 100).",
    )
    quote_delay_seconds = models.PositiveIntegerField(
        default=0, help_text="How old this environment's quotes are at best: 900 in the sandbox."
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                F("is_enabled"),
                condition=Q(is_enabled=True) & ~Q(name=EnvironmentName.PRACTICE),
                name="environment_one_of_sandbox_and_production",
                violation_error_message="Only one of sandbox and production can be on: turn one off first.",
            )
        ]

    def __str__(self) -> str:
        return str(self.get_name_display())


class Colour(models.TextChoices):
    """What a preflight check says, most careful last."""

    GREEN = "green"  # in place
    AMBER = "amber"  # works, but look at it
    RED = "red"  # do not trade


class PreflightRun(models.Model):
    """One preflight of one environment, as `manage.py preflight` found it; never edited."""

    environment = models.ForeignKey(Environment, on_delete=models.PROTECT, related_name="preflights")
    at = models.DateTimeField(help_text="When it began: it says nothing about what came after.")
    verdict = models.CharField(max_length=5, choices=Colour, help_text="The worst of its checks.")
    results = models.JSONField(help_text="Each check with its colour and sentence.")

    class Meta:
        indexes = [models.Index(fields=["environment", "at"])]

    def __str__(self) -> str:
        return f"preflight {self.pk} of {self.environment_id}: {self.verdict}"


class EnvironmentChange(models.Model):
    """One change of one of an environment's switches: who asked, who confirmed, on what preflight."""

    class Setting(models.TextChoices):
        """What is changed; the columns of Environment that let orders through."""

        IS_ENABLED = "is_enabled", "switch"  # nothing goes there while it is off
        STAGE = "stage", "rollout stage"  # one step of the ladder at a time
        DRY_RUN = "dry_run", "dry run"  # on is the careful side
        LIMITED_MAX_QUANTITY = "limited_max_quantity", "cap while limited"  # contracts per order

    class Status(models.TextChoices):
        ASKED = "asked", "waits for a second person"  # production, up
        CONFIRMED = "confirmed"  # made, by two people
        MADE = "made"  # made at once by one: down, or not production
        WITHDRAWN = "withdrawn"  # never made

    environment = models.ForeignKey(Environment, on_delete=models.PROTECT, related_name="changes")
    setting = models.CharField(max_length=24, choices=Setting)
    was = models.JSONField()
    becomes = models.JSONField()
    status = models.CharField(max_length=9, choices=Status)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        help_text="Who confirmed or withdrew it.",
    )
    ended_at = models.DateTimeField(null=True, help_text="When it was made or withdrawn.")
    preflight = models.ForeignKey(
        PreflightRun,
        on_delete=models.PROTECT,
        related_name="changes",
        null=True,
        help_text="The newest when it was asked for; once confirmed, the one that it was confirmed on.",
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["environment"], condition=Q(status="asked"), name="change_one_waits_per_environment"
            ),
            models.CheckConstraint(
                condition=~Q(status="confirmed") | (Q(ended_by__isnull=False) & ~Q(ended_by=F("asked_by"))),
                name="change_confirmed_by_a_second_person",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.environment_id}: {self.what}"

    @property
    def what(self) -> str:
        """The change in words: its setting, from what to what."""
        return f"{self.get_setting_display()} from {said(self.was)} to {said(self.becomes)}"


def said(value: bool | int | str) -> str:
    """Return the value of a setting in words."""
    if isinstance(value, bool):
        return "on" if value else "off"
    return str(value).replace("_", " ")


class Account(TradingState):
    """One brokerage account, in one environment."""

    environment = models.ForeignKey(Environment, on_delete=models.PROTECT, related_name="accounts")
    number = models.CharField(max_length=20)
    nickname = models.CharField(max_length=40, blank=True)
    is_allowed = models.BooleanField(
        default=False, help_text="May be traded at all (the account allow-list)."
    )
    # No order is sent before one complete pass over the broker's orders since the worker started.
    reconciled_at = models.DateTimeField(null=True, editable=False)
    reconcile_due_at = models.DateTimeField(null=True, editable=False)
    reconcile_leased_until = models.DateTimeField(null=True, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["environment", "number"], name="account_number_per_environment")
        ]
        permissions = [
            ("halt_account", "Can halt trading and cancel what is live"),
            ("resume_account", "Can resume trading after a halt"),
        ]

    def __str__(self) -> str:
        return f"{self.nickname or self.number} ({self.environment_id})"

    @property
    def effective_state(self) -> TradingStateName:
        """The more careful of its own state and its environment's.

        Read under this account's row lock it holds until the commit: whoever changes either holds that too.
        """
        return TradingStateName(max(self.state, self.environment.state, key=care))

    @property
    def effective_reason(self) -> str:
        """Why it is so, in words; that of the environment only where its state is the more careful."""
        if care(self.environment.state) > care(self.state):
            return f"all of {self.environment_id}, {self.environment.state_reason}"
        return self.state_reason


class WalkPolicy(models.Model):
    """How an order is worked; copied onto each order when it is proposed."""

    name = models.CharField(max_length=40, unique=True)
    retries = models.PositiveSmallIntegerField(default=3, help_text="Price steps after the first price.")
    ticks = models.PositiveSmallIntegerField(
        default=2, validators=[MinValueValidator(1)], help_text="Ticks per step."
    )
    wait_seconds = models.PositiveIntegerField(
        default=10, validators=[MinValueValidator(1)], help_text="Seconds at each price."
    )
    method = models.CharField(max_length=8, choices=WalkMethod, default=WalkMethod.CANCEL_RESUBMIT)
    end = models.CharField(max_length=8, choices=WalkEnd, default=WalkEnd.DAY)
    before_open = models.CharField(max_length=8, choices=BeforeOpen, default=BeforeOpen.WAIT)
    max_spread_percent = models.PositiveIntegerField(
        default=60, help_text="Widest spread, in percent of the mid, at which a step is taken."
    )
    max_move_ticks = models.PositiveIntegerField(
        default=10, help_text="How far the mid may move against us between proposal and first send."
    )
    patience_seconds = models.PositiveIntegerField(
        default=120, help_text="How long to hold without a usable quote before asking for a person."
    )

    class Meta:
        verbose_name_plural = "walk policies"
        constraints = [
            models.CheckConstraint(condition=Q(ticks__gt=0), name="policy_ticks_positive"),
            models.CheckConstraint(condition=Q(wait_seconds__gt=0), name="policy_wait_positive"),
        ]

    def __str__(self) -> str:
        return self.name


class Trader(models.Model):
    """A person of the desk: a Discord identity bound to a Django user, whose permissions count."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="trader")
    discord_user_id = models.PositiveBigIntegerField(unique=True)
    is_active = models.BooleanField(default=True)
    may_trade_production = models.BooleanField(default=False)
    is_practice = models.BooleanField(
        default=False,
        help_text="Belongs to the practice world: cannot log in or approve while another environment is on.",
    )

    def __str__(self) -> str:
        return str(self.user.get_full_name() or self.user.get_username())


def validate_ids(value: object) -> None:
    """Refuse anything but a list of whole numbers above zero."""
    ids = value if isinstance(value, list) else [value]
    if not isinstance(value, list) or any(type(one) is not int or one <= 0 for one in ids):
        raise ValidationError("Write a list of Discord ids, such as [1457742938112000306].")


class Channel(models.Model):
    """A Discord channel on the allow-list. Messages elsewhere are never answered."""

    discord_channel_id = models.PositiveBigIntegerField(unique=True)
    name = models.CharField(max_length=100)
    is_enabled = models.BooleanField(default=True)
    account = models.ForeignKey(
        Account,
        on_delete=models.PROTECT,
        related_name="channels",
        help_text="Its account, and so its environment.",
    )
    policy = models.ForeignKey(WalkPolicy, on_delete=models.PROTECT, related_name="channels")
    traders = models.ManyToManyField(
        Trader, related_name="channels", blank=True, help_text="Who may propose here."
    )
    approver_role_id = models.PositiveBigIntegerField(
        null=True, blank=True, help_text="Discord role that a proposal mentions."
    )
    max_quantity = models.PositiveIntegerField(default=10, help_text="Contracts per order in this channel.")
    allows_market = models.BooleanField(default=False, help_text="Whether `@ mkt` is accepted here.")
    is_canary = models.BooleanField(
        default=False, help_text="Goes first in production: at canary only such channels may place orders."
    )
    preview_only = models.BooleanField(
        default=False,
        help_text="Messages are read and answered, and nothing of them is recorded as an order.",
    )
    reads_alerts = models.BooleanField(
        default=False, help_text="Whether messages without `!tt` are read as alerts."
    )
    replies_to_alerts = models.BooleanField(
        default=True,
        help_text="Whether alerts are answered here. Where not, they are decided in the admin alone.",
    )
    alert_quantity = models.PositiveIntegerField(
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text="Contracts or shares of an opening alert that names no number. Empty: a person is asked.",
    )
    alert_author_ids = models.JSONField(
        default=list,
        blank=True,
        validators=[validate_ids],
        help_text="Discord ids of bots, webhooks and guests whose alerts are read, such as [123, 456].",
    )
    alert_trader = models.ForeignKey(
        Trader,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="In whose name their alerts are proposed. Empty: a person is asked.",
    )
    posts_digests = models.BooleanField(
        default=False,
        help_text="The daily digest of the orders' history is posted here, to be compared with one day.",
    )
    last_message_id = models.PositiveBigIntegerField(
        default=0, editable=False, help_text="The newest message the bot has seen here."
    )

    def __str__(self) -> str:
        return f"#{self.name}"


class TradingSession(models.Model):
    """One session of one kind of instrument in one environment, as the exchange's calendar has it."""

    environment = models.ForeignKey(Environment, on_delete=models.CASCADE, related_name="sessions")
    kind = models.CharField(max_length=20, choices=InstrumentType)
    day = models.DateField()
    opens_at = models.DateTimeField()
    closes_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["environment", "kind", "day"], name="session_once_a_day"),
            models.CheckConstraint(
                condition=Q(closes_at__gt=F("opens_at")), name="session_closes_after_open"
            ),
        ]
        indexes = [models.Index(fields=["environment", "kind", "closes_at"])]

    def __str__(self) -> str:
        return f"{self.kind} {self.day} ({self.environment_id})"


class Heartbeat(models.Model):
    """The last sign of life of a process or of a connection."""

    name = models.CharField(max_length=60, primary_key=True)
    beat_at = models.DateTimeField()
    since_at = models.DateTimeField(help_text="Alive or connected without a gap since then.")
    detail = models.JSONField(default=dict, blank=True)

    def __str__(self) -> str:
        return self.name

    @classmethod
    def beat(cls, name: str, *, now: datetime, restarted: bool = False, **detail: Any) -> None:
        """Record a sign of life; `restarted` begins a new unbroken stretch."""
        values: dict[str, Any] = {"beat_at": now, "detail": detail}
        if restarted:
            values["since_at"] = now
        cls.objects.update_or_create(name=name, defaults=values, create_defaults={**values, "since_at": now})
