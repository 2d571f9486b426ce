"""What a halt with cancel asks for: everything of ours at the broker, of one account."""

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from desk.models import Account


class MassCancelQuerySet(models.QuerySet["MassCancel"]):
    def due(self, now: datetime) -> "MassCancelQuerySet":
        """Those whose next pass has come and that nobody makes right now."""
        unleased = Q(leased_until=None) | Q(leased_until__lt=now)
        return self.filter(unleased, ended_at=None, due_at__lte=now)


class MassCancel(models.Model):
    """Passes over an account's live orders at the broker, until none of ours is left. Sends nothing new."""

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="mass_cancels")
    by = models.CharField(max_length=150)
    reason = models.CharField(max_length=200, blank=True)
    asked_at = models.DateTimeField()
    due_at = models.DateTimeField(help_text="When the next pass is made.")
    lease = models.CharField(max_length=32, blank=True)
    leased_until = models.DateTimeField(null=True)
    passes = models.PositiveIntegerField(default=0, help_text="Passes that were begun.")
    taken = models.PositiveIntegerField(default=0, help_text="Cancels that the broker took.")
    left = models.JSONField(
        default=list, help_text="What was left when the last pass ended, a sentence each; empty: nothing."
    )
    ended_at = models.DateTimeField(null=True)

    objects: ClassVar[MassCancelQuerySet] = MassCancelQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account"], condition=Q(ended_at=None), name="mass_cancel_one_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=F("asked_at")), name="mass_cancel_ends_after"
            ),
        ]

    def __str__(self) -> str:
        return f"mass cancel of {self.account}"

    @property
    def told(self) -> str:
        """What came of it, in one sentence for people."""
        if self.ended_at is None:
            return f"{self.taken} cancels taken so far, pass {self.passes}"
        took = f"{self.taken} cancels taken in {(self.ended_at - self.asked_at).total_seconds():.1f} s"
        return f"{took}, left: {'; '.join(self.left)}" if self.left else f"{took}, nothing is left"
