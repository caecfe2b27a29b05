"""Posts: numbers that are taken once, who pays them day by day, and the stages on the way to being filled."""

from __future__ import annotations

import datetime as dt
import itertools
from collections import defaultdict
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handover.access import asking
from handover.actions import posts, registers
from handover.errors import Invalid, NotAllowed, NotFound, Stale
from handover.models import LedgerEntry, Post, PostFunding, Programme, Responsibility
from handover.models.registers import Source
from handover.queries.posts import DAY, findings, spells
from tests.factories.cast import Cast
from tests.factories.registers import post
from tests.factories.transfers import responsibilities_of

database = pytest.mark.django_db
JUNE, JULY, AUGUST = dt.date(2024, 6, 30), dt.date(2024, 7, 1), dt.date(2024, 8, 31)


@pytest.fixture
def service(cast: Cast, programme: Programme) -> Responsibility:
    return responsibilities_of(programme, by=cast.giver)[0]


def edited(cast: Cast, row: Post, reason: str = "", **changes: Any) -> Post:
    return registers.edit(
        by=cast.giver, register=Post, line_uuid=row.uuid, version=row.version, reason=reason, **changes
    )


def funded(cast: Cast, row: Post, source: str, share: str, *days: dt.date) -> PostFunding:
    return posts.fund(
        by=cast.giver,
        post_uuid=row.uuid,
        source=source,
        share=share,
        starts_on=days[0],
        ends_on=days[1] if len(days) > 1 else None,
    )


@database
def test_a_post_number_is_taken_once_at_an_employer_on_any_day(cast: Cast, service: Responsibility) -> None:
    employed = {"number": "17", "employer": cast.receiver.organisation}
    first = post(service, by=cast.giver, ends_on=JUNE, **employed)
    post(service, by=cast.giver, starts_on=JULY, title="Its successor", **employed)
    post(service, by=cast.giver, number="17", employer=cast.donor.organisation)
    post(service, by=cast.giver, title="Nameless"), post(service, by=cast.giver, title="Nameless too")

    with pytest.raises(Invalid) as caught:
        post(service, by=cast.giver, title="A second one", starts_on=JUNE, ends_on=JUNE, **employed)
    assert caught.value.code == "posts_overlap"
    assert "“A second one”" in caught.value.sentence
    assert "“Mediator” (2024-01-01 to 2024-06-30)" in caught.value.sentence
    with pytest.raises(Invalid, match="Its successor"):
        edited(cast, first, ends_on=JULY)
    with asking(cast.giver):
        assert Post.objects.filter(programme=service.programme).count() == 5
        assert Post.objects.get(pk=first.pk).ends_on == JUNE


@database
def test_a_post_is_never_paid_by_more_than_the_whole_on_a_day(cast: Cast, service: Responsibility) -> None:
    row = post(service, by=cast.giver, ends_on=AUGUST)
    grant = funded(cast, row, "grant", "60", dt.date(2024, 1, 1), JUNE)
    funded(cast, row, "municipality", "40", dt.date(2024, 1, 1))

    with pytest.raises(Invalid) as caught:
        funded(cast, row, "state", "0.01", JUNE, JULY)
    assert caught.value.code == "overfunded"
    assert "100.01 % from 30 June 2024 to 30 June 2024" in caught.value.sentence
    with pytest.raises(Invalid) as caught:
        posts.edit_funding(by=cast.giver, funding_uuid=grant.uuid, version=1, share="60.01")
    assert caught.value.code == "overfunded"
    funded(cast, row, "state", "60", JULY)
    changed = posts.edit_funding(by=cast.giver, funding_uuid=grant.uuid, version=1, share="50")
    assert (changed.share, changed.version) == (Decimal(50), 2)
    with pytest.raises(Stale):
        posts.edit_funding(by=cast.giver, funding_uuid=grant.uuid, version=1, share="49")


@database
def test_a_post_is_paid_on_its_own_days_alone(cast: Cast, service: Responsibility) -> None:
    row = post(service, by=cast.giver, ends_on=AUGUST)
    for days in (
        (dt.date(2023, 12, 31), JUNE),
        (JULY, dt.date(2024, 9, 1)),
        (dt.date(2024, 9, 1),),
    ):
        with pytest.raises(Invalid) as caught:
            funded(cast, row, "grant", "10", *days)
        assert caught.value.code == "funding_outside_post"
    funded(cast, row, "grant", "10", JULY, AUGUST)
    with pytest.raises(Invalid, match="does not exist"):
        edited(cast, row, ends_on=JUNE)


