"""Five years in the life of a programme: time moves, checks come due, a promise is broken, and the warning came first.

The same story twice: once by the interface and once by pages. The clock is moved; nobody waits five years.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

import pytest
from django.test import Client
from django.urls import reverse

from handover import clock
from handover.access import Actor, asking
from handover.models import Programme, SustainabilityCheck, Undertaking
from indicators.models import Indicator
from tests.factories.api import Caller, caller
from tests.factories.cast import Cast
from tests.factories.indicators import indicator, reported
from tests.factories.transfers import executed

pytestmark = pytest.mark.django_db

QUARTERS = ((1, 3, 31), (4, 6, 30), (7, 9, 30), (10, 12, 31))


class Hands(Protocol):
    """How somebody acts and reads: by the interface, or by pages."""

    def report(self, by: Actor, value: int, days: tuple[dt.date, dt.date]) -> None: ...

    def promise(self, by: Actor, title: str, first: str) -> None: ...

    def say(self, by: Actor, year: int, outcome: str, reason: str = "") -> None: ...

    def look(self, by: Actor, months: int, part: str, found: str, remark: str = "") -> None: ...

    def hold(self, by: Actor, months: int, remark: str) -> None: ...

    def floor(self, by: Actor, level: str) -> None: ...

    def warnings(self, by: Actor, months: int) -> list[str]: ...

    def overdue(self, by: Actor) -> list[int]: ...

    def score(self, by: Actor, months: int) -> str: ...

    def findings(self, by: Actor) -> int: ...


class Home:
    """A programme, its indicator and the rows that the story needs, found by what they are."""

    def __init__(self, programme: Programme, counted: Indicator) -> None:
        self.programme, self.counted = programme, counted

    def check(self, by: Actor, months: int) -> SustainabilityCheck:
        with asking(by):
            return SustainabilityCheck.objects.get(programme=self.programme, months=months)

    def promised(self, by: Actor) -> Undertaking:
        with asking(by):
            return Undertaking.objects.get(programme=self.programme)


class ByInterface:
    """Requests with tokens."""

    def __init__(self, home: Home) -> None:
        self.home = home

    def of(self, by: Actor) -> Caller:
        """Give somebody a token of today: one of five years ago is over."""
        return caller(by)

    def report(self, by: Actor, value: int, days: tuple[dt.date, dt.date]) -> None:
        first, last = map(str, days)
        said = {"starts_on": first, "ends_on": last, "rows": [{"value": str(value)}]}
        self.of(by).post("values", {"indicator": str(self.home.counted.uuid), **said}).good()

    def promise(self, by: Actor, title: str, first: str) -> None:
        said = {"organisation": str(by.organisation.uuid), "kind": "posts", "title": title}
        programme = str(self.home.programme.uuid)
        self.of(by).post("undertakings", {"programme": programme, "starts_on": first, **said}).good()

    def say(self, by: Actor, year: int, outcome: str, reason: str = "") -> None:
        promised = str(self.home.promised(by).uuid)
        said = {"year": year, "outcome": outcome, "reason": reason}
        self.of(by).post("undertaking-years", {"undertaking": promised, **said}).good()

    def look(self, by: Actor, months: int, part: str, found: str, remark: str = "") -> None:
        check = str(self.home.check(by, months).uuid)
        said = {"part": part, "found": found, "remark": remark}
        self.of(by).post("check-words", {"check": check, **said}).good()

    def hold(self, by: Actor, months: int, remark: str) -> None:
        row = self.home.check(by, months)
        self.of(by).post(f"checks/{row.uuid}/hold", {"remark": remark}, version=row.version).good()

    def floor(self, by: Actor, level: str) -> None:
        said = {"level": level, "reason": "Fewer cannot be served by one mediator"}
        row = self.home.counted
        with asking(by):
            row.refresh_from_db()
        self.of(by).post(f"indicators/{row.uuid}/floor", said).good()

    def warnings(self, by: Actor, months: int) -> list[str]:
        told = self.of(by).get(f"checks/{self.home.check(by, months).uuid}/today").good()
        return [item["warns"] for item in told["warnings"] if item["warns"] != "too_few"]

    def overdue(self, by: Actor) -> list[int]:
        found = self.of(by).get(f"checks?state=planned&due_before={clock.today()}").good()
        return [row["months"] for row in found["results"]]

    def score(self, by: Actor, months: int) -> str:
        row = self.of(by).get(f"checks/{self.home.check(by, months).uuid}").good()
        assert {part["part"] for part in row["result"]["parts"]} >= {"indicators", "undertakings", "voice"}
        return str(row["score"])

    def findings(self, by: Actor) -> int:
        return len(self.of(by).get(f"programmes/{self.home.programme.uuid}/verification").good().body)


WORDS = {"Below its floor": "below", "Heads below its floor": "falls", "May fall below its floor": "may_fall"}


class ByPages(ByInterface):
    """Forms and what stands on pages; values come in as before, their page has a story of its own."""

    def reads(self, by: Actor, name: str, *args: Any) -> str:
        answer = self.client(by).get(reverse(name, args=args))
        assert answer.status_code == 200
        return str(answer.content.decode())

    def sends(self, by: Actor, name: str, *args: Any, **given: Any) -> None:
        answer: Any = self.client(by).post(reverse(name, args=args), given)
        assert answer.status_code == 302, answer.content.decode()[:3000]

    def client(self, by: Actor) -> Client:
        made = Client()
        made.force_login(by.user, backend="django.contrib.auth.backends.ModelBackend")
        return made

    def promise(self, by: Actor, title: str, first: str) -> None:
        said = {
            "organisation": str(by.organisation.uuid),
            "kind": "posts",
            "title": title,
            "starts_on": first,
        }
        self.sends(by, "undertaking-add", self.home.programme.uuid, due_month="3", due_day="31", **said)

    def say(self, by: Actor, year: int, outcome: str, reason: str = "") -> None:
        promised = self.home.promised(by).uuid
        said = {"year": str(year), "outcome": outcome, "reason": reason}
        self.sends(by, "undertaking-say", self.home.programme.uuid, promised, **said)

    def look(self, by: Actor, months: int, part: str, found: str, remark: str = "") -> None:
        row = self.home.check(by, months)
        said = {"part": part, "found": found, "remark": remark}
        self.sends(by, "check-look", self.home.programme.uuid, row.uuid, **said)

    def hold(self, by: Actor, months: int, remark: str) -> None:
        row = self.home.check(by, months)
        said = {"remark": remark, "version": str(row.version)}
        self.sends(by, "check-hold", self.home.programme.uuid, row.uuid, **said)

    def warnings(self, by: Actor, months: int) -> list[str]:
        text = self.reads(by, "check", self.home.programme.uuid, self.home.check(by, months).uuid)
        return [code for word, code in WORDS.items() if f">{word}<" in text]

    def overdue(self, by: Actor) -> list[int]:
        text = self.reads(by, "exceptions")
        return [months for months in (6, 12, 24, 36, 48, 60) if f"The check {months} months after" in text]

    def score(self, by: Actor, months: int) -> str:
        text = self.reads(by, "check", self.home.programme.uuid, self.home.check(by, months).uuid)
        assert "The community’s voice" in text
        score, _, _ = text.partition(" of 100, from ")
        return score.rpartition(">")[2].strip()


@contextmanager
def on(day: str) -> Iterator[None]:
    """Be on a day, at noon."""
    with clock.at(dt.datetime.fromisoformat(f"{day}T12:00:00+00:00")):
        yield


def quarter(number: int) -> tuple[dt.date, dt.date]:
    """Give the first and the last day of a quarter; 0 is the third of 2023."""
    year, at = divmod(number + 2, 4)
    first, last, day = QUARTERS[at]
    return dt.date(2023 + year, first, 1), dt.date(2023 + year, last, day)


@pytest.mark.parametrize("way", [ByInterface, ByPages])
def test_five_years_in_the_life_of_a_programme(
    way: type[ByInterface], cast: Cast, programme: Programme
) -> None:
    counted = indicator(programme, by=cast.giver, title="Families accompanied")
    home = Home(programme, counted)
    hands: Hands = way(home)
    town, community, donor, auditor = cast.receiver, cast.community, cast.donor, cast.auditor

    # 2024: a programme that reaches a hundred families a quarter goes home, and the town promises two mediators.
    with on("2024-06-29"):
        for number in range(4):
            reported(counted, {"": 100}, by=cast.giver, quarter=quarter(number))
        assert hands.findings(auditor) == 0
    with on("2024-07-01"):
        executed(cast, programme)
        hands.promise(town, "Two mediators stay employed", "2024-07-01")
        hands.floor(town, "70")

    # After half a year all is well, everybody says so, and the check keeps it.
    with on("2025-01-01"):
        for number, value in ((4, 98), (5, 93)):
            hands.report(town, value, quarter(number))
        hands.look(community, 6, "voice", "holds")
        hands.look(town, 6, "equipment", "holds")
        hands.say(town, 2024, "kept")
        assert hands.warnings(donor, 6) == []
        hands.hold(town, 6, "Both posts are filled")
        assert hands.score(donor, 6) == "100"
        assert hands.overdue(donor) == []

    # 2025: the numbers go down, slowly; a year after the handover they still hold.
    with on("2025-07-01"):
        for number, value in ((6, 88), (7, 84)):
            hands.report(town, value, quarter(number))
        hands.look(community, 12, "voice", "holds")
        hands.hold(town, 12, "One mediator is on leave")

    # In January 2026 nothing is below its floor; by its trend it will be, before the next check. Nothing is broken yet.
    with on("2026-01-10"):
        for number, value in ((8, 79), (9, 75)):
            hands.report(town, value, quarter(number))
        assert hands.warnings(donor, 24) in (["may_fall"], ["falls"])
        assert hands.overdue(donor) == []

    # In spring the town says what it did not keep, and why; the community had seen it.
    with on("2026-04-10"):
        hands.say(town, 2025, "broken", "One post was struck from the list of posts in September")
        hands.say(community, 2025, "broken", "Nobody has come since autumn")

    # The check two years after finds what the warning said.
    with on("2026-07-05"):
        for number, value in ((10, 66), (11, 61)):
            hands.report(town, value, quarter(number))
        assert hands.warnings(donor, 24) == ["below"]
        hands.look(community, 24, "voice", "weaker", "We are heard less often")
        hands.hold(town, 24, "The council decides on the second post in autumn")
        assert hands.score(donor, 24) == "33.3"

    # Then the town falls silent. Donor and auditor see it without asking.
    with on("2028-02-01"):
        assert hands.overdue(donor) == [36]
        assert hands.overdue(community) == [36] or way is ByPages

    # It comes back: what was not measured stays unknown, and is never a zero.
    with on("2028-06-20"):
        hands.look(community, 36, "voice", "holds")
        hands.hold(town, 36, "Both posts are filled again")
        held = home.check(town, 36).result
        (found,) = (part for part in held["parts"] if part["part"] == "indicators")
        assert [figure["stands"] for figure in found["figures"]] == ["unknown"]
        assert found["score"] is None

    # Five years after, everything that was said still stands where it was said, and the ledger agrees.
    with on("2029-06-30"):
        assert hands.score(donor, 6) == "100"
        assert hands.findings(donor) == 0
