"""Print every difference between an exchange's ledger and the rows of the desk in VAR_DIR, as JSON."""

import json
import os
import sys

import django


def differences(exchange_url: str) -> list[str]:
    """Compare the exchange's ledger with the desk's rows, and every request with its intent."""
    from desk.running import books
    from desk.running.exchange_eye import ExchangeEye

    ledger = ExchangeEye(exchange_url).ledger()
    return [
        *books.differences(books.of_the_exchange(ledger), books.of_the_desk()),
        *books.broken_intents(ledger, books.intents_of_the_desk()),
    ]


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "desk.settings")
    django.setup()
    print(json.dumps(differences(sys.argv[1])))
