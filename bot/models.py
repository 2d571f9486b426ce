"""What the bot has heard and said: which message shows which order, at which version."""

from django.db import models
from django.db.models import F
from django.db.models.functions import Now

from desk.models import Channel
from orders.models import DayDigest, Order


class Reply(models.Model):
    """The one message that shows an order as it lives. `shown_version` trails the order's version."""

    order = models.OneToOneField(Order, on_delete=models.CASCADE, related_name="reply")
    discord_channel_id = models.PositiveBigIntegerField()
    discord_message_id = models.PositiveBigIntegerField(null=True, help_text="Empty until Discord answered.")
    answers_message_id = models.PositiveBigIntegerField(null=True, help_text="The message it replies to.")
    # Discord answers a repeated nonce with the first message: a post whose answer was lost is never doubled.
    nonce = models.CharField(max_length=25)
    # Then nobody but the loop posts it: the one who recorded the order has died or failed.
    left_to_recorder_until = models.DateTimeField(null=True)
    shown_version = models.PositiveIntegerField(default=0)
    shown_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "replies"

    def __str__(self) -> str:
        return f"reply to {self.order}"

    @classmethod
    def stale(cls) -> "models.QuerySet[Reply]":
        """Replies whose order has something newer to say, in words we know."""
        return cls.objects.filter(shown_version__lt=F("order__version"), order__in=Order.objects.understood())


class SeenMessage(models.Model):
    """A Discord message that was answered, so that it is answered once. Recorded before the answer."""

    discord_message_id = models.PositiveBigIntegerField(primary_key=True)
    discord_channel_id = models.PositiveBigIntegerField()
    seen_at = models.DateTimeField()
    # Empty after a crash between the two: then the bot says that it failed, instead of silence.
    answered_at = models.DateTimeField(null=True)
    # Set before the order is looked for: a change that overtakes the recording still withdraws.
    changed_at = models.DateTimeField(null=True, help_text="When its author edited or deleted it.")

    class Meta:
        indexes = [
            models.Index(fields=["seen_at"], condition=models.Q(answered_at=None), name="seen_not_answered")
        ]

    def __str__(self) -> str:
        return str(self.discord_message_id)


class Notice(models.Model):
    """A message of its own about an order, which rings where an edit does not. The row comes first."""

    class Kind(models.TextChoices):
        REMINDER = "reminder", "half the time to decide is over"  # to the approvers
        ASKED_AGAIN = "again", "the market moved, asked again"  # to the approvers
        LAPSED = "lapsed", "nobody decided in time"  # to the trader

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=8, choices=Kind)
    version = models.PositiveIntegerField(help_text="The order's version it speaks of.")
    discord_message_id = models.PositiveBigIntegerField(null=True)
    due_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["order", "kind", "version"], name="notice_said_once")]

    def __str__(self) -> str:
        return f"{self.kind} for {self.order}"


class DigestPost(models.Model):
    """A daily digest that is posted in a channel, or was. The row comes first."""

    digest = models.ForeignKey(DayDigest, on_delete=models.CASCADE, related_name="posts")
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="digest_posts")
    discord_message_id = models.PositiveBigIntegerField(null=True, help_text="Empty until Discord answered.")
    is_given_up = models.BooleanField(default=False, help_text="Discord does not let the bot post there.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["digest", "channel"], name="digest_posted_once")]

    def __str__(self) -> str:
        return f"{self.digest} in {self.channel}"
