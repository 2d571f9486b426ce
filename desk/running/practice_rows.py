"""The practice desk's rows: its people, account, channels and limits. Made once, then left alone."""

from decimal import Decimal

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group, User
from django.db import transaction

from bot.practice.world import CHANNELS, PEOPLE, ROLES, Member
from desk.limits import RiskLimits
from desk.models import Account, Channel, Environment, Trader, WalkPolicy
from desk.setting_up import POLICY, set_up
from orders.enums import EnvironmentName

PASSWORD = "practice"  # noqa: S105 - public on purpose: practice users log in to nothing else
ACCOUNT_NUMBER = "5WT00001"
# One future of the S&P 500 is worth 300,000 dollars: it has to fit, and a drill sends many orders at once.
ROOMY = {
    "max_notional_value": Decimal(500_000),
    "max_loss_value": Decimal(500_000),
    "max_underlying_value": Decimal(5_000_000),
    "max_underlying_quantity": 1000,
    "max_open_orders": 200,
    "max_orders_per_symbol": 200,
}
SUPERUSERS = frozenset({"bea"})


@transaction.atomic
def fill() -> None:
    """Make what is missing; change nothing that is there. Safe at each start."""
    set_up()
    if not Trader.objects.filter(is_practice=True).exists():  # else staff decide whether it is on
        Environment.objects.filter(pk=EnvironmentName.PRACTICE).update(is_enabled=True)
    password = make_password(PASSWORD)  # slow by design, and the same public word for all
    traders = [_trader(member, password) for member in PEOPLE]
    account, policy = _account(), WalkPolicy.objects.get(name=POLICY)
    for name in ("orders", "alerts"):
        _channel(name, account, policy, traders)


@transaction.atomic
def retire() -> int:
    """Switch practice off: its environment, channels and people. Returns how many people that were."""
    Environment.objects.filter(pk=EnvironmentName.PRACTICE).update(is_enabled=False)
    Channel.objects.filter(account__environment=EnvironmentName.PRACTICE).update(is_enabled=False)
    people = Trader.objects.filter(is_practice=True)
    User.objects.filter(trader__in=people).update(is_active=False)
    return people.update(is_active=False)


def _trader(member: Member, password: str) -> Trader:
    found = Trader.objects.filter(discord_user_id=member.id).first()
    if found is not None:
        return found
    user, is_new = User.objects.get_or_create(username=member.username)
    if is_new:
        _introduce(user, member, password)
    return Trader.objects.create(user=user, discord_user_id=member.id, is_practice=True)


def _introduce(user: User, member: Member, password: str) -> None:
    """Give a new user the name, the password and the rights of his Discord roles."""
    user.first_name, _, user.last_name = member.name.partition(" ")
    user.password = password
    user.is_superuser = member.username in SUPERUSERS
    user.is_staff = user.is_superuser or ROLES["Approvers"] in member.role_ids
    user.save()
    roles = [name for name, role in ROLES.items() if role in member.role_ids]
    user.groups.set(Group.objects.filter(name__in=roles))


def _account() -> Account:
    account, _ = Account.objects.get_or_create(
        environment_id=EnvironmentName.PRACTICE,
        number=ACCOUNT_NUMBER,
        defaults={"nickname": "Practice", "is_allowed": True},
    )
    RiskLimits.objects.get_or_create(account=account, defaults=ROOMY)
    return account


def _channel(name: str, account: Account, policy: WalkPolicy, traders: list[Trader]) -> None:
    channel, is_new = Channel.objects.get_or_create(
        discord_channel_id=CHANNELS[name],
        defaults={
            "name": name,
            "account": account,
            "policy": policy,
            "approver_role_id": ROLES["Approvers"],
            "reads_alerts": name == "alerts",
        },
    )
    if is_new:
        channel.traders.set([each for each in traders if each.user.has_perm("orders.propose_order")])
