"""Who is speaking: from a Discord identity to a person of the desk."""

from django.contrib.auth.models import User

from desk.models import Trader
from orders.approval import NotAllowed


def person_of(discord_user_id: int) -> Trader:
    """Return the person of the desk. Raises NotAllowed for a stranger and for a switched-off profile."""
    person = Trader.objects.select_related("user").filter(discord_user_id=discord_user_id).first()
    if person is None:
        raise NotAllowed(
            "The desk doesn't know you yet: ask its staff to add your Discord id "
            f"{discord_user_id} to a trader in the admin."
        )
    user: User = person.user
    if not (person.is_active and user.is_active):
        raise NotAllowed("Your desk profile is switched off.")
    return person
