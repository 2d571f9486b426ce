"""The ticket box: a command typed in the admin, for one of the channels that a person trades in."""

from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest

from desk.admin.base import person
from desk.models import Channel
from orders.admin import message_words
from orders.alerts import reviewing
from orders.alerts.reviewing import Misspelt
from orders.approval import NotAllowed
from orders.language.showing import show_command
from orders.models import Message
from orders.verdicts import Denied


class TicketForm(forms.Form):
    """A channel and what would be written there behind `!tt`, an order a line."""

    channel = forms.ModelChoiceField(Channel.objects.none(), empty_label=None)
    commands = forms.CharField(
        max_length=3000, widget=forms.Textarea({"rows": 3, "autofocus": True, "spellcheck": "false"})
    )


@dataclass
class Answered:
    """What the box has to say: the message it became, or the page to show."""

    message: Message | None = None
    context: dict[str, Any] = field(default_factory=dict)


def channels_of(request: HttpRequest) -> "QuerySet[Channel]":
    """Return the channels in which this person may propose."""
    enabled = Channel.objects.filter(is_enabled=True, preview_only=False)
    return enabled.filter(traders__user=person(request)).order_by("name")


def answer(request: HttpRequest) -> Answered:
    """Read the box: nothing yet, a check, or a proposal for a worker to price."""
    form = TicketForm(request.POST or None)
    choice = form.fields["channel"]
    if isinstance(choice, forms.ModelChoiceField):
        choice.queryset = channels_of(request)
    shown: dict[str, Any] = {"form": form}
    if not form.is_valid():
        return Answered(context=shown)
    try:
        return _act(request, form.cleaned_data, shown)
    except Misspelt as slip:
        return Answered(context=shown | {"fault": message_words.fault(slip.mistake)})
    except (NotAllowed, Denied) as refusal:
        return Answered(context=shown | {"refusal": str(refusal)})


def _act(request: HttpRequest, asked: dict[str, Any], shown: dict[str, Any]) -> Answered:
    if "propose" in request.POST:
        return Answered(reviewing.ask(asked["channel"], asked["commands"], by=person(request)))
    read = [show_command(command) for _, command in reviewing.orders_in(asked["commands"])]
    return Answered(context=shown | {"read": read})
