"""Who may log in: practice people not beside real money."""

import pytest
from django.test import Client

from tests.factories import make_environment, make_trader

pytestmark = pytest.mark.django_db


@pytest.fixture
def practice_user():
    person = make_trader("tessa", is_practice=True)
    person.user.set_password("practice")
    person.user.save()
    return person.user


def log_in(client: Client, username: str) -> bool:
    return client.login(username=username, password="practice")


def test_a_practice_user_logs_in_while_practice_is_all_there_is(client, practice_user):
    make_environment("practice")

    assert log_in(client, "tessa") is True


@pytest.mark.parametrize("name", ["sandbox", "production"])
def test_a_practice_user_cannot_log_in_while_another_environment_is_on(client, practice_user, name):
    make_environment(name, is_enabled=True)

    assert log_in(client, "tessa") is False


def test_a_practice_users_session_is_worth_nothing_once_another_environment_is_on(client, practice_user):
    log_in(client, "tessa")
    before = client.get("/admin/").status_code

    make_environment("sandbox", is_enabled=True)

    assert (before, client.get("/admin/").status_code) == (200, 302)


def test_the_desks_own_people_log_in_whatever_is_on(client):
    make_environment("production", is_enabled=True)
    person = make_trader("olga")
    person.user.set_password("practice")
    person.user.save()

    assert log_in(client, "olga") is True