@database
@pytest.mark.parametrize(
    ("share", "code"), [("100.01", "share_over_100"), ("-1", "negative_amount"), ("much", "invalid")]
)
def test_a_share_is_between_nothing_and_the_whole(
    cast: Cast, service: Responsibility, share: str, code: str
) -> None:
    row = post(service, by=cast.giver)
    with pytest.raises(Invalid) as caught:
        funded(cast, row, "grant", share, JULY)
    assert (caught.value.code, caught.value.details["field"]) == (code, "share")
    with asking(cast.giver):
        assert not PostFunding.objects.filter(post=row).exists()


@database
def test_a_post_goes_on_from_stage_to_stage_and_back_with_a_reason_alone(
    cast: Cast, service: Responsibility
) -> None:
    row = post(service, by=cast.giver, stage="planned")
    row = edited(cast, row, stage="advertised")
    with pytest.raises(Invalid, match="not filled"):
        edited(cast, row, filled_by="another")
    row = edited(cast, row, stage="filled", filled_by="givers_worker")
    with pytest.raises(Invalid) as caught:
        edited(cast, row, stage="advertised", filled_by="")
    assert caught.value.code == "reason_missing"
    row = edited(cast, row, stage="advertised", filled_by="", reason="The worker left")

    with asking(cast.giver):
        body = LedgerEntry.objects.filter(body__contains="post.edited").order_by("-id")[0].body
    assert '"reason":"The worker left"' in body
    assert '"after":{"filled_by":"","stage":"advertised"}' in body
    assert '"before":{"filled_by":"givers_worker","stage":"filled"}' in body


@database
def test_grant_and_municipality_at_once_are_flagged_with_the_days(
    cast: Cast, service: Responsibility
) -> None:
    shared = post(service, by=cast.giver, title="Shared")
    funded(cast, shared, "grant", "50", JULY, AUGUST)
    funded(cast, shared, "municipality", "50", JULY, AUGUST)
    post(service, by=cast.giver, title="Moved", ends_on=AUGUST)
    moved = post(service, by=cast.giver, title="MOVED", funded_by="municipality", starts_on=JULY)
    post(service, by=cast.giver, title="One after another", ends_on=JUNE)
    post(service, by=cast.giver, title="One after another", funded_by="municipality", starts_on=JULY)
    for actor, source in ((cast.giver, "grant"), (cast.receiver, "municipality")):
        post(service, by=cast.giver, title="Side by side", funded_by=source, employer=actor.organisation)

    with asking(cast.giver):
        found = list(findings(service.programme))

    assert {finding.code for finding in found} == {"paid_twice"}
    assert [finding.sentence for finding in found] == [
        (
            "Day centre › Shared: 50 % by the grant and 50 % by the municipality at once"
            " from 01 July 2024 to 31 August 2024."
        ),
        (
            "Day centre › Moved: 100 % by the grant and 100 % by the municipality at once"
            " from 01 July 2024 to 31 August 2024."
        ),
    ]
    assert found[0].subject == str(shared.uuid)
    edited(cast, moved, starts_on=dt.date(2024, 9, 1))
    with asking(cast.giver):
        assert len(list(findings(service.programme))) == 1


@database
def test_nobody_else_says_who_pays_a_post(cast: Cast, service: Responsibility) -> None:
    row = post(service, by=cast.giver)
    for by, refusal in ((cast.receiver, NotFound), (cast.donor, NotAllowed), (cast.stranger, NotFound)):
        with pytest.raises(refusal):
            posts.fund(by=by, post_uuid=row.uuid, source="grant", share="1", starts_on=JULY)


days = st.dates(dt.date(2024, 1, 1), dt.date(2024, 3, 31))
rows = st.lists(
    st.tuples(st.sampled_from(list(Source)), st.integers(1, 40), days, st.none() | days), max_size=6
)


@given(days, st.none() | days, rows)
def test_spells_say_of_every_day_what_the_rows_say(
    starts: dt.date, ends: dt.date | None, given_rows: list[tuple[Source, int, dt.date, dt.date | None]]
) -> None:
    row = Post(funded_by="other", starts_on=min(starts, ends or starts), ends_on=ends)
    fundings = [
        PostFunding(source=source, share=Decimal(share), starts_on=first, ends_on=last)
        for source, share, first, last in given_rows
        if last is None or first <= last
    ]
    found = spells(row, fundings)

    day = dt.date(2023, 12, 31)
    while day <= dt.date(2024, 4, 1):
        inside = row.starts_on <= day and (row.ends_on is None or day <= row.ends_on)
        expected: defaultdict[Source, Decimal] = defaultdict(Decimal)
        for item in fundings:
            if item.starts_on <= day and (item.ends_on is None or day <= item.ends_on):
                expected[Source(item.source)] += item.share
        said = [
            spell.shares
            for spell in found
            if spell.starts_on <= day and (spell.ends_on is None or day <= spell.ends_on)
        ]
        assert said == ([dict(expected) or {Source.OTHER: Decimal(100)}] if inside else [])
        day += DAY
    assert all(one.shares != two.shares for one, two in itertools.pairwise(found))
