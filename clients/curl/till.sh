#!/usr/bin/env bash
# A till's day at a Purser store, with curl: what a point of sale has to do, and no more.
#
#     ./till.sh URL TOKEN_FILE [TILL]
#
# URL is the store's, such as http://127.0.0.1:8650; TOKEN_FILE is `api-token` in the store's folder.
set -euo pipefail

[ $# -ge 2 ] || { echo "./till.sh URL TOKEN_FILE [TILL]" >&2; exit 2; }
URL=${1%/} TOKEN=$(cat "$2") TILL=${3:-1}
# The store answers within 2 s even if it has to ask others; what takes longer than this is lost.
TIMEOUT_S=5
ATTEMPTS=3
# What the customer of the second basket wants to redeem at most: the programme of the sandbox takes full hundreds.
WISH_POINTS=1000
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT

# send METHOD PATH [BODY [KEY]]: the answer is in BODY, its status in STATUS. With a KEY the same request can be sent as
# often as it takes: it is carried out once.
send() {
    local attempt
    local -a more=()
    [ -z "${3:-}" ] || more+=(--header "Content-Type: application/json" --data-binary "$3")
    [ -z "${4:-}" ] || more+=(--header "Idempotency-Key: $4")
    for ((attempt = 1; ; attempt++)); do
        # The token goes by standard input: what stands on a command line, everybody on the machine can read.
        if STATUS=$(printf 'header = "Authorization: Bearer %s"\n' "$TOKEN" | curl --silent --config - \
            --request "$1" --max-time "$TIMEOUT_S" --dump-header "$WORK/headers" --output "$WORK/body" \
            --write-out '%{http_code}' "${more[@]}" "$URL$2"); then
            # 503 and 504: the store was busy, or nobody can say yet whether it was done.
            [ "$STATUS" = 503 ] || [ "$STATUS" = 504 ] || break
        fi
        [ "$attempt" -lt "$ATTEMPTS" ] || { echo "no answer: given up" >&2; exit 1; }
        echo "no answer ($STATUS): the same again, under the same key"
        sleep "$attempt"
    done
    BODY=$(cat "$WORK/body")
    if grep -qi '^idempotency-replayed: true' "$WORK/headers"; then
        echo "it had been done already: this is the answer that was lost"
    fi
}

# Has something carried out: a key of its own for every new request.
change() { send POST "$1" "$2" "$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')"; }

# The first value of a name in BODY. A real till has a parser for JSON.
field() { grep -o "\"$1\":[^,}]*" <<<"$BODY" | head -n 1 | cut -d: -f2- | tr -d '"[]{}'; }

# What is refused is told with a code to branch on (RFC 9457).
or_stop() { [ "${STATUS:0:1}" = 2 ] || { echo "refused: $(field code): $(field detail)" >&2; exit 1; }; }

RECEIPTS=0
next_receipt() { RECEIPT="$BEGAN-$((++RECEIPTS))"; }
BEGAN=$(date +%Y%m%d-%H%M%S)

# The customer says a phone number. Nobody there: register, with a card.
PHONE=13800138000
send GET "/v1/members?phone=$PHONE"; or_stop
MEMBER=$(field member || true)
if [ -n "$MEMBER" ]; then
    echo "found $MEMBER"
else
    change /v1/members "{\"profile\": {\"name\": \"王小明\", \"phone\": \"$PHONE\"}, \"card\": true}"; or_stop
    MEMBER=$(field member)
    echo "registered $MEMBER with card $(field card)"
fi

# The basket: what it would cost, and why. A question changes nothing, so it needs no key.
GOODS='[{"article": "6901234567892", "name": "龙井茶 50g", "quantity": 2, "unit_price": "128.00"},
        {"article": "6909876543210", "name": "茶杯", "quantity": 1, "unit_price": "44.00"}]'
send POST /v1/quote "{\"member\": \"$MEMBER\", \"lines\": $GOODS}"; or_stop
echo "to pay $(field paid), brings $(field points_earned) points"

# Paid: close the sale. The receipt's number makes it unique even if the till forgets its key.
next_receipt
change /v1/checkouts "{\"member\": \"$MEMBER\", \"till\": \"$TILL\", \"check\": \"$RECEIPT\", \"lines\": $GOODS}"; or_stop
SALE=$(field sale)
echo "sold $SALE for $(field paid), $(field points_earned) points"

# Shows the member's points as they stand now; POINTS is the balance.
balance() {
    send GET "/v1/members/$MEMBER/balances"; or_stop
    BODY=${BODY#*\"points\":} # an object of its own
    POINTS=$(field balance)
}

# WISH of so many points.
wish() {
    WISH=$(($1 - $1 % 100))
    [ "$WISH" -ge 0 ] || WISH=0
    [ "$WISH" -le "$WISH_POINTS" ] || WISH=$WISH_POINTS
}

# The next basket: the customer wants to pay with points. They may be there all right and yet not to be had at this store
# now: then the answer says how many are.
balance
wish "$POINTS"
next_receipt
BASKET="\"member\": \"$MEMBER\", \"till\": \"$TILL\", \"check\": \"$RECEIPT\", \"gross\": \"50.00\""
change /v1/checkouts "{$BASKET, \"redeem_points\": $WISH}"
if [ "$STATUS" = 409 ] && [ "$(field code)" = insufficient_rights_here ]; then
    HERE=$(field here)
    echo "refused: $HERE of $(field balance) points can be had here ($(field cause))"
    wish "$HERE"
    change /v1/checkouts "{$BASKET, \"redeem_points\": $WISH}"
fi
or_stop
echo "redeemed $(field points_redeemed) points: $(field paid) to pay"

# The cup comes back.
next_receipt
BACK="\"sale\": \"$SALE\", \"till\": \"$TILL\", \"check\": \"$RECEIPT\", \"lines\": [{\"line\": 2, \"pieces\": 1}]"
change /v1/returns "{$BACK}"; or_stop
echo "returned: $(field refund) to give back, $(field points_clawed_back) points taken back"

balance
echo "balance $POINTS points, $(field spendable_here) of them here"
