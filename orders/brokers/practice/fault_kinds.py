"""What can go wrong on command: every kind of fault, and how its kind is settled."""

from enum import StrEnum


class FaultKind(StrEnum):
    """`seconds`, `status` and the like are keys of the fault's own JSON object."""

    # requests: matched by `match` {method, path}
    DROP_BEFORE = "drop_before"  # close the connection, nothing done
    ACCEPT_THEN_DROP = "accept_then_drop"  # do it, close without an answer
    CUT_ANSWER = "cut_answer"  # do it, close in the middle of the answer
    DELAY = "delay"  # wait `seconds` before doing it; `after: true`: before answering
    STATUS = "status"  # answer `status` with `body` (or a usual one), nothing done
    HOLD_THEN_ACCEPT = "hold_then_accept"  # keep the client waiting `seconds`, then do it, never answer
    LATE_ACCEPT = "late_accept"  # close the connection at once, do it after `seconds` (20) all the same
    EXPIRE_ON_REQUEST = "expire_on_request"  # void every access token just before the request is looked at
    RATE_LIMIT = "rate_limit"  # until deleted: 429 for all beyond `per_second` (20)
    # orders: matched by `symbol`, `external_identifier`; settled when the order is accepted
    ASYNC_REJECT = "async_reject"  # accepted, then Rejected with `reason`
    DEAD_STATUS = "dead_status"  # accepted, then the status Dead
    ODD_STATUS = "odd_status"  # while live it is told as `status` (Remove Pending), for `seconds` (5)
    PARTIAL_FILL = "partial_fill"  # trade `quantity` units at once, then rest unfilled
    FILL_ON_REPLACE = "fill_on_replace"  # trade `quantity` (all) while a replacement is asked for
    FILL_ON_CANCEL = "fill_on_cancel"  # trade `quantity` (all) while the cancel is on its way
    CANCEL_LAG = "cancel_lag"  # take `seconds` to cancel or replace
    LISTING_LAG = "listing_lag"  # stay out of listings for `seconds`
    POSITION_LAG = "position_lag"  # what it trades counts as a position only `seconds` (2) later
    FILLED_BEFORE_FILLS = "filled_before_fills"  # say Filled `seconds` before showing the fills
    BUST = "bust"  # its last trade is taken back `seconds` (1) after it
    CORRECT = "correct"  # its last trade gets another `price`, and a new id, `seconds` (1) after it
    # the market: stand until deleted, matched by `symbol` (contract, underlying or root)
    NEVER_FILL = "never_fill"  # nothing trades
    FILL_AT_MID = "fill_at_mid"  # trades at its limit as soon as that reaches the mid
    FILL_NOW = "fill_now"  # trades at its limit at once
    HALT = "halt"  # halted: no trades, quotes say so
    STALE_QUOTES = "stale_quotes"  # quotes stand still and no more are streamed
    NAN_QUOTES = "nan_quotes"  # streamed sides are NaN, REST sides are absent
    CROSSED_QUOTES = "crossed_quotes"  # bid above ask
    WIDE_QUOTES = "wide_quotes"  # half the mid to twice the mid
    # replacements, whose ways the broker does not document: stand until deleted
    REPLACE_WHOLE = "replace_whole"  # a replacement is for the whole size again, whatever has traded
    REJECT_ABORTED = "reject_aborted"  # a replacement that a fill aborts ends Rejected, not Cancelled
    # streams; those that take messages can be narrowed by `type` and `status` of the message
    STREAM_DROP = "stream_drop"  # at once: break websockets; `stream` account, dxlink or both
    STREAM_HALF_OPEN = "stream_half_open"  # at once: those open now stay so, deaf and dumb; new ones work
    STREAM_SILENT = "stream_silent"  # say nothing on `stream` until deleted, connection open
    STREAM_LOSE = "stream_lose"  # lose the next account messages
    STREAM_DUPLICATE = "stream_duplicate"  # send account messages twice
    STREAM_LATE = "stream_late"  # send account messages `seconds` (1) late
    STREAM_SWAP = "stream_swap"  # send an account message after the one that follows it
    STREAM_NOISE = "stream_noise"  # before an account message, send `frame`: any JSON, or a text as it is
    RESULTS_BATCH = "results_batch"  # wrap account messages in {"results": [...]}
    BIG_FRAME = "big_frame"  # the next quotes come in a frame beyond 65,536 bytes
    # logins
    OAUTH_HICCUP = "oauth_hiccup"  # /oauth/token answers invalid_request with a healthy grant
    REVOKE_GRANT = "revoke_grant"  # /oauth/token answers "Grant revoked" until deleted
    EXPIRE_TOKENS = "expire_tokens"  # at once: every access token is void
    # the day
    NIGHTLY_RESET = "nightly_reset"  # at once: orders, positions, cash start anew


K = FaultKind
REQUEST_KINDS = frozenset(
    {
        K.DROP_BEFORE,
        K.ACCEPT_THEN_DROP,
        K.CUT_ANSWER,
        K.DELAY,
        K.STATUS,
        K.HOLD_THEN_ACCEPT,
        K.LATE_ACCEPT,
        K.EXPIRE_ON_REQUEST,
    }
)
ORDER_KINDS = frozenset(
    {
        K.ASYNC_REJECT,
        K.DEAD_STATUS,
        K.ODD_STATUS,
        K.PARTIAL_FILL,
        K.FILL_ON_REPLACE,
        K.FILL_ON_CANCEL,
        K.CANCEL_LAG,
        K.LISTING_LAG,
        K.POSITION_LAG,
        K.FILLED_BEFORE_FILLS,
        K.BUST,
        K.CORRECT,
    }
)
STANDING_KINDS = frozenset(
    {
        K.RATE_LIMIT,
        K.NEVER_FILL,
        K.FILL_AT_MID,
        K.FILL_NOW,
        K.HALT,
        K.STALE_QUOTES,
        K.NAN_QUOTES,
        K.CROSSED_QUOTES,
        K.WIDE_QUOTES,
        K.REPLACE_WHOLE,
        K.REJECT_ABORTED,
        K.STREAM_SILENT,
        K.REVOKE_GRANT,
    }
)
IMMEDIATE_KINDS = frozenset({K.STREAM_DROP, K.STREAM_HALF_OPEN, K.EXPIRE_TOKENS, K.NIGHTLY_RESET})
