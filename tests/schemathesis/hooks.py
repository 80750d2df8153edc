"""What Schemathesis cannot know by itself: what there is in the city, and what may be used once only."""

import itertools
import json
import os
import re

import schemathesis

_numbers = itertools.count(1)
# Ids of things that there are, by what ids of their kind look like.
_known = {re.compile(form): known for form, known in json.loads(os.environ["PURSER_KNOWN"]).items()}


@schemathesis.hook
def before_call(context, case, kwargs):
    """Lets requests get further than to a 404, to "used before" or to "not both". What is bad stays as it is.

    - A good Idempotency-Key and a good check number become fresh ones.
    - Of well-formed ids, two in three become ids of something that there is.
    - Of requests that are good by the schema, every other becomes one that is usual at a till.
    """
    number = next(_numbers)
    if is_good((case.headers or {}).get("Idempotency-Key"), 128):
        case.headers["Idempotency-Key"] = f"schemathesis-{number}"
    body = case.body if isinstance(case.body, dict) else {}
    if is_good(body.get("check"), 48):
        body["check"] = f"schemathesis-{number}"
    if number % 3:
        for named in (case.path_parameters or {}, body):
            for name, value in named.items():
                named[name] = known(value)
    if number % 2 and case.meta and case.meta.generation.mode.is_positive:
        make_usual(body)


def make_usual(body):
    """Takes out what excludes something else or is seldom there, and words that the programme does not have."""
    if body.get("member") is not None:
        body.pop("card", None)
    if body.get("lines"):
        body.pop("gross", None)
    for line in body.get("lines") or []:
        for word in ("category", "flags"):
            line.pop(word, None)
    for tender in ("redeem_points", "hold", "stored_value", "voucher", "passes", "coupons", "issue"):
        body.pop(tender, None)
    if "amount" in body:
        body["amount"] = "1000.00"


def is_good(text, most):
    return isinstance(text, str) and 1 <= len(text) <= most and all("!" <= letter <= "~" for letter in text)


def known(value):
    for form, there in _known.items():
        if isinstance(value, str) and form.fullmatch(value):
            return there
    return value
