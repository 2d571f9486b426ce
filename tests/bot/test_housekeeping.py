"""What the bot remembers, and for how long."""

from datetime import timedelta

import pytest
from django.utils import timezone
from django_q.models import Schedule

from bot import housekeeping
from bot.models import Notice, SeenMessage
from desk import schedules
from tests.factories import make_order

pytestmark = pytest.mark.django_db


def seen(number, days):
    at = timezone.now() - timedelta(days=days)
    return SeenMessage.objects.create(
        discord_message_id=number, discord_channel_id=1, seen_at=at, answered_at=at
    )


def test_messages_heard_long_ago_are_forgotten_and_younger_ones_are_kept():
    seen(1, days=31)
    seen(2, days=29)

    assert housekeeping.purge() == 1
    assert list(SeenMessage.objects.values_list("pk", flat=True)) == [2]


def test_notices_of_long_ago_are_forgotten_and_younger_ones_are_kept():
    order = make_order()
    for version, days in ((1, 31), (2, 29)):
        due_at = timezone.now() - timedelta(days=days)
        Notice.objects.create(order=order, kind=Notice.Kind.REMINDER, version=version, due_at=due_at)

    assert housekeeping.purge() == 1
    assert list(Notice.objects.values_list("version", flat=True)) == [2]


def test_the_housekeeping_has_a_schedule_for_it():
    schedules.write()

    assert Schedule.objects.get(name="Forget old messages").func == "bot.housekeeping.purge"
