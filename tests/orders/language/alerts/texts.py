"""Long texts that would make a careless expression run away; cut to 4,000 characters where they are used."""

LONG = {
    "words": "a " * 2000,
    "digits": "1" * 4000,
    "numbers": "1 " * 250,
    "chains": "1/" * 2000,
    "spreads": "600/610c " * 110,
    "orders": "BTO SPY 600c 12/18 @ 1.25 " * 35,
    "lines": "SPY 600c 12/18 1.2\n" * 40,
    "line ends": "\n" * 4000,
    "spaces": " " * 4000,
    "emoji": "🔥" * 4000,
    "mentions": "<@" * 2000,
    "quotes": "> \n" * 1300,
    "symbols": "A111111C1" * 440,
    "copied": "BOT +1 " * 570,
    "strikes": "calls 5.5 " * 120,
    "stars": "~~**" * 1000,
}
