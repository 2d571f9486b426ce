"""The daily digest is posted where a channel is marked for it, once."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from bot import digests
from bot.models import DigestPost
from desk.models import Channel
from orders.audit.digests import write
from orders.models import DayDigest
from tests.bot.rig import wait_for
from tests.factories import make_channel, make_order


def marked(*names):
    Channel.objects.filter(name__in=names).update(posts_digests=True)


def test_the_digest_is_posted_once_in_the_marked_channel_and_the_audit_knows_it(desk, capsys):
    desk.add_channel("alerts")
    marked("orders")
    digest = write(timezone.now())

    posted = desk.reply(lambda m: digest.digest in m["content"])
    desk.settle()

    assert posted["content"].startswith(f"`PRACTICE`\nDigest of {digest.day}, 0 orders changed:\n")
    assert sum(digest.digest in m["content"] for m in desk.replies()) == 1
    assert sum(digest.digest in m["content"] for m in desk.replies("alerts")) == 0
    assert DigestPost.objects.get().discord_message_id == int(posted["id"])
    call_command("audit", "--posted", posted["content"].split("`")[3])
    assert capsys.readouterr().out.startswith("0 faults in ")


def test_a_digest_whose_arrival_was_lost_is_not_doubled(desk):
    marked("orders")
    desk.chat.fault(method="POST", path="/channels/*/messages", status=503, apply_then_fail=True)
    digest = write(timezone.now())

    wait_for(lambda: DigestPost.objects.exclude(discord_message_id=None).first())

    assert sum(digest.digest in m["content"] for m in desk.replies()) == 1


@pytest.mark.django_db
def test_nothing_is_posted_where_no_channel_is_marked_or_the_digest_is_old():
    make_channel()
    write(timezone.now())
    assert digests.unsaid() == []

    marked("options")
    assert len(digests.unsaid()) == 1

    DigestPost.objects.all().delete()
    DayDigest.objects.update(written_at=timezone.now() - timedelta(days=2))
    assert digests.unsaid() == []


@pytest.mark.django_db
def test_where_discord_lets_nobody_post_it_is_given_up():
    channel = make_channel(posts_digests=True)
    make_order(channel=channel)
    write(timezone.now())
    ((row, text, channel_id),) = digests.unsaid()
    assert (", 1 order changed:" in text, channel_id) == (True, channel.discord_channel_id)

    digests.mark(row, None)

    assert (digests.unsaid(), DigestPost.objects.get().is_given_up) == ([], True)
