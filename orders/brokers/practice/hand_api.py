"""The person in the broker's own app: orders placed, changed and cancelled there, under `/practice/hand`.

They pass the same checks and live the same life as any other; only the ledger's list of requests does
not hold them, for no program asked.
"""

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from orders.brokers.practice import admission, changes
from orders.brokers.practice.web import account_of, answer, body_of, exchange_of
from orders.brokers.practice.wire import Json

WEB_APP = "WB2;0.174.2"  # the source that the broker's web platform writes on its orders


async def _wanted(request: Request) -> Json:
    return {"source": WEB_APP} | await body_of(request)


async def place(request: Request) -> JSONResponse:
    placed = admission.submit(exchange_of(request), account_of(request), await _wanted(request))
    return answer(request, placed, 201)


async def edit(request: Request) -> JSONResponse:
    exchange, account = exchange_of(request), account_of(request)
    order = changes.replace(exchange, account, request.path_params["order_id"], await _wanted(request))
    return answer(request, order.wire(exchange.now()))


async def cancel(request: Request) -> JSONResponse:
    exchange = exchange_of(request)
    order = changes.cancel(exchange, account_of(request), request.path_params["order_id"])
    return answer(request, order.wire(exchange.now()))


ORDERS = "/practice/hand/accounts/{account}/orders"
routes = [
    Route(ORDERS, place, methods=["POST"]),
    Route(ORDERS + "/{order_id:int}", edit, methods=["PUT"]),
    Route(ORDERS + "/{order_id:int}", cancel, methods=["DELETE"]),
]
