"""What an option is worth: Black and Scholes (1973), Black (1976) for futures, with a smile.

Model values are floats; they become Decimals on a tick grid where they are quoted.
"""

import math
from dataclasses import dataclass

RATE = 0.04  # risk-free, yearly, continuously compounded
_ROOT_TWO_PI = math.sqrt(2 * math.pi)


@dataclass(frozen=True, slots=True)
class Greeks:
    """Per share or point: vega and rho per 1.00 of volatility or rate, theta per day."""

    price: float
    volatility: float
    delta: float
    gamma: float
    theta: float
    vega: float
    rho: float


def normal_cdf(x: float) -> float:
    return 0.5 * math.erfc(-x / math.sqrt(2))


def smile(at_the_money: float, spot: float, strike: float, years: float) -> float:
    """Return the volatility of a strike: downside strikes are dearer, both wings curve up."""
    distance = math.log(strike / spot) / math.sqrt(max(years, 1 / 52))
    bent = at_the_money * (1 - 0.45 * distance + 0.9 * distance * distance)
    return min(max(bent, 0.6 * at_the_money), 2.5 * at_the_money)


def price_option(
    *,
    call: bool,
    spot: float,
    strike: float,
    years: float,
    volatility: float,
    on_future: bool = False,
    rate: float = RATE,
) -> Greeks:
    """Value a European option; at or after expiry it is worth its intrinsic value.

    `spot` is the underlying's price, a futures price where `on_future` (then nothing is carried).
    """
    sign = 1.0 if call else -1.0
    if years <= 0:
        intrinsic = max(sign * (spot - strike), 0.0)
        return Greeks(intrinsic, volatility, sign if intrinsic else 0.0, 0.0, 0.0, 0.0, 0.0)
    carry = 0.0 if on_future else rate
    deviation = volatility * math.sqrt(years)
    d1 = (math.log(spot / strike) + carry * years) / deviation + deviation / 2
    d2 = d1 - deviation
    grown = spot * math.exp((carry - rate) * years)
    discounted = strike * math.exp(-rate * years)
    density = math.exp(-d1 * d1 / 2) / _ROOT_TWO_PI
    price = sign * (grown * normal_cdf(sign * d1) - discounted * normal_cdf(sign * d2))
    decay = -grown * density * volatility / (2 * math.sqrt(years))
    interest = -sign * rate * discounted * normal_cdf(sign * d2)
    return Greeks(
        price=max(price, 0.0),
        volatility=volatility,
        delta=sign * grown / spot * normal_cdf(sign * d1),
        gamma=grown / spot * density / (spot * deviation),
        theta=(decay + interest) / 365,
        vega=grown * density * math.sqrt(years),
        rho=sign * years * discounted * normal_cdf(sign * d2),
    )
