"""The practice desk's rows: made once, then left alone."""

import pytest
from django.contrib.auth.models import User

from bot.practice.world import CHANNELS, MEMBERS, ROLES
from desk.models import Account, Channel, Environment, Trader, WalkPolicy
from desk.running import practice_rows
from orders import approval
from orders.proposing import refuse_unauthorised
from tests.factories import make_order

pytestmark = pytest.mark.django_db


def test_practice_is_on_and_the_others_are_there_and_off():
    practice_rows.fill()

    found = Environment.objects.order_by("name").values_list("name", "is_enabled", "quote_delay_seconds")
    assert list(found) == [("practice", True, 0), ("production", False, 0), ("sandbox", False, 900)]


def test_every_person_of_the_practice_discord_is_known_under_his_discord_id():
    practice_rows.fill()

    found = Trader.objects.order_by("user__username").values_list(
        "user__username", "discord_user_id", "is_practice"
    )
    assert list(found) == [(name, MEMBERS[name].id, True) for name in ("ada", "bea", "tessa", "theo")]


def test_traders_may_ask_in_the_channels_and_approvers_may_decide():
    practice_rows.fill()

    channel = Channel.objects.get(discord_channel_id=CHANNELS["orders"])
    tessa, ada = Trader.objects.get(user__username="tessa"), User.objects.get(username="ada")
    refuse_unauthorised(channel, tessa)
    order = make_order(trader=tessa, channel=channel)
    approval.require_approver(order, ada)
    with pytest.raises(approval.NotAllowed):
        approval.require_approver(order, tessa.user)
    assert channel.approver_role_id == ROLES["Approvers"]
    assert [each.user.username for each in channel.traders.order_by("user__username")] == [
        "bea", "tessa", "theo",
    ]  # fmt: skip


def test_the_passwords_are_the_public_one_and_only_staff_see_the_admin():
    practice_rows.fill()

    users = User.objects.order_by("username")
    assert [u.check_password(practice_rows.PASSWORD) for u in users] == [True] * 4
    assert [(u.username, u.is_staff, u.is_superuser) for u in users] == [
        ("ada", True, False), ("bea", True, True), ("tessa", False, False), ("theo", False, False),
    ]  # fmt: skip


def test_a_second_filling_changes_nothing_that_staff_changed():
    practice_rows.fill()
    WalkPolicy.objects.filter(name="patient").update(ticks=3)
    Trader.objects.filter(user__username="theo").update(is_active=False)
    Channel.objects.filter(name="alerts").update(reads_alerts=False)

    practice_rows.fill()

    assert WalkPolicy.objects.get().ticks == 3
    assert Trader.objects.get(user__username="theo").is_active is False
    assert Channel.objects.get(name="alerts").reads_alerts is False
    assert (Trader.objects.count(), Account.objects.count(), Channel.objects.count()) == (4, 1, 2)


def test_retiring_switches_practice_off_for_good():
    practice_rows.fill()

    assert practice_rows.retire() == 4

    practice_rows.fill()
    assert Environment.objects.get(pk="practice").is_enabled is False
    assert set(Channel.objects.values_list("is_enabled", flat=True)) == {False}
    assert set(User.objects.values_list("is_active", flat=True)) == {False}
