"""From the event loop to the database and the broker, which are synchronous."""

from orders.threads import in_thread, use_threads

__all__ = ["in_thread", "use_threads"]
