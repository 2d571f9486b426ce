"""Tastytrade through its SDK: the only implementation of Broker. The SDK stops in these modules."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from tastytrade import Account
from tastytrade import Session as SdkSession

from orders.brokers import outcomes
from orders.brokers.answers import answer
from orders.brokers.base import (
    Balance,
    BrokerBundle,
    BrokerError,
    BrokerOrder,
    ComplexDraft,
    ComplexOutcome,
    Draft,
    DryRun,
    Expiration,
    Listing,
    Outcome,
    Position,
    PositionListing,
    Sent,
    SentComplex,
    Session,
    TransactionListing,
    Unknown,
)
from orders.brokers.reading import (
    is_holding,
    once,
    read_balance,
    read_bundle,
    read_dry_run,
    read_each,
    read_order,
    read_position,
    read_transaction,
)
from orders.brokers.records import Call, RequestRecord
from orders.brokers.sealing import Seal
from orders.brokers.tastytrade_market import Market, understood
from orders.brokers.tastytrade_orders import sdk_bundle, sdk_order, unsendable, unsendable_bundle
from orders.brokers.tastytrade_session import BrokerSession
from orders.enums import InstrumentType
from orders.market import Instrument, Quote

PAGE_SIZE = 200  # the most that /orders allows
TRANSACTIONS_PAGE_SIZE = 500  # of 2,000 allowed: a page stays below a megabyte
MOST_PAGES = 50
PREFLIGHT_FAILED = 422


class TastytradeBroker:
    """One account in one environment; see `Broker` for the contract."""

    def __init__(self, session: BrokerSession, account_number: str) -> None:
        self.environment: str = session.seal.environment.value
        self.account_number = account_number
        self._session = session
        self._market = Market(session)
        # Only the number is needed to place orders; reading the account would be one more request.
        self._account = Account.model_construct(account_number=account_number)
        self._orders = f"/accounts/{account_number}/orders"
        self._bundles = f"/accounts/{account_number}/complex-orders"

    @property
    def seal(self) -> Seal:
        return self._session.seal

    def refresh(self) -> None:
        self._session.refresh()

    def fresh_token(self) -> str:
        """Return an access token good for a minute, for a stream. Raises as `refresh`."""
        return self._session.fresh_token()

    def forget_token(self) -> None:
        """Ask for another token before the next call."""
        self._session.expire()

    def close(self) -> None:
        self._session.close()

    # --- calls that change something ---------------------------------------------------------------

    def place(self, draft: Draft) -> Outcome:
        """Place an order. A draft that cannot be sent at all is Refused with status 0, unasked."""

        async def post(session: SdkSession) -> None:
            await self._account.place_order(session, order, dry_run=False)

        if refusal := unsendable(draft):
            return refusal
        order, call = sdk_order(draft), self._session.call(send_before=draft.send_before)
        record, cause = self._asked("POST", self._orders, post, call)
        return outcomes.decide(record, cause, about=lambda o: _is_named(o, draft))

    def replace(self, broker_order_id: str, draft: Draft) -> Outcome:
        """Replace an order's price, type or time in force; Sent holds the new order."""

        async def put(session: SdkSession) -> None:
            await self._account.replace_order(session, int(broker_order_id), order)

        if refusal := unsendable(draft):
            return refusal
        order = sdk_order(draft)
        call = self._session.call(send_before=draft.send_before)
        record, cause = self._asked("PUT", f"{self._orders}/{int(broker_order_id)}", put, call)
        olds = {"", broker_order_id}
        return outcomes.decide(
            record, cause, about=lambda o: _is_named(o, draft) and o.replaces_order_id in olds
        )

    def cancel(self, broker_order_id: str) -> Outcome:
        """Ask for a cancel; Sent means asked, its order is what the broker showed then."""

        async def delete(session: SdkSession) -> None:
            await self._account.delete_order(session, int(broker_order_id))

        path = f"{self._orders}/{int(broker_order_id)}"
        record, cause = self._asked("DELETE", path, delete, self._session.call())
        outcome = outcomes.decide(record, cause, about=lambda o: o.broker_order_id == broker_order_id)
        if isinstance(outcome, Unknown) and record and record.is_success:
            return self._read_back(broker_order_id, outcome, record.latency_ms)
        return outcome

    def place_complex(self, draft: ComplexDraft) -> ComplexOutcome:
        """Place orders that are tied together: one call, all of them or none."""

        async def post(session: SdkSession) -> None:
            await self._account.place_complex_order(session, bundle, dry_run=False)

        if refusal := unsendable_bundle(draft):
            return refusal
        bundle = sdk_bundle(draft)
        call = self._session.call(send_before=draft.send_before)
        record, cause = self._asked("POST", self._bundles, post, call)
        return outcomes.decide_complex(record, cause, about=lambda found: _is_bundle_of(found, draft))

    def cancel_complex(self, complex_order_id: str) -> ComplexOutcome:
        """Ask for the whole bundle to be cancelled; SentComplex means asked."""

        async def delete(session: SdkSession) -> None:
            await self._account.delete_complex_order(session, int(complex_order_id))

        path = f"{self._bundles}/{int(complex_order_id)}"
        record, cause = self._asked("DELETE", path, delete, self._session.call())
        outcome = outcomes.decide_complex(
            record, cause, about=lambda found: found.complex_order_id == complex_order_id
        )
        if isinstance(outcome, Unknown) and record and record.is_success:
            return self._read_bundle_back(complex_order_id, outcome, record.latency_ms)
        return outcome

    def _asked(
        self, method: str, path: str, ask: Callable[[SdkSession], Awaitable[None]], call: Call
    ) -> tuple[RequestRecord | None, str]:
        """Ask the SDK; return the record of the call's own request, and why it failed if it did."""
        cause = self._session.attempt(call, ask)
        record = call.own(method, path)
        if record and record.status == 401:
            self._session.expire()
        return record, cause

    def _read_back(self, broker_order_id: str, unreadable: Unknown, latency_ms: int) -> Outcome:
        """Return the order of a cancel that was taken but answered with nothing readable."""
        try:
            return Sent(self.order(broker_order_id), latency_ms)
        except BrokerError:
            return unreadable

    def _read_bundle_back(
        self, complex_order_id: str, unreadable: Unknown, latency_ms: int
    ) -> ComplexOutcome:
        try:
            return SentComplex(self.complex_order(complex_order_id), latency_ms)
        except BrokerError:
            return unreadable

    def dry_run(self, draft: Draft) -> DryRun:
        """Ask what an order would do. Preflight failures are its `errors`; the rest raises BrokerError."""

        async def post(session: SdkSession) -> None:
            await self._account.place_order(session, order, dry_run=True)

        if refusal := unsendable(draft):
            return DryRun(None, None, errors=((refusal.code, refusal.message),))
        order = sdk_order(draft)
        record, cause = self._session.asked(self._session.call(), post)
        if record and record.status == PREFLIGHT_FAILED and (errors := outcomes.refusals(record)):
            return DryRun(None, None, errors=tuple(errors))
        return understood(read_dry_run, answer(record, cause).get("data"))

    # --- reads of the account ----------------------------------------------------------------------

    def order(self, broker_order_id: str) -> BrokerOrder:
        path = f"{self._orders}/{int(broker_order_id)}"
        order = understood(read_order, self._session.get(path).get("data"))
        if order.broker_order_id != broker_order_id:
            raise BrokerError(f"Asked for order {broker_order_id}, the broker's answer was about another.")
        return order

    def complex_order(self, complex_order_id: str) -> BrokerBundle:
        path = f"{self._bundles}/{int(complex_order_id)}"
        bundle = understood(read_bundle, self._session.get(path).get("data"))
        if bundle.complex_order_id != complex_order_id:
            raise BrokerError(f"Asked for bundle {complex_order_id}, the broker's answer was about another.")
        return bundle

    def live_orders(self) -> Listing:
        return self._listing(f"{self._orders}/live", {})

    def orders_since(self, day: date) -> Listing:
        # Newest first: an order that arrives while we page then repeats an item and hides none.
        return self._listing(self._orders, {"start-date": day.isoformat(), "sort": "Desc"})

    def _listing(self, path: str, params: Mapping[str, Any]) -> Listing:
        items, is_complete = self._paged(path, params, PAGE_SIZE)
        orders, unreadable = read_each(items, read_order)
        return Listing(once(orders, lambda o: o.broker_order_id), unreadable, is_complete)

    def _paged(self, path: str, params: Mapping[str, Any], size: int) -> tuple[list[Any], bool]:
        """Return the items of every page, and whether that was all."""
        call = self._session.call()
        items: list[Any] = []
        is_complete, page = False, 0
        while not is_complete and page < MOST_PAGES:
            found = self._session.get(path, {**params, "per-page": size, "page-offset": page}, call=call)
            items += _items(found, path)
            page += 1
            is_complete = page >= _total_pages(found, path)
        # A full page that says nothing of others may not be the last.
        return items, is_complete and not (page == 1 and len(items) == size and "pagination" not in found)

    def balance(self) -> Balance:
        path = f"/accounts/{self.account_number}/balances/USD"
        return understood(read_balance, self._session.get(path).get("data"))

    def positions(self) -> Sequence[Position]:
        """Return the holdings of the kinds that the desk trades."""
        listing = self.position_listing()
        if listing.unreadable:
            symbol = listing.unreadable[0].get("symbol", "without a symbol")
            raise BrokerError(f"The broker's position {symbol} could not be read.")
        return list(listing.positions)

    def position_listing(self) -> PositionListing:
        path = f"/accounts/{self.account_number}/positions"
        rows = [row for row in _items(self._session.get(path), path) if is_holding(row)]
        return PositionListing(*read_each(rows, read_position))

    def transactions_since(self, day: date) -> TransactionListing:
        path = f"/accounts/{self.account_number}/transactions"
        params = {"start-date": day.isoformat(), "sort": "Desc"}  # newest first, as in orders_since
        items, is_complete = self._paged(path, params, TRANSACTIONS_PAGE_SIZE)
        found, unreadable = read_each(items, read_transaction)
        return TransactionListing(once(found, lambda t: t.transaction_id), unreadable, is_complete)

    # --- reads of the market -----------------------------------------------------------------------

    def quotes(self, instruments: Sequence[Instrument]) -> Mapping[str, Quote]:
        return self._market.quotes(instruments)

    def equity(self, symbol: str) -> Instrument:
        return self._market.equity(symbol)

    def option(self, occ_symbol: str) -> Instrument:
        return self._market.option(occ_symbol)

    def option_chain(self, underlying: str) -> Sequence[Expiration]:
        return self._market.option_chain(underlying)

    def futures(self, root: str) -> Sequence[Instrument]:
        return self._market.futures(root)

    def future_option_chain(self, root: str) -> Sequence[Expiration]:
        return self._market.future_option_chain(root)

    def sessions(self, day: date) -> Mapping[InstrumentType, Session]:
        return self._market.sessions(day)

    def server_time(self) -> datetime:
        return self._market.server_time()


def _is_named(order: BrokerOrder, draft: Draft) -> bool:
    """Whether an answered order carries our identifier, or none."""
    return order.external_identifier in {"", draft.external_identifier}


def _is_bundle_of(bundle: BrokerBundle, draft: ComplexDraft) -> bool:
    parts = (draft.target, draft.stop, *([draft.trigger] if draft.trigger is not None else []))
    return {order.external_identifier for order in bundle} <= {"", *(p.external_identifier for p in parts)}


def _items(found: Mapping[str, Any], path: str) -> list[Any]:
    data = found.get("data")
    items = data.get("items") if isinstance(data, dict) else None
    if not isinstance(items, list):
        raise BrokerError(f"The broker's answer to {path} holds no list.")
    return items


def _total_pages(found: Mapping[str, Any], path: str) -> int:
    pagination = found.get("pagination") or {}
    try:
        return int(pagination.get("total-pages") or 0)
    except (AttributeError, TypeError, ValueError) as error:
        raise BrokerError(f"The broker's answer to {path} does not say how many pages there are.") from error
