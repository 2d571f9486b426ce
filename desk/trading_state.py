"""What may be sent: everything, closing orders only, or nothing; and who changed that."""

from typing import Final

from django.db import models
from django.db.models import Q

from orders.enums import TradingStateName

MOST_CAREFUL_LAST: Final = (TradingStateName.ACTIVE, TradingStateName.REDUCING, TradingStateName.HALTED)


def care(state: str) -> int:
    """Return how careful a state is: 0 lets everything through."""
    return MOST_CAREFUL_LAST.index(TradingStateName(state))


class TradingState(models.Model):
    """The trading state of an account or an environment. Changed by `orders.halts.halting` alone."""

    state = models.CharField(
        max_length=8,
        choices=TradingStateName,
        default=TradingStateName.ACTIVE,
        editable=False,
        help_text="Active, reducing or halted: changed by the halt and resume actions only.",
    )
    state_reason = models.CharField(max_length=200, blank=True, editable=False)

    class Meta:
        abstract = True


class StateChange(models.Model):
    """One change of a trading state: of one account, or of a whole environment. Append-only."""

    environment = models.ForeignKey(
        "desk.Environment", on_delete=models.PROTECT, related_name="state_changes"
    )
    account = models.ForeignKey(
        "desk.Account",
        on_delete=models.PROTECT,
        null=True,
        related_name="state_changes",
        help_text="Empty: every account of the environment.",
    )
    was = models.CharField(max_length=8, choices=TradingStateName)
    becomes = models.CharField(max_length=8, choices=TradingStateName)
    by = models.CharField(max_length=150)
    reason = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(was__in=TradingStateName.values, becomes__in=TradingStateName.values),
                name="state_change_known",
            )
        ]

    def __str__(self) -> str:
        return f"{self.account or self.environment}: {self.what}"

    @property
    def what(self) -> str:
        """The change in words, for people."""
        said = f": {self.reason}" if self.reason else ""
        return f"from {self.was} to {self.becomes} by {self.by}{said}"

    @property
    def is_careful(self) -> bool:
        """Whether it lets no more through than before."""
        return care(self.becomes) >= care(self.was)
