"""Amounts as CRM exports write them, to the exact cent."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal, localcontext
from functools import cache
from types import MappingProxyType
from typing import NamedTuple

from babel.core import UnknownLocaleError
from babel.numbers import get_currency_name, list_currencies

from roadmap.models.base import MOST_CENTS

from .values import Unreadable, is_blank, shown, text

DECIMALS = (".", ",")

_DOLLARS = frozenset({"USD", "CAD", "AUD", "NZD", "SGD", "HKD", "MXN", "TWD", "CLP", "COP", "ARS"})
_RUPEES = frozenset({"INR", "PKR", "LKR", "NPR", "MUR"})
#: Which currencies a sign may stand for.
_SIGNS: Mapping[str, frozenset[str]] = {
    "$": _DOLLARS,
    "£": frozenset({"GBP", "EGP"}),
    "¥": frozenset({"JPY", "CNY"}),
    **dict.fromkeys(("kr", "kr.", "Kr", "Kr."), frozenset({"SEK", "NOK", "DKK", "ISK"})),
    **dict.fromkeys(("Rs", "Rs.", "₨"), _RUPEES),
    "KSh": frozenset({"KES"}),
    **{
        sign: frozenset({code})
        for code, signs in {
            "USD": "US$ U$S", "AUD": "A$ AU$", "CAD": "C$ CA$ CAD$", "NZD": "NZ$", "SGD": "S$ SG$",
            "HKD": "HK$", "TWD": "NT$", "MXN": "MX$ Mex$", "BRL": "R$", "EUR": "€", "INR": "₹",
            "KRW": "₩", "ILS": "₪", "PLN": "zł zl", "CZK": "Kč Kc", "TRY": "₺ TL", "MYR": "RM",
            "CHF": "Fr. SFr. SFr", "HUF": "Ft", "RUB": "₽", "UAH": "₴", "VND": "₫",
            "THB": "฿", "PHP": "₱", "NGN": "₦", "GHS": "₵", "CRC": "₡", "KZT": "₸", "GEL": "₾",
            "IDR": "Rp Rp.", "ZAR": "R", "CNY": "CN¥ RMB 元", "JPY": "JP¥ 円", "BGN": "лв",
            "PYG": "₲", "PEN": "S/ S/.", "AED": "Dhs Dhs.", "RON": "lei Lei",
        }.items()
        for sign in signs.split()
    },
}  # fmt: skip
_TWO = re.compile(r"([^()]+?)\s*\(([^()]+)\)")
_PARTS = re.compile(r"([^0-9.,]*(?:(?<=[A-Za-z])\.\s*)?)([.,]?[0-9][0-9.,'’\s]*)([^0-9]*)")
_GROUPED = re.compile(r"[0-9]{1,3}(?:([ '’])[0-9]{3})(?:\1[0-9]{3})*(?:[.,][0-9]+)?")
_THOUSANDS = {
    mark: re.compile(rf"[0-9]{{1,3}}(?:\{mark}[0-9]{{2,3}})*\{mark}[0-9]{{3}}") for mark in DECIMALS
}
_ONE_GROUP = re.compile(r"[1-9][0-9]{0,2}[.,][0-9]{3}")
#: 1.200,- and 1'200.-- and 1 200:- have no cents.
_NO_CENTS = re.compile(r"(?<=[0-9])([.,:])\s?(?:--?|[–—])(?![0-9])")
#: A currency that a column's label ends with: Amount (€), Betrag [EUR].
_UNIT = re.compile(r"[(\[]\s*([^()\[\]]{1,5}?)\s*[)\]]\s*")
_SCIENTIFIC = re.compile(r"[0-9.,]+[eE][+-]?[0-9]+")


class AmbiguousNumber(Unreadable):
    """1,234 or 1.234: a mark that may group thousands or begin the fraction; `mark` says which."""

    def __init__(self, value: str, mark: str) -> None:
        super().__init__(f"“{shown(value)}” can be read with {mark} as thousands or decimal mark")
        self.mark = mark


class Figure(NamedTuple):
    """A number with its currency: a code, a sign, or "" where nothing is said."""

    number: Decimal
    currency: str
    #: The decimal mark that this figure shows for certain; None where it shows none.
    decimal: str | None


class Amount(NamedTuple):
    """`cents` is None where it is blank, or where `foreign` names a currency that is not ours."""

    cents: int | None
    foreign: str = ""
    rounded: bool = False


def plain_cents(cell: str) -> int | None:
    """The cents of a bare figure that every locale with a decimal point reads alike; else None.

    Nearly all amounts are such, and most differ: this must not cost what reading others does.
    """
    digits = cell[:-3] + cell[-2:] if cell[-3:-2] == "." else cell + "00"
    if 2 < len(digits) <= 13 and digits.isdecimal() and digits.isascii():
        return int(digits)
    return None


def amount(
    cell: str, currency: str, decimal: str | None = None, said: str = "",
    signs: Mapping[str, str] = MappingProxyType({}),
) -> Amount:  # fmt: skip
    """An amount in whole cents of `currency`; blank is unknown, which is not 0.

    `decimal` settles 1,234 and 1.234; `said` is what a currency column says of this figure, `signs`
    which currency a sign is that several share. Of
    "AED 1,500.00 (USD 1,000.00)" the figure in `currency` is taken. Raises Unreadable for what is
    no amount, is negative or too large, and AmbiguousNumber.
    """
    if is_blank(cell):
        return Amount(None)
    said = signs.get(said, said)
    found = [
        each._replace(currency=signs.get(each.currency, each.currency))
        for each in figures(cell, decimal)
    ]
    own = [each for each in found if is_currency(each.currency or said, currency)]
    named = [each for each in own if each.currency and len(found) > 1]
    if not own:
        return Amount(None, foreign=found[0].currency or said)
    if len(found) == 1 and said and not is_currency(said, currency):
        return Amount(None, foreign=said)
    return in_cents((named or own)[0].number, cell)


def in_cents(number: Decimal, cell: str) -> Amount:
    """A figure in whole cents, half a cent rounded up; Unreadable above the largest amount."""
    with localcontext(prec=200):
        exact = number * 100
        cents = int(exact.to_integral_value(ROUND_HALF_UP))
    if cents > MOST_CENTS:
        raise Unreadable(f"“{shown(cell)}” is more than {MOST_CENTS // 100:,}")
    return Amount(cents, rounded=exact != cents)


def figures(cell: str, decimal: str | None = None) -> list[Figure]:
    """The one or two figures in a cell, each with its currency."""
    value = _NO_CENTS.sub(_no_cents, text(cell)).replace("\N{MINUS SIGN}", "-")
    if len(value) > 120:
        raise Unreadable(f"“{shown(value)}” is no amount")
    if value.startswith("(") and value.endswith(")"):
        raise Unreadable(f"the amount {shown(value)} is negative")
    two = _TWO.fullmatch(value)
    parts = (two[1], two[2]) if two else (value,)
    return [_figure(part.strip(), decimal) for part in parts]


def is_figure(cell: str) -> bool:
    """Whether a cell may be an amount."""
    try:
        return bool(figures(cell, "."))
    except Unreadable:
        return False


def number(cell: str, decimal: str | None = None) -> Decimal:
    """A bare figure of zero or more; raises Unreadable or AmbiguousNumber."""
    return figures(cell, decimal)[0].number


def is_currency(said: str, currency: str) -> bool:
    """Whether a code, a sign or an English name stands for `currency`; "" does."""
    said = said.strip()
    if not said or said.upper() == currency:
        return True
    if currency in _SIGNS.get(said, ()):
        return True
    return said.casefold() in _names(currency)


@cache
def _codes() -> frozenset[str]:
    return frozenset(list_currencies())


@cache
def _names(currency: str) -> frozenset[str]:
    try:
        names = {get_currency_name(currency, count, locale="en") for count in (None, 1, 2)}
    except (UnknownLocaleError, LookupError):
        return frozenset()
    return frozenset(name.casefold() for name in names)


def _figure(part: str, decimal: str | None) -> Figure:
    if _SCIENTIFIC.fullmatch(part):
        raise Unreadable(f"the amount {shown(part)} is in scientific notation: digits are lost")
    match = _PARTS.fullmatch(part)
    if not match:
        raise Unreadable(f"“{shown(part)}” is no amount")
    before, digits, after = match[1].strip(), match[2].strip(), match[3].strip()
    if "-" in before or "-" in after:
        raise Unreadable(f"the amount {shown(part)} is negative")
    currency = (before.lstrip("+").strip() + after).strip()
    if (before.lstrip("+").strip() and after) or not may_be_currency(currency):
        raise Unreadable(f"“{shown(part)}” is no amount")
    value, shows = _number(digits, decimal)
    code = currency if currency in _SIGNS else currency.upper()
    return Figure(value, known_as(code), shows)


def known_as(said: str) -> str:
    """The code of what a sign stands for, where that is one currency alone; else as it is."""
    meant = _SIGNS.get(said, ())
    return next(iter(meant)) if len(meant) == 1 else said


def meanings(said: str) -> frozenset[str]:
    """The codes of the currencies that a sign may stand for; none for anything else."""
    return _SIGNS.get(said, frozenset())


def described(code: str) -> str:
    """A code with its currency's name: “SEK, Swedish Krona”."""
    return f"{code}, {get_currency_name(code, locale='en')}"


