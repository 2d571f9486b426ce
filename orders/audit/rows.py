"""What is written of an order for good: its events in a chain, and each day's digest of the chains."""

from datetime import UTC
from typing import Any

from django.db import models

from orders.audit import chain


class OrderEvent(models.Model):
    """One thing that happened to an order: who, when, from what to what, why. Append-only."""

    order = models.ForeignKey("orders.Order", on_delete=models.PROTECT, related_name="events")
    sequence = models.PositiveIntegerField(help_text="The order's version that it made.")
    at = models.DateTimeField()
    kind = models.CharField(max_length=20)
    by = models.CharField(max_length=150)
    old_status = models.CharField(max_length=9, blank=True)
    new_status = models.CharField(max_length=9)
    reason = models.CharField(max_length=300, blank=True)
    detail = models.JSONField(default=dict)
    previous = models.CharField(max_length=64, blank=True, help_text="Digest of the order's event before.")
    digest = models.CharField(max_length=64, help_text="SHA-256 of this row and of the one before it.")

    class Meta:
        ordering = ["order_id", "sequence"]
        constraints = [models.UniqueConstraint(fields=["order", "sequence"], name="event_sequence_once")]

    def __str__(self) -> str:
        return f"{self.order} {self.kind}"

    @property
    def content(self) -> dict[str, Any]:
        """What the row says, as its digest holds it."""
        return {
            "order": self.order_id,
            "sequence": self.sequence,
            "at": self.at.astimezone(UTC).isoformat(timespec="microseconds"),
            "kind": str(self.kind),
            "by": str(self.by),
            "from": str(self.old_status),
            "to": str(self.new_status),
            "reason": str(self.reason),
            "detail": self.detail,
        }

    @property
    def link(self) -> chain.Link:
        """The row as a link of its order's chain."""
        actual = chain.digest_of(self.previous, self.content)
        return chain.Link(self.sequence, self.previous, self.digest, actual)


class DayDigest(models.Model):
    """What the chains of the day's orders ended in, in a chain of its own; logged and posted."""

    day = models.DateField(unique=True, help_text="New York's.")
    written_at = models.DateTimeField()
    heads = models.JSONField(help_text="{order: [sequence, head]} of what has changed since the last.")
    previous = models.CharField(max_length=64, blank=True)
    digest = models.CharField(max_length=64)

    class Meta:
        ordering = ["day"]

    def __str__(self) -> str:
        return f"digest of {self.day}"

    @property
    def content(self) -> dict[str, Any]:
        """What the row says, as its digest holds it."""
        return {"day": self.day.isoformat(), "heads": self.heads}
