"""The bot's desk, running."""

import pytest

from tests.bot.rig import rig
from tests.factories import PRACTICE_URL


@pytest.fixture
def quiet_desk(transactional_db, settings, monkeypatch):
    """A desk whose bot is not running yet. What the bot does now and then it does often here."""
    monkeypatch.setattr("bot.client.MAKE_UP_SECONDS", 0.2)
    monkeypatch.setattr("bot.client.NOTICE_SECONDS", 0.2)
    monkeypatch.setattr("bot.replies.SCAN_SECONDS", 0.5)
    settings.PRACTICE_EXCHANGE_URL = PRACTICE_URL
    with rig() as built:
        yield built


@pytest.fixture
def desk(quiet_desk):
    """A desk whose bot is running."""
    with quiet_desk.client():
        yield quiet_desk
