"""What the housekeeping schedule does of the bot's: it forgets what nothing asks for any more."""

from datetime import timedelta

from django.utils import timezone

from bot.models import Notice, SeenMessage

# A message is asked for while a reconnect may bring it again (minutes), and when its author edits it.
KEPT = timedelta(days=30)


def purge() -> int:
    """Forget messages and notices of long ago; return how many. Orders and their replies stay."""
    before = timezone.now() - KEPT
    seen, _ = SeenMessage.objects.filter(seen_at__lt=before).delete()
    notices, _ = Notice.objects.filter(due_at__lt=before).delete()
    return seen + notices
