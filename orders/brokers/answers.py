"""What the answer to a read, or to a token refresh, says; failures as our errors. Pure."""

from typing import Any

from orders.brokers.base import BrokerError, BrokerUnavailable, CredentialsRefused, NotFound
from orders.brokers.outcomes import json_of, refusals
from orders.brokers.reading import Unreadable
from orders.brokers.records import TOKEN_PATH, RequestRecord

# Seen from the broker's token endpoint while the grant was healthy, in the mornings of the sandbox.
HICCUP = "not a tastytrade customer"


def answer(record: RequestRecord | None, cause: str) -> dict[str, Any]:
    """Return the JSON object of a read's answer. Raises BrokerError, of the kind that fits."""
    if record is None or record.status is None:
        raise BrokerUnavailable(f"The broker did not answer: {cause or 'no request was made'}.")
    if record.path == TOKEN_PATH:
        raise token_error(record, cause)
    if not record.is_success:
        raise _refusal(record)
    if record.body is None:
        raise BrokerUnavailable(f"The broker's answer broke off: {cause}.")
    try:
        return json_of(record)
    except Unreadable as error:
        raise BrokerError(f"The broker's answer to {record.path} could not be read: {error}.") from error


def _refusal(record: RequestRecord) -> BrokerError:
    status = record.status or 0
    said = "; ".join(message or code for code, message in refusals(record)) or f"HTTP {status}"
    if status == 401:  # of a fresh token, and a lost grant is refused where tokens are made
        return BrokerUnavailable(f"The broker refused a fresh access token: {said}.")
    if status == 404:
        return NotFound(f"The broker does not know {record.path}: {said}.")
    if status in {408, 429} or status >= 500:
        return BrokerUnavailable(f"The broker cannot answer now: {said}.")
    return BrokerError(f"The broker refused to answer {record.path}: {said}.")


def token_error(record: RequestRecord | None, cause: str) -> BrokerError:
    """Return what a failed token refresh means: try later, or a person must act."""
    if record is None or record.status is None or record.is_success:
        return BrokerUnavailable(f"The access token could not be refreshed: {cause or 'no answer'}.")
    code, sentence = _oauth_refusal(record)
    if not code or record.status == 429 or record.status >= 500 or HICCUP in sentence.lower():
        return BrokerUnavailable(
            f"The access token could not be refreshed: {sentence or code or f'HTTP {record.status}'}."
        )
    return CredentialsRefused(
        f"The broker refused this environment's credentials ({code}: {sentence}): make a new grant there,"
        " and check that secret and refresh token belong to this environment."
    )


def _oauth_refusal(record: RequestRecord) -> tuple[str, str]:
    """Return (code, sentence) of the token endpoint's own envelope or of the ordinary one; else empty."""
    try:
        said = json_of(record)
    except Unreadable:
        return "", ""
    if said.get("error_code"):
        return str(said["error_code"]), str(said.get("error_description", ""))
    reasons = refusals(record)
    return reasons[0] if reasons else ("", "")
