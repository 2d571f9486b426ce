import pytest

from orders.language.help import help_text
from orders.language.showing import show_command

from .reading import parse


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (
            "bto 2 SPY dec 600c @ 1.25",
            "Buy to open 2 SPY 18 Dec 2026 600 call at 1.25 or less.\nbto 2 SPY 18dec26 600c @ 1.25",
        ),
        ("close 1042", "Close all of order 1042's position."),
        ("close /ES half", "Close half of /ES."),
        ("close /ESZ6", "Close all of /ESZ6."),
        ("close SPY 18dec 600c half", "Close half of SPY 18 Dec 2026 600 call."),
        (
            "close 1042 third @ 2 min 1.90",
            "Close a third of order 1042's position for at least 1.90, starting at 2.",
        ),
        ("close 1042 10% max 0.50", "Close 10% of order 1042's position for at most 0.50."),
        ("close 1042 qty 3 @ 2", "Close 3 of order 1042's position at 2."),
        ("close 1042 @ nat", "Close all of order 1042's position at the natural price."),
        (
            "close 1042 sl 0.80 tp 2.50 gtc dry",
            "Close all of order 1042's position, stop 0.80, target 2.50, GTC, dry run.",
        ),
        ("cancel 1042", "Cancel order 1042."),
        ("cancel all", "Cancel all of your orders."),
        (
            "amend 1042 max 1.45 qty 3",
            "Amend order 1042: quantity 3, price at most 1.45; its approval is void.",
        ),
        ("amend 1042 wait 20s ticks 2", "Amend order 1042: wait 20 s, ticks 2; its approval is void."),
        ("quote SPY 18dec 600c", "Show the quote of SPY 18 Dec 2026 600 call."),
        ("chain SPY 18dec 590-610", "Show the chain of SPY, Fri 18 Dec 2026, strikes 590 to 610."),
        ("chain SPY", "Show the chain of SPY."),
        ("positions", "Show the positions."),
        ("orders acct 5WT00001", "Show the orders of account 5WT00001."),
        ("balance", "Show the balance."),
        ("order 1042", "Show order 1042."),
        ("help cancel", help_text("cancel")),
    ],
)
def test_a_command_is_answered_in_words(text, shown):
    assert show_command(parse(text)) == shown
