"""What a person reads, in their language: dates, numbers and money as people there write them (CLDR, by Babel), the
kernel's English texts translated, refusals said.

Everything here speaks the language that is active (``django.utils.translation``): the reader's, not the tenant's.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any, Final

from babel import Locale, dates, numbers
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext, ngettext, trans_real

from handover.errors import DomainError, Gate
from handover.wording import title

LOCALES: Final = {"en": "en_GB", "ro": "ro_RO", "lt": "lt_LT"}
"""The CLDR locale of each language of the house."""
NOTHING: Final = "–"
"""What stands where there is nothing to say."""
FRACTION: Final = {"ro": 1, "lt": 2}
"""Which of a language's plural forms goes with a fraction, by CLDR's rules: gettext itself counts whole things only."""
ZONES: Final = {"RO": "Europe/Bucharest", "LT": "Europe/Vilnius"}
"""Whose clock an organisation of a country reads; UTC elsewhere."""


def language() -> str:
    """Give the active language as two letters: ``en``, ``ro`` or ``lt``."""
    code = (get_language() or "en")[:2]
    return code if code in LOCALES else "en"


def locale() -> Locale:
    """Give the CLDR locale of the active language."""
    return Locale.parse(LOCALES[language()])


def day(value: dt.date | dt.datetime | None) -> str:
    """Write a day: ``23 November 2026``, ``23 noiembrie 2026``, ``2026 m. lapkričio 23 d.``."""
    return dates.format_date(_day(value), "long", locale=locale()) if value else NOTHING


def short_day(value: dt.date | dt.datetime | None) -> str:
    """Write a day in figures, for tables: ``23/11/2026``, ``23.11.2026``, ``2026-11-23``."""
    return dates.format_date(_day(value), SHORT[language()], locale=locale()) if value else NOTHING


SHORT: Final = {"en": "dd/MM/y", "ro": "dd.MM.y", "lt": "y-MM-dd"}


def month(value: dt.date | None) -> str:
    """Write a month and its year: ``November 2026``."""
    return dates.format_skeleton("yMMMM", value, locale=locale()) if value else NOTHING


def moment(value: dt.datetime | None) -> str:
    """Write a day and a time on the reader's clock: ``23 November 2026, 14:05 EET``."""
    if value is None:
        return NOTHING
    here = timezone.localtime(value) if timezone.is_aware(value) else value
    return f"{day(here)}, {here:%H:%M} {here.tzname() or ''}".strip()


def number(value: int | Decimal | str | None) -> str:
    """Write a number with its groups: ``1,234.5``, ``1.234,5``, ``1 234,5``."""
    if value is None or value == "":
        return NOTHING
    return numbers.format_decimal(
        Decimal(value), locale=locale(), decimal_quantization=False, group_separator=True
    )


def percent(value: int | Decimal | str | None) -> str:
    """Write a share that is given in hundredths: ``12.5%``, ``12,5 %``."""
    if value is None or value == "":
        return NOTHING
    return numbers.format_percent(Decimal(value) / 100, locale=locale(), decimal_quantization=False)


def money(value: int | Decimal | str | None, currency: str = "") -> str:
    """Write an amount with the code of its currency: ``1,234.50 EUR``."""
    if value is None or value == "":
        return NOTHING
    written = numbers.format_decimal(Decimal(value), format="#,##0.00", locale=locale())
    return f"{written}\u00a0{currency}".strip()


def size(value: int | None) -> str:
    """Write a number of bytes in the unit that reads best."""
    if value is None:
        return NOTHING
    amount, unit = Decimal(value), "B"
    for larger in ("kB", "MB", "GB"):
        if amount < 1000:
            break
        amount, unit = amount / 1000, larger
    places = Decimal(1) if unit == "B" or amount >= 100 else Decimal("0.1")
    return f"{number(amount.quantize(places))}\u00a0{unit}"


def counted(singular: str, plural: str, count: int | Decimal) -> str:
    """Say a count in the form that goes with it, fractions included; both texts hold ``%(count)s``.

    >>> counted("%(count)s day", "%(count)s days", 2)
    '2 days'
    """
    whole = count == int(count)
    said = ngettext(singular, plural, int(count)) if whole else _of_fraction(singular, plural)
    return said % {"count": number(count)}


def _of_fraction(singular: str, plural: str) -> str:
    """Give the plural form that goes with a fraction."""
    if language() in FRACTION:
        known: Any = trans_real.catalog()
        found: str | None = known._catalog.get((singular, FRACTION[language()]))  # noqa: SLF001
        if found:
            return found
    return plural


def translated(text: str | Promise | None) -> str:
    """Give a text of the kernel (a label, a help sentence, a name) in the active language."""
    return gettext(str(text)) if text else ""


def refusal(error: DomainError | Gate) -> str:
    """Say why something was refused: the sentence in English, elsewhere what its code is called there."""
    return gettext(error.sentence) if language() == "en" else title(error.code, language())


def _day(value: dt.date | dt.datetime) -> dt.date:
    if isinstance(value, dt.datetime):
        return (timezone.localtime(value) if timezone.is_aware(value) else value).date()
    return value
