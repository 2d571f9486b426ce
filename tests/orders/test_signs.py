"""What the first page tells of each account's broker."""

import pytest
from django.utils import timezone

from desk.models import Account, Heartbeat
from desk.preflight import red
from desk.running import practice_rows
from orders import brokers, preflight, tasks
from orders.brokers.base import BrokerUnavailable, CredentialsRefused
from tests.brokers import FakeBroker
from tests.factories import make_account
from tests.orders.worlds import approved, step

REVOKED = (
    "The broker refused this environment's credentials (invalid_grant: Grant revoked): make a new grant there,"
    " and check that secret and refresh token belong to this environment."
)


def said_of(account):
    return Heartbeat.objects.get(pk=f"broker {account.environment_id} {account.number}").detail


def compare(account):
    """Have one account compared with its broker, now."""
    Account.objects.filter(pk=account.pk).update(reconcile_due_at=timezone.now())
    tasks.reconcile_account(account.pk)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "error", [CredentialsRefused("The grant is gone."), BrokerUnavailable("Nobody is there.")]
)
def test_a_broker_that_fails_is_told_until_it_answers_again(error, monkeypatch):
    account, broker = make_account(), FakeBroker(read_fails=error)
    monkeypatch.setattr(brokers, "get_broker", lambda environment, number: broker)

    compare(account)
    failing = said_of(account)
    broker.read_fails = None
    compare(account)

    assert (failing, said_of(account)) == ({"error": str(error)}, {})


@pytest.mark.django_db
def test_a_broker_that_fails_under_an_order_is_told_at_once(settings):
    order = approved(settings)

    step(order, FakeBroker(read_fails=CredentialsRefused("The grant is gone.")))

    assert said_of(order.account) == {"error": "The grant is gone."}


@pytest.mark.django_db
def test_a_secret_in_the_brokers_words_is_blanked(settings):
    settings.TASTYTRADE_SANDBOX_REFRESH_TOKEN = "very-secret-token"
    order = approved(settings)

    step(order, FakeBroker(read_fails=CredentialsRefused("very-secret-token is refused")))

    assert said_of(order.account) == {"error": "<TASTYTRADE_SANDBOX_REFRESH_TOKEN> is refused"}


@pytest.mark.django_db(transaction=True)
def test_a_revoked_grant_is_the_same_sentence_on_the_page_and_in_preflight(exchange, settings):
    settings.PRACTICE_EXCHANGE_URL = exchange.url
    brokers.close_brokers()
    practice_rows.fill()
    account = Account.objects.get(number="5WT00001")
    exchange.faults({"kind": "revoke_grant"})

    try:
        compare(account)
        found = list(preflight.account("practice"))
    finally:
        brokers.close_brokers()

    assert said_of(account) == {"error": REVOKED}
    assert found == [red(f"5WT00001: {REVOKED}")]
