"""Orders that wait for or cancel each other, or for a ratio of prices: OCO, OTO, OTOCO, PAIRS."""

from dataclasses import dataclass
from datetime import datetime

from orders.brokers.practice import admission, changes
from orders.brokers.practice.book import Order, Status
from orders.brokers.practice.exchange import Exchange
from orders.brokers.practice.floor import Floor
from orders.brokers.practice.intake import STOPPED, is_strict
from orders.brokers.practice.ratios import Ratio, ratio_of, read_ratio
from orders.brokers.practice.wire import (
    Json,
    Refusal,
    bad_parameter,
    failed_preflight,
    instant,
    not_found,
)

FIRST_COMPLEX = 90_001
TAGS = {
    "OTOCO": ("OTOCO::trigger-order", "OTOCO::oco-{0}-order"),
    "OTO": ("OTO::trigger-order", "OTO::order"),
    "OCO": ("", "OCO::order"),
    "PAIRS": ("", "PAIRS::order"),  # this one's is not recorded
}
MOST_ORDERS = {"OTOCO": 2, "OCO": 2, "OTO": 3, "PAIRS": 2}
WITHOUT_TRIGGER = frozenset({"OCO", "PAIRS"})


@dataclass(slots=True)
class Bundle:
    """A complex order: its components by id. The trigger, if any, lets the others in when it is filled."""

    id: int
    account: str
    type: str
    trigger: int | None
    orders: list[int]
    terminal_at: datetime | None = None
    ratio: Ratio | None = None  # of a PAIRS order, which waits for it

    @property
    def components(self) -> list[int]:
        return [*([] if self.trigger is None else [self.trigger]), *self.orders]

    @property
    def is_exclusive(self) -> bool:
        return self.type in {"OCO", "OTOCO"}

    def state(self) -> Json:
        at = self.terminal_at
        return {
            "id": self.id,
            "account": self.account,
            "type": self.type,
            "trigger": self.trigger,
            "orders": self.orders,
            "terminal_at": at.isoformat() if at else None,
            "ratio": self.ratio.wire() if self.ratio else None,
        }


def bundle_from(state: Json) -> Bundle:
    at = state["terminal_at"]
    at = datetime.fromisoformat(at) if at else None
    ratio = read_ratio(state["ratio"]) if state.get("ratio") else None
    return Bundle(state["id"], state["account"], state["type"], state["trigger"], state["orders"], at, ratio)


