"""The kill switch in the admin: of one account, or of a whole environment."""

import pytest
from django.urls import reverse
from django.utils import timezone

from desk.models import StateChange
from orders.halts import halting
from orders.models import MassCancel
from tests.factories import make_account, make_order, make_user

pytestmark = pytest.mark.django_db
VIEW = ("desk.view_account", "desk.view_environment", "orders.view_masscancel", "desk.view_statechange")


def page_of(row) -> str:
    if hasattr(row, "number"):
        return reverse("admin:desk_account_switch", args=(row.pk,))
    return reverse("admin:desk_environment_halt", args=(row.pk,))


def turn(client, row, **values):
    answer = client.post(page_of(row), values, follow=True)
    row.refresh_from_db()
    return [str(message) for message in answer.context["messages"]]


@pytest.fixture(params=["account", "environment"])
def row(request):
    account = make_account()
    return account if request.param == "account" else account.environment


def test_a_whole_environment_is_halted_by_one_button(client):
    order = make_order(status="walking")
    environment = order.account.environment
    client.force_login(make_user("eve", "desk.halt_account", *VIEW))

    told = turn(client, environment, turn="halt", reason="odd fills", cancel="on")

    assert (environment.state, environment.state_reason) == ("halted", "odd fills (eve)")
    assert told == ["All of practice is halted. Asked to cancel: 1 order."]
    assert MassCancel.objects.get().by == "eve"


def test_only_closing_orders_are_let_through_by_one_button(client, row):
    client.force_login(make_user("eve", "desk.halt_account", *VIEW))

    told = turn(client, row, turn="reduce", reason="calm down")

    assert (row.state, row.state_reason) == ("reducing", "calm down (eve)")
    assert told[0].endswith("lets only closing orders through.")


def test_a_second_person_resumes_and_may_choose_closing_orders_only(client, row):
    client.force_login(make_user("eve", "desk.halt_account", "desk.resume_account", *VIEW))
    turn(client, row, turn="halt")
    refused = turn(client, row, turn="resume")
    halted = row.state
    client.force_login(make_user("ann", "desk.resume_account", *VIEW))

    turn(client, row, turn="resume_reducing")
    reducing = row.state
    turn(client, row, turn="resume")

    assert refused[-1].endswith("You halted it: a second person has to resume trading.")
    assert (halted, reducing, row.state) == ("halted", "reducing", "active")


@pytest.mark.parametrize("what", ["halt", "reduce", "resume", "resume_reducing"])
def test_nobody_without_the_right_turns_it(client, row, what):
    client.force_login(make_user("eve", "desk.change_environment", "desk.change_account", *VIEW))

    assert client.post(page_of(row), {"turn": what}).status_code == 403
    assert client.get(page_of(row)).status_code == 403


def test_the_page_says_how_far_the_cancels_are(client):
    account = make_account()
    halting.halt([account.pk], by="bea", reason="drill", cancel=True)
    MassCancel.objects.update(passes=2, taken=17)
    client.force_login(make_user("ann", "desk.resume_account", *VIEW))

    page = client.get(page_of(account)).content.decode()

    assert "17 cancels taken so far, pass 2" in page


def test_the_page_tells_what_was_left(client):
    account = make_account()
    halting.halt([account.pk], by="bea", reason="drill", cancel=True)
    MassCancel.objects.update(ended_at=timezone.now(), left=["1001: the cancel was not taken: no"])
    client.force_login(make_user("ann", "desk.resume_account", *VIEW))

    page = client.get(page_of(account)).content.decode()

    assert "left: 1001: the cancel was not taken: no" in page


def test_an_account_of_a_halted_environment_is_shown_as_halted(client):
    make_account()
    halting.halt_environment("practice", by="bea", reason="drill")
    client.force_login(make_user("eve", "desk.halt_account", *VIEW))

    page = client.get(reverse("admin:desk_account_changelist")).content.decode()

    assert "all of practice, drill (bea)" in page


@pytest.mark.parametrize("model", ["desk_statechange", "orders_masscancel"])
def test_who_changed_what_is_listed_and_edited_by_nobody(client, model):
    account = make_account()
    halting.halt([account.pk], by="bea", reason="drill", cancel=True)
    client.force_login(make_user("eve", *VIEW))

    listed = client.get(reverse(f"admin:{model}_changelist"))

    assert (listed.status_code, "bea" in listed.content.decode()) == (200, True)
    assert client.get(reverse(f"admin:{model}_add")).status_code == 403
    assert StateChange.objects.count() == 1
