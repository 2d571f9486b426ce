"""Orders in the admin: the list, the page of one order, the rows behind it, what differs from the broker."""

from orders.admin import differences, mass_cancels, messages, orders, rows

__all__ = ["differences", "mass_cancels", "messages", "orders", "rows"]
