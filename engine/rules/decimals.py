"""Numbers as decimals, as FEEL counts them (DMN 1.5, section 10.3.2.3.1): 0.1 + 0.2 is 0.3.

A number of the language is an int or a float. A float stands for the decimal that it is written as,
so that it may pass through JSON; what is worked out is worked out in decimals, and given as the
float that is written so. Whole numbers are ints.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import ROUND_FLOOR, Context, Decimal, InvalidOperation, localcontext

Number = int | float

_DIGITS = 34
"""Of a decimal128 (IEEE 754-2008), as the standard asks."""


def in_decimals(work: Callable[[Decimal, Decimal], Decimal], left: Number, right: Number) -> Number:
    """Return `work` of two numbers.

    Raises:
        ArithmeticError: division by zero, or a number without end.
    """
    with localcontext(Context(prec=_DIGITS)):
        return number_of(work(decimal_of(left), decimal_of(right)))


def decimal_of(number: Number) -> Decimal:
    """Return the decimal that a number is written as."""
    return Decimal(number) if isinstance(number, int) else Decimal(repr(number))


def number_of(decimal: Decimal) -> Number:
    """Return a decimal as an int if it is whole, else as the nearest float."""
    if not decimal.is_finite():
        raise InvalidOperation("the number has no end")
    if decimal == decimal.to_integral_value() and decimal.adjusted() < _DIGITS:
        return int(decimal)
    return float(decimal)


def quotient(left: Decimal, right: Decimal) -> Decimal:
    """Return the whole number of times that `right` goes into `left`, rounded down."""
    return (left / right).to_integral_value(rounding=ROUND_FLOOR)


def remainder(left: Decimal, right: Decimal) -> Decimal:
    """Return what `quotient` leaves, with the sign of `right`."""
    return left - right * quotient(left, right)


def total(numbers: Iterable[Number]) -> Number:
    """Return the sum of numbers."""
    with localcontext(Context(prec=_DIGITS)):
        return number_of(sum(map(decimal_of, numbers), Decimal()))
