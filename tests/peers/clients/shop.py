"""Shops with the client that openapi-python-client makes of /openapi.json: `shop.py URL KEY`."""

import sys
import uuid
from io import BytesIO

from shopkeeper_client import AuthenticatedClient
from shopkeeper_client.api.find import get_recommend_by_kind, get_search, get_suggest
from shopkeeper_client.api.merchandising import post_rules
from shopkeeper_client.api.stock_and_orders import get_orders_by_id
from shopkeeper_client.api.ucp import post_ucp_carts, post_ucp_checkout_sessions, post_ucp_checkout_sessions_by_id_complete
from shopkeeper_client.models import (
    Card,
    Order,
    Problem,
    SearchAnswer,
    Tally,
    UcpCart,
    UcpCartRequest,
    UcpCheckout,
    UcpCheckoutRequest,
    UcpCompleteRequest,
)
from shopkeeper_client.types import File

url, key = sys.argv[1:]
shop = AuthenticatedClient(base_url=url, token=key)


def once() -> str:
    return str(uuid.uuid4())


found = get_search.sync(client=shop, q="lamp", filter_="available = true", limit=3)
assert isinstance(found, SearchAnswer), found
assert found.hits and found.total >= len(found.hits)
card = found.hits[0].product
assert isinstance(card, Card) and isinstance(card.sku, str), card
sku = card.sku

suggested = get_suggest.sync(client=shop, q="lam")
assert suggested is not None and not isinstance(suggested, Problem) and suggested.products, suggested
recommended = get_recommend_by_kind.sync("popular", client=shop, limit=4)
assert recommended is not None and not isinstance(recommended, Problem) and recommended.products, recommended

lines = {"line_items": [{"item": {"id": sku}, "quantity": 1}]}
cart = post_ucp_carts.sync(client=shop, body=UcpCartRequest.from_dict(lines), idempotency_key=once())
assert isinstance(cart, UcpCart) and len(cart.line_items) == 1, cart

place = {
    "first_name": "Ann",
    "last_name": "Lee",
    "street_address": "1 Long Road",
    "address_locality": "Springfield",
    "address_region": "OR",
    "postal_code": "97477",
    "address_country": "US",
}
opened = {
    "cart_id": cart.id,
    "buyer": {"email": "ann@example.org"},
    "fulfillment": {"methods": [{"type": "shipping", "destinations": [place]}]},
}
checkout = post_ucp_checkout_sessions.sync(client=shop, body=UcpCheckoutRequest.from_dict(opened), idempotency_key=once())
assert isinstance(checkout, UcpCheckout) and checkout.status == "ready_for_complete", checkout

token = {"type": "token", "token": "tok_success"}
payment = {"payment": {"instruments": [{"id": "card", "handler_id": "test", "type": "token", "credential": token}]}}
done = post_ucp_checkout_sessions_by_id_complete.sync(
    checkout.id, client=shop, body=UcpCompleteRequest.from_dict(payment), idempotency_key=once()
)
assert isinstance(done, UcpCheckout) and done.status == "completed" and done.order, done
order = get_orders_by_id.sync(done.order.id, client=shop)
assert isinstance(order, Order) and order.id == done.order.id, order

line = b'{"id": "lamps", "document": {"when": {"query": {"contains": ["lamp"]}}, "then": {"pin": ["bed-lamp"]}}}\n'
put = post_rules.sync(client=shop, body=File(payload=BytesIO(line)))
assert isinstance(put, Tally) and put.created == 1, put

refused = get_search.sync_detailed(client=shop, limit=9999)
assert refused.status_code == 400, refused
assert isinstance(refused.parsed, Problem), refused
assert refused.parsed.field == "limit" and refused.parsed.type_.startswith("/docs#"), refused.parsed

print(f"python: found {found.total}, ordered {order.id}, was refused {refused.parsed.field}")