def is_known(said: str) -> bool:
    """Whether it is a sign or a code of a currency."""
    return said in _SIGNS or said.upper() in _codes()


def unit_of(label: str) -> tuple[str, str]:
    """A column's label without the currency that it ends with, and that currency, or ""."""
    for match in _UNIT.finditer(label):
        said = match[1]
        if match.end() == len(label) and is_known(said):
            return label[: match.start()], known_as(said if said in _SIGNS else said.upper())
    return label, ""


def _no_cents(match: re.Match[str]) -> str:
    return "" if match[1] == ":" else f"{match[1]}00"


def may_be_currency(said: str) -> bool:
    """Whether it is a sign, or looks like a code; nothing may be one, too."""
    return not said or said in _SIGNS or (len(said) == 3 and said.isascii() and said.isalpha())


def _number(digits: str, decimal: str | None) -> tuple[Decimal, str | None]:
    """The value, and the decimal mark that it shows for certain."""
    original = digits
    spaced = any(mark in digits for mark in " '’")
    if spaced:
        if not _GROUPED.fullmatch(digits):
            raise Unreadable(f"“{shown(digits)}” is no amount")
        digits = digits.translate({ord(mark): None for mark in " '’"})
    mark = _decimal_mark(digits, decimal, certain=spaced)
    shows = mark
    if mark is None:
        groups = next((each for each in DECIMALS if each in digits), None)
        shows = (
            {",": ".", ".": ",", None: None}[groups] if digits.count(groups or "-") > 1 else None
        )
    whole, _, fraction = digits.partition(mark) if mark else (digits, "", "")
    whole = _without_groups(whole, original)
    if not (whole + fraction).isdecimal():
        raise Unreadable(f"“{shown(original)}” is no amount")
    if decimal and shows and shows != decimal:
        raise Unreadable(f"“{shown(original)}” is no amount with the decimal mark {decimal}")
    return Decimal(f"{whole or '0'}.{fraction or '0'}"), shows


def _decimal_mark(digits: str, decimal: str | None, *, certain: bool) -> str | None:
    """Which mark begins the fraction; None for whole numbers. Raises AmbiguousNumber."""
    present = [mark for mark in DECIMALS if mark in digits]
    if len(present) == 2:
        return max(present, key=digits.rfind)
    if not present or digits.count(present[0]) > 1:
        return None
    mark = present[0]
    if certain or not _ONE_GROUP.fullmatch(digits):
        return mark
    if decimal is None:
        raise AmbiguousNumber(digits, mark)
    return mark if mark == decimal else None


def _without_groups(whole: str, original: str) -> str:
    for mark in DECIMALS:
        if mark in whole:
            if not _THOUSANDS[mark].fullmatch(whole):
                raise Unreadable(f"“{shown(original)}” is no amount")
            return whole.replace(mark, "")
    return whole
