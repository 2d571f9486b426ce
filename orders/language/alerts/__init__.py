"""Free-text alerts: text, posting time and session calendar in, a reading out."""

from .alert import read_alert
from .positions import HeldPosition, complete_close
from .reading import Asset, Intent, OrderReading, Reading, ReadLeg, Trigger
from .trading import as_ticket, refer_expired

__all__ = [
    "Asset",
    "HeldPosition",
    "Intent",
    "OrderReading",
    "ReadLeg",
    "Reading",
    "Trigger",
    "as_ticket",
    "complete_close",
    "read_alert",
    "refer_expired",
]