class Bundles:
    """All complex orders; listens to the exchange for the ends of their components."""

    def __init__(self, exchange: Exchange, floor: Floor) -> None:
        self.exchange = exchange
        self.floor = floor
        self.load()
        exchange.on_reset.append(self.load)
        exchange.on_terminal.append(self._follow)
        exchange.on_advance.append(self._watch)
        exchange.listeners.append(self._retell)

    def load(self) -> None:
        self.kept = {s["id"]: bundle_from(s) for s in self.exchange.ledger.complexes()}
        self._ratios = {b.id: b for b in self.kept.values() if b.ratio is not None}  # that may still wait

    def find(self, account: str, bundle_id: int) -> Bundle:
        found = self.kept.get(bundle_id)
        if found is None or found.account != account:
            raise not_found("ComplexOrder")
        return found

    def of(self, account: str) -> list[Bundle]:
        """Return an account's complex orders, newest first."""
        return [b for b in reversed(self.kept.values()) if b.account == account]

    def preview(self, account: str, body: Json) -> Json:
        """Answer a dry run; raises Refusal."""
        bundle_type, components = self._read(account, body)
        answer = self._assess(bundle_type, components)
        trigger = None if bundle_type in WITHOUT_TRIGGER else components[0][0]
        rest = components if trigger is None else components[1:]
        written: Json = {"account-number": account, "type": bundle_type}
        if bundle_type == "PAIRS":
            written |= read_ratio(body).wire()
        if trigger is not None:
            written["trigger-order"] = trigger.wire(self.exchange.now())
        written["orders"] = [order.wire(self.exchange.now()) for order, _ in rest]
        return answer | {"complex-order": written}

    def place(self, account: str, body: Json) -> Json:
        """Place a complex order; everything of it is in the ledger when this returns."""
        bundle_type, components = self._read(account, body)
        ratio = read_ratio(body) if bundle_type == "PAIRS" else None
        answer = self._assess(bundle_type, components)
        bundle = Bundle(
            self.exchange.ledger.next_id("complex", FIRST_COMPLEX),
            account,
            bundle_type,
            None,
            [],
            ratio=ratio,
        )
        with self.exchange.ledger.together():
            for place, (order, contracts) in enumerate(components):
                self._admit(bundle, place, order, contracts)
            self._keep(bundle)
        self.kept[bundle.id] = bundle
        if ratio is not None:
            self._ratios[bundle.id] = bundle
        self.exchange.announce(account, "ComplexOrder", self.wire(bundle))
        return answer | {"complex-order": self.wire(bundle)}

    def _read(self, account: str, body: Json) -> tuple[str, list[tuple[Order, admission.Contracts]]]:
        bundle_type, orders = body.get("type"), body.get("orders")
        if bundle_type not in TAGS:
            raise bad_parameter("type", "does not have a valid value")
        if not isinstance(orders, list) or not 1 <= len(orders) <= MOST_ORDERS[bundle_type]:
            raise bad_parameter("orders", "does not have a valid length")
        if bundle_type == "PAIRS" and len(orders) != MOST_ORDERS["PAIRS"]:
            raise bad_parameter("orders", "does not have a valid length")
        parts = orders if bundle_type in WITHOUT_TRIGGER else [body.get("trigger-order") or {}, *orders]
        numbered = [part | {"preflight-id": str(n)} for n, part in enumerate(parts)]
        read = [admission.read(self.exchange, account, part) for part in numbered]
        for (order, _), part in zip(read, parts, strict=True):
            if bundle_type in WITHOUT_TRIGGER or part is parts[0]:
                admission.relabel(self.exchange, order, strict=is_strict(part))
        return bundle_type, read

    def _assess(self, bundle_type: str, components: list[tuple[Order, admission.Contracts]]) -> Json:
        """Check every component; the first one's costs stand for the whole, as only it can trade alone."""
        exclusive = components if bundle_type == "OCO" else components[1:]
        if bundle_type in {"OCO", "OTOCO"}:
            _check_pair([order for order, _ in exclusive])
        warnings = [
            finding
            for order, contracts in components
            for finding in admission.check(self.exchange, order, contracts, admission.NOBODY)
        ]
        first, contracts = components[0]
        effect = admission.effect(self.exchange, first, contracts)
        for order, _ in components:
            order.status, order.contingent_status = Status.CONTINGENT, "Pending Order"
        answer = admission.written(self.exchange, first, contracts, sorted(set(warnings)), effect)
        del answer["order"]
        return answer

    def _admit(self, bundle: Bundle, place: int, order: Order, contracts: admission.Contracts) -> None:
        """Let a component in: a trigger, and all of an OCO, are routed soon; the others wait."""
        is_trigger = bundle.type not in WITHOUT_TRIGGER and place == 0
        first, other = TAGS[bundle.type]
        order.complex_id = bundle.id
        order.complex_tag = first if is_trigger else other.format(place)
        if is_trigger or bundle.type == "OCO":
            order.due_at = self.exchange.now() + admission.ROUTING
        admission.admit(self.exchange, order, contracts)
        if is_trigger:
            bundle.trigger = order.id
        else:
            bundle.orders.append(order.id)

    def cancel(self, account: str, bundle_id: int) -> Json:
        """Cancel every component that is still open: what waits at once, what works on request."""
        bundle = self.find(account, bundle_id)
        for order in self._orders(bundle):
            if not order.status.is_terminal and order.replaced_by is None:
                changes.cancel(self.exchange, account, order.id)
        return self.wire(bundle)

    def change(self, account: str, bundle_id: int, body: Json) -> Json:
        """Set another threshold for a PAIRS order that still waits; raises Refusal for any other."""
        bundle = self.find(account, bundle_id)
        bundle.ratio = self._changed(bundle, body)
        self._keep(bundle)
        self.exchange.announce(account, "ComplexOrder", self.wire(bundle))
        return self.wire(bundle)

    def preview_change(self, account: str, bundle_id: int, body: Json) -> Json:
        """Answer what `change` would do, without doing it."""
        bundle = self.find(account, bundle_id)
        ratio = self._changed(bundle, body)
        first = self._orders(bundle)[0]
        contracts = tuple(i for leg in first.legs if (i := self.exchange.instrument(leg.symbol)))
        effect = admission.effect(self.exchange, first, contracts, frozenset(bundle.components))
        answer = admission.written(self.exchange, first, contracts, [], effect)
        del answer["order"]
        return answer | {"complex-order": self.wire(bundle) | ratio.wire()}

    def _changed(self, bundle: Bundle, body: Json) -> Ratio:
        if bundle.ratio is None or not self._waits(bundle):
            raise Refusal(422, "cannot_update_order", "the order could not be updated")
        return read_ratio(bundle.ratio.wire() | body)

    def _waits(self, bundle: Bundle) -> bool:
        orders = self._orders(bundle)
        return bool(orders) and all(
            o.status is Status.CONTINGENT and admission.LET_GO not in o.behaviours for o in orders
        )

    def _watch(self) -> None:
        """Let a PAIRS order in once its ratio is where it was waited for."""
        for bundle in list(self._ratios.values()):
            if bundle.ratio is None or not self._waits(bundle):
                del self._ratios[bundle.id]
                continue
            if bundle.ratio.is_reached(ratio_of(self.exchange, self._orders(bundle), bundle.ratio)):
                for order in self._orders(bundle):
                    self.floor.release(order)

    def _orders(self, bundle: Bundle) -> list[Order]:
        return [self.exchange.orders[i] for i in bundle.components if i in self.exchange.orders]

    def _follow(self, order: Order) -> None:
        """Do what the end of a component means for the others."""
        bundle = self.kept.get(order.complex_id or 0)
        if bundle is None:
            return
        if order.id == bundle.trigger:
            self._after_trigger(bundle, filled=order.status is Status.FILLED)
        elif bundle.is_exclusive and order.status is Status.FILLED:
            for other in self._orders(bundle):
                if not other.status.is_terminal:
                    self.exchange.finish(other, Status.CANCELLED)
        if bundle.terminal_at is None and all(o.status.is_terminal for o in self._orders(bundle)):
            bundle.terminal_at = self.exchange.now()
            self._keep(bundle)

    def _after_trigger(self, bundle: Bundle, *, filled: bool) -> None:
        for order_id in bundle.orders:
            order = self.exchange.orders[order_id]
            if filled:
                self.floor.release(order)
            elif not order.status.is_terminal:
                self.exchange.finish(order, Status.CANCELLED)

    def _keep(self, bundle: Bundle) -> None:
        self.exchange.ledger.save_complex(bundle.id, bundle.account, bundle.state())

    def _retell(self, account: str, kind: str, message: Json) -> None:
        """Send the whole complex order after each change of a component, as the broker does."""
        bundle = self.kept.get(message.get("complex-order-id", 0)) if kind == "Order" else None
        if bundle is not None:
            self.exchange.announce(account, "ComplexOrder", self.wire(bundle))

    def wire(self, bundle: Bundle) -> Json:
        now = self.exchange.now()
        by_id = {o.id: o.wire(now) for o in self._orders(bundle)}
        written: Json = {"id": bundle.id, "account-number": bundle.account, "type": bundle.type}
        if bundle.ratio is not None:
            written |= bundle.ratio.wire()
        if bundle.trigger in by_id:
            written["trigger-order"] = by_id[bundle.trigger]
        written["orders"] = [by_id[i] for i in bundle.orders if i in by_id]
        if bundle.terminal_at is not None:
            written["terminal-at"] = instant(bundle.terminal_at)
        return written


def _check_pair(orders: list[Order]) -> None:
    """Refuse anything but one limit and one stop: only they exclude each other."""
    kinds = sorted("stop" if o.order_type in STOPPED else o.order_type for o in orders)
    if kinds != ["Limit", "stop"]:
        message = "OCO Orders must have one Limit order and one Stop or Stop Limit order."
        raise failed_preflight([("invalid_oco_order_type_combo", message)], orders[0].preflight_id or "")
