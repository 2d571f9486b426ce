"""The practice exchange: Tastytrade's API on loopback, with a market of its own.

The broker's SDK runs against it unchanged. From the inside out:

    pure        ticks pricing motion sessions expiries products instruments matching fees margin
    values      book (orders) positions balances accounts wire (number formats, envelopes)
    state       clock market ledger treasury faults exchange
    what happens  intake preflight admission changes complex_orders trading corrections floor happening
    the wire    front_door gate oauth *_api account_stream dxlink app server

Time is an argument, the ledger is one SQLite file, and every answer is written down before it is sent.
`practice_api` is the rehearsal's own door: ledger, faults, market, clock; `hand_api` the person in the
broker's own app. Needs neither Django nor the SDK.
"""
