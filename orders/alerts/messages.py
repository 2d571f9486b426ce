"""Messages as they were read: what was said, what was understood, and what became of it."""

from datetime import datetime
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from desk.models import Channel, Trader
from orders.enums import MessageState

# What the review queue holds.
WAITING = frozenset({MessageState.REVIEW, MessageState.UPDATE})
# What a process of the desk has in hand.
UNDER_WAY = frozenset({MessageState.HEARD, MessageState.TO_PROPOSE})


class MessageQuerySet(models.QuerySet["Message"]):
    def waiting(self) -> "MessageQuerySet":
        """Messages that a person must decide on, the longest waiting first."""
        return self.filter(state__in=WAITING).order_by("pk")

    def to_propose(self, now: datetime) -> "MessageQuerySet":
        """Messages that a person completed and that no worker prices right now."""
        unleased = Q(leased_until=None) | Q(leased_until__lt=now)
        return self.filter(unleased, state=MessageState.TO_PROPOSE)

    def unanswered(self) -> "MessageQuerySet":
        """Messages whose channel has not been told yet what became of them."""
        return self.exclude(answer="").filter(answered_at=None).order_by("pk")


class Message(models.Model):
    """One message as it was read: an alert of a channel, or a text of the ticket box.

    `commands` are what it comes to, an order a line; of a message that waits, the best guess, with a `?`
    for whatever nobody said. `version` counts every change, `revision` those of the author's text.
    """

    # what was said
    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, related_name="messages")
    discord_message_id = models.PositiveBigIntegerField(
        unique=True, null=True, help_text="Empty for the ticket box."
    )
    author_id = models.PositiveBigIntegerField(null=True, help_text="In Discord.")
    author_name = models.CharField(max_length=150)
    text = models.TextField()
    embed_title = models.CharField(max_length=300, blank=True)
    posted_at = models.DateTimeField()
    revision = models.PositiveSmallIntegerField(default=0, help_text="How often its author changed it.")

    # what was understood
    intent = models.CharField(max_length=12, blank=True)
    reading = models.JSONField(default=dict, help_text="As `parse --jsonl` prints it.")
    commands = models.TextField(blank=True, help_text="One order a line.")
    remarks = models.JSONField(default=list, help_text="What a line leaves out, a list for each.")
    requester = models.ForeignKey(
        Trader,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        help_text="In whose name it is proposed.",
    )

    # what became of it
    state = models.CharField(max_length=10, choices=MessageState, default=MessageState.HEARD)
    reason = models.CharField(max_length=300, blank=True)
    version = models.PositiveIntegerField(default=1)
    changed_at = models.DateTimeField()
    leased_until = models.DateTimeField(null=True)
    history = models.JSONField(default=list, help_text="Every change: when, by whom, what, why.")
    answer = models.TextField(blank=True, help_text="What the channel is told, where it wants that.")
    answered_at = models.DateTimeField(null=True)

    # what it should have been
    is_marked_wrong = models.BooleanField(default=False)
    expected = models.JSONField(null=True, help_text="The right reading, as a test case has it.")
    marked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    objects: ClassVar[MessageQuerySet] = MessageQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=MessageState.values), name="message_state_known")
        ]
        indexes = [
            models.Index(
                fields=["state"],
                condition=Q(state__in=sorted(WAITING | UNDER_WAY)),
                name="message_open",
            ),
            models.Index(
                fields=["changed_at"],
                condition=Q(answered_at=None) & ~Q(answer=""),
                name="message_to_answer",
            ),
        ]
        permissions = [("review_message", "Can complete, dismiss and mark messages")]

    def __str__(self) -> str:
        return f"message {self.pk}"

    @property
    def is_waiting(self) -> bool:
        return self.state in WAITING

    @property
    def is_alert(self) -> bool:
        """Whether it was said in a channel; the ticket box's texts were not."""
        return self.discord_message_id is not None

    @property
    def lines(self) -> list[str]:
        """The commands, an order each."""
        return [line.strip() for line in self.commands.splitlines() if line.strip()]

    def become(
        self,
        state: MessageState,
        *,
        by: str,
        now: datetime,
        reason: str = "",
        answer: str = "",
        **changes: Any,
    ) -> None:
        """Change state, note it and say it. The caller holds the row lock."""
        for name, value in changes.items():
            setattr(self, name, value)
        self.state, self.reason, self.changed_at = state, reason[:300], now
        self.version += 1
        self.leased_until = None
        self.history = [
            *self.history,
            {"at": now.isoformat(), "by": by, "what": state.value, "why": reason, "revision": self.revision},
        ]
        is_said = self.is_alert and self.channel.replies_to_alerts
        self.answer, self.answered_at = answer if is_said else "", None
        self.save()


class MessageOrder(models.Model):
    """An order that a message became: one for each line of each revision, whatever happens twice."""

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="parts")
    revision = models.PositiveSmallIntegerField()
    part = models.PositiveSmallIntegerField()
    order = models.OneToOneField("orders.Order", on_delete=models.CASCADE, related_name="part_of")

    class Meta:
        ordering = ["revision", "part"]
        constraints = [
            models.UniqueConstraint(fields=["message", "revision", "part"], name="message_part_once")
        ]

    def __str__(self) -> str:
        return f"{self.message}, part {self.part + 1}"
