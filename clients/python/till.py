#!/usr/bin/env python3
"""A till's day at a Purser store, in Python without any library: what a point of sale has to do, and no more.

    python3 till.py URL TOKEN_FILE [TILL]

URL is the store's, such as http://127.0.0.1:8650; TOKEN_FILE is `api-token` in the store's folder.
"""

import http.client
import json
import pathlib
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid

# The store answers within 2 s even if it has to ask others; what takes longer than this is lost.
TIMEOUT_S = 5
ATTEMPTS = 3


# What the customer of the second basket wants to redeem at most: the programme of the sandbox takes full hundreds.
WISH_POINTS = 1_000


class Problem(Exception):
    """The store said no, and why (RFC 9457): branch on `code`, show people `title`."""

    def __init__(self, body):
        super().__init__(f"{body['code']}: {body['detail']}")
        self.code = body["code"]
        self.body = body


class Store:
    """The API of a store."""

    def __init__(self, url, token):
        self.url = url.rstrip("/")
        self.token = token

    def get(self, path, **query):
        """Asks."""
        return self._send("GET", f"{path}?{urllib.parse.urlencode(query)}" if query else path)

    def quote(self, basket):
        """Asks what a basket costs: a POST that changes nothing, so it needs no key."""
        return self._send("POST", "/v1/quote", basket)

    def change(self, path, body):
        """Has something carried out, once: however often it is sent, the key says that it is the same request."""
        return self._send("POST", path, body, key=str(uuid.uuid4()))

    def _send(self, method, path, body=None, key=None):
        headers = {"Authorization": f"Bearer {self.token}"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        if key is not None:
            headers["Idempotency-Key"] = key
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, headers, method=method)
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return self._answer(request)
            except Problem as problem:
                # Nobody can say yet whether it was done, or the store was busy: ask again, with the same key.
                if problem.code not in ("timed_out", "overloaded") or attempt == ATTEMPTS:
                    raise
                print(f"{problem.code}: the same again, under the same key")
            except (OSError, http.client.HTTPException) as lost:
                if attempt == ATTEMPTS:
                    raise
                print(f"no answer ({type(lost).__name__}): the same again, under the same key")
            time.sleep(attempt)

    def _answer(self, request):
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_S) as response:
                if response.headers.get("Idempotency-Replayed") == "true":
                    print("it had been done already: this is the answer that was lost")
                return json.load(response)
        except urllib.error.HTTPError as refused:
            if refused.headers.get_content_type() != "application/problem+json":
                raise
            raise Problem(json.load(refused)) from None


def day(store, till):
    receipts = (f"{time.strftime('%Y%m%d-%H%M%S')}-{number}" for number in range(1, 100))

    # The customer says a phone number. Nobody there: register, with a card.
    phone = "13800138000"
    found = store.get("/v1/members", phone=phone)["members"]
    if found:
        member = found[0]["member"]
        print(f"found {member}")
    else:
        new = store.change("/v1/members", {"profile": {"name": "王小明", "phone": phone}, "card": True})
        member = new["member"]
        print(f"registered {member} with card {new['card']}")

    # The basket: what it would cost, and why.
    basket = {
        "member": member,
        "lines": [
            {"article": "6901234567892", "name": "龙井茶 50g", "quantity": 2, "unit_price": "128.00"},
            {"article": "6909876543210", "name": "茶杯", "quantity": 1, "unit_price": "44.00"},
        ],
    }
    quote = store.quote(basket)
    print(f"to pay {quote['paid']}, brings {quote['points_earned']} points")

    # Paid: close the sale. The receipt's number makes it unique even if the till forgets its key.
    sale = store.change("/v1/checkouts", {**basket, "till": till, "check": next(receipts)})
    print(f"sold {sale['sale']} for {sale['paid']}, {sale['points_earned']} points")

    # The next basket: the customer wants to pay with points. They may be there all right and yet not to be had at this
    # store now: then the answer says how many are.
    points = store.get(f"/v1/members/{member}/balances")["points"]["balance"]
    basket = {"member": member, "till": till, "check": next(receipts), "gross": "50.00"}
    try:
        second = store.change("/v1/checkouts", {**basket, "redeem_points": wish(points)})
    except Problem as problem:
        if problem.code != "insufficient_rights_here":
            raise
        here, balance, cause = (problem.body[name] for name in ("here", "balance", "cause"))
        print(f"refused: {here} of {balance} points can be had here ({cause})")
        second = store.change("/v1/checkouts", {**basket, "redeem_points": wish(here)})
    print(f"redeemed {second['points_redeemed']} points: {second['paid']} to pay")

    # The cup comes back.
    back = {"sale": sale["sale"], "till": till, "check": next(receipts), "lines": [{"line": 2, "pieces": 1}]}
    returned = store.change("/v1/returns", back)
    print(f"returned: {returned['refund']} to give back, {returned['points_clawed_back']} points taken back")

    points = store.get(f"/v1/members/{member}/balances")["points"]
    print(f"balance {points['balance']} points, {points['spendable_here']} of them here")


def wish(points):
    return max(0, min(points - points % 100, WISH_POINTS))


if __name__ == "__main__":
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    url, token_file, till = [*sys.argv[1:], "1"][:3]
    try:
        day(Store(url, pathlib.Path(token_file).read_text().strip()), till)
    except Problem as problem:
        sys.exit(f"refused: {problem}")
