"""Currencies: which codes there are, and what an amount of one is in another."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Final

from handover.errors import Invalid
from handover.models import ExchangeRate, Programme

CENT: Final = Decimal("0.01")

_IN_USE: Final = """
    AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLP
    CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR
    ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT
    MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD
    SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VES VND
    VUV WST XAF XCD XOF XPF YER ZAR ZMW ZWG LTL
"""
CODES: Final = frozenset(_IN_USE.split())
"""Codes of ISO 4217 for money in use, and the litas, in which older Lithuanian grants are kept."""


def known(code: str, *, field: str, named: str) -> None:
    """Check a currency's code.

    Raises:
        Invalid: it is none.
    """
    if code not in CODES:
        raise Invalid(
            "unknown_currency",
            f"“{code}” of “{named}” is no currency code (ISO 4217: EUR, RON …).",
            field=field,
        )


class Rates:
    """The rates that a programme keeps. A pair is read both ways; no rate is made up of two others."""

    def __init__(self, rows: Iterable[ExchangeRate]) -> None:
        self._pairs: defaultdict[tuple[str, str], list[ExchangeRate]] = defaultdict(list)
        for row in sorted(rows, key=lambda item: item.since, reverse=True):
            self._pairs[row.currency, row.into].append(row)

    def find(self, currency: str, into: str, on: dt.date) -> ExchangeRate | None:
        """Give the latest rate between two currencies that holds on a day, whichever way round it is kept."""
        found = [
            row
            for pair in ((currency, into), (into, currency))
            for row in self._pairs.get(pair, ())
            if row.since <= on
        ]
        return max(found, key=lambda row: (row.since, row.currency == currency), default=None)

    def convert(self, amount: Decimal, currency: str, into: str, *, on: dt.date, named: str) -> Decimal:
        """Give an amount in another currency, rounded to cents; in its own it stays as it is.

        Args:
            named: what is converted, for the sentence.

        Raises:
            Invalid: no rate between the two holds on that day.
        """
        if currency == into:
            return amount
        rate = self.find(currency, into, on)
        if rate is None:
            raise Invalid(
                "rate_missing",
                f"“{named}” is in {currency}, and there is no rate between {currency} and {into} for {on:%d %B %Y}: "
                "enter one (budget rate).",
                field="currency",
                currency=currency,
                into=into,
                on=on.isoformat(),
            )
        exact = amount * rate.rate if rate.currency == currency else amount / rate.rate
        return exact.quantize(CENT, ROUND_HALF_EVEN)


def rates(programme: Programme) -> Rates:
    """Read a programme's rates, in one query."""
    return Rates(ExchangeRate.objects.filter(programme=programme))
