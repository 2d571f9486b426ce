"""The desk's settings, except that its way to the exchange leads through the test's proxy."""

import os

from desk.settings import *  # noqa: F403

if "CHAOS_EXCHANGE_URL" in os.environ:
    PRACTICE_EXCHANGE_URL = os.environ["CHAOS_EXCHANGE_URL"]
