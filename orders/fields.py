"""Columns of money, of prices and of what others say."""

from typing import Any

from django.db import models


class PriceField(models.DecimalField[Any, Any]):
    """USD per share or point, to four places (equities below a dollar trade in hundredths of a cent)."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **({"max_digits": 14, "decimal_places": 4} | kwargs))


class MoneyField(models.DecimalField[Any, Any]):
    """USD, to the cent."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **({"max_digits": 16, "decimal_places": 2} | kwargs))


class ToldField(models.CharField[str, str]):
    """What others say, cut to what the column holds: a long sentence must not keep a fact from its row."""

    def get_prep_value(self, value: Any) -> Any:
        prepared = super().get_prep_value(value)
        return prepared[: self.max_length] if isinstance(prepared, str) else prepared

    def deconstruct(self) -> tuple[str, str, Any, Any]:
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.CharField", args, kwargs  # the column itself is no other
