"""Lists of the interface over 200,000 guarded programmes and children: ``python -m tests.benchmarks.api``.

Two readers among 1,000: one who reaches 20 of 2,000 programmes, and one who reaches all. The same page filtered by
tenant alone is the reference of the query; a bare view of the REST framework over the same rows (no permission, no
filter, a serializer of its own), behind the same middleware, is the reference of the whole request. Row level security
is on in all.
"""

from __future__ import annotations

import argparse
import datetime as dt
import statistics
import time
from collections.abc import Callable
from typing import Any

from tests.benchmarks.ground import engine_of_its_own, superuser

PROGRAMMES, CHILDREN, ORGANISATIONS, PEOPLE = 2_000, 99, 100, 1_000

WORLD = f"""
INSERT INTO handover_organisation (version, uuid, slug, name, kind, country, lau_code, registration_number,
    iati_identifier, iati_type, languages, small_cells_up_to)
  SELECT 1, gen_random_uuid(), 'org-' || n, 'Organisation ' || n, 'ngo', 'RO', '', '', '', '', '{{}}', 5
    FROM generate_series(0, {ORGANISATIONS}) n;
INSERT INTO auth_group (name)
  SELECT o.uuid || '/' || r FROM handover_organisation o, unnest(ARRAY['manager', 'viewer']) r;
INSERT INTO handover_rolegroup (organisation_id, role, group_id)
  SELECT o.id, split_part(g.name, '/', 2), g.id FROM auth_group g
    JOIN handover_organisation o ON o.uuid::text = split_part(g.name, '/', 1);
INSERT INTO handover_user (password, is_superuser, uuid, email, display_name, language, is_staff, is_active, is_service,
    date_joined)
  SELECT '!', false, gen_random_uuid(), 'p' || n || '@example.org', 'Person ' || n, 'en', false, true, false, now()
    FROM generate_series(0, {PEOPLE - 1}) n;
INSERT INTO handover_membership (user_id, organisation_id, role, starts_at)
  SELECT u.id, o.id, 'manager', now() - interval '1 year' FROM handover_user u
    JOIN handover_organisation o
      ON o.slug = 'org-' || (substr(split_part(u.email, '@', 1), 2)::int % {ORGANISATIONS + 1});
INSERT INTO handover_programme (version, uuid, identifier, title, description, steward_id, status, created_at)
  SELECT 1, gen_random_uuid(), 'XX-' || n, '[{{"lang": "en", "text": "Programme"}}]', '[]', o.id, 'active', now()
    FROM generate_series(0, {PROGRAMMES - 1}) n
    JOIN handover_organisation o ON o.slug = 'org-' || (1 + n % {ORGANISATIONS});
INSERT INTO handover_standing (programme_id, organisation_id, kind, valid, writes)
  SELECT p.id, p.steward_id, 'steward', tstzrange(now() - interval '1 year', NULL), true FROM handover_programme p
  UNION ALL
  SELECT p.id, o.id, 'donor', tstzrange(now() - interval '1 year', NULL), true
    FROM handover_programme p, handover_organisation o WHERE o.slug = 'org-0';
INSERT INTO handover_programmegroupgrant (permission_id, group_id, programme_id)
  SELECT a.id, r.group_id, s.programme_id FROM handover_standing s
    JOIN handover_rolegroup r ON r.organisation_id = s.organisation_id
    JOIN auth_permission a ON a.codename IN ('view', 'export', 'read_ledger', 'sign', 'add_evidence')
    JOIN django_content_type c ON c.id = a.content_type_id AND c.model = 'programme';
INSERT INTO handover_responsibility (version, uuid, programme_id, title, kind, scope, phase, description)
  SELECT 1, gen_random_uuid(), id, 'Day centre', 'service', 'programme', 'phase_over', '' FROM handover_programme;
INSERT INTO handover_post (version, uuid, programme_id, responsibility_id, title, fte, funded_by, starts_on, number,
    qualification, currency, stage, filled_by)
  SELECT 1, gen_random_uuid(), r.programme_id, r.id, 'Mediator', 1, 'grant', '2024-01-01', '', '', '', '', ''
    FROM generate_series(1, {CHILDREN}) n, handover_responsibility r;
ANALYZE;
"""


def medians(work: Callable[[], Any], reference: Callable[[], Any], rounds: int) -> tuple[float, float]:
    """Give the median times of some work and of its reference, in seconds. They take turns, so that what else the
    machine does weighs on both; two runs of each warm them up."""
    times: tuple[list[float], list[float]] = ([], [])
    for number in range(rounds + 2):
        for each, taken in zip((work, reference), times, strict=True):
            began = time.perf_counter()
            each()
            if number > 1:
                taken.append(time.perf_counter() - began)
    return statistics.median(times[0]), statistics.median(times[1])


def line(name: str, measured: float, reference: float, target: float) -> None:
    """Print one row."""
    print(
        f"{name}: {measured * 1000:.2f} ms against {reference * 1000:.2f} ms = {measured / reference:.2f}x"
        f" (target {target}x)",
        flush=True,
    )


def bare_view() -> Callable[..., Any]:
    """Give a view as the REST framework has it, without anything of ours."""
    from rest_framework import generics, pagination, renderers, serializers

    from handover.models import Post

    class Row(serializers.ModelSerializer[Post]):
        class Meta:
            model = Post
            exclude = ("id",)

    class InOrder(pagination.CursorPagination):
        ordering = "id"
        page_size = 50

    class Rows(generics.ListAPIView[Post]):
        queryset = Post.objects.all()
        serializer_class = Row
        pagination_class = InOrder
        authentication_classes = ()
        permission_classes = ()
        filter_backends = ()
        renderer_classes = (renderers.JSONRenderer,)

    return Rows.as_view()


def measure(name: str, slug: str, rounds: int) -> None:
    """Measure the pages of one reader, as queries and as whole requests."""
    from django.conf import settings
    from django.test import Client
    from rest_framework.test import APIRequestFactory

    from handover import clock
    from handover.access import actor_for, asking
    from handover.actions import tokens
    from handover.api.resources import in_programmes
    from handover.models import Organisation, Post, Standing, User

    settings.ROOT_URLCONF = "tests.benchmarks.api_urls"
    settings.REQUESTS_A_MINUTE = {"token": 10**6, "user": 10**6}
    settings.ALLOWED_HOSTS = ["*"]
    organisation = Organisation.objects.get(slug=slug)
    person = User.objects.filter(memberships__organisation=organisation).earliest("id")
    actor = actor_for(person, organisation, channel="api")
    key = tokens.issue(
        by=actor, title="Measured", scopes=["read"], expires_at=clock.now() + dt.timedelta(days=1)
    ).key
    with asking(actor):
        tenant = Standing.objects.filter(organisation=organisation, valid__contains=clock.now())
        for what, start in (("first page", 0), ("page in the middle", 900)):
            page = slice(start, start + 51)
            alone = Post.objects.filter(programme__in=tenant.values("programme")).order_by("id")
            line(
                f"{what} of one {name}",
                *medians(
                    lambda: list(in_programmes(actor, Post.objects.order_by("id"))[page]),  # noqa: B023
                    lambda: list(alone.all()[page]),  # noqa: B023
                    rounds,
                ),
                1.25,
            )
    client = Client(headers={"Authorization": f"Bearer {key}"})
    for address in ("/api/v1/posts", "/api/v1/bare-posts"):
        answer = client.get(address)
        assert len(answer.json()["results"]) == 50, answer.content
    whole = medians(lambda: client.get("/api/v1/posts"), lambda: client.get("/api/v1/bare-posts"), rounds)
    line(f"the whole request of one {name}, against that of a bare view", *whole, 1.5)
    with asking(actor):
        bare, request = bare_view(), APIRequestFactory().get("/posts")
        alone_again = medians(lambda: bare(request).render(), lambda: None, rounds)[0]
    print(f"  (against the bare view alone, without middleware and token: {whole[0] / alone_again:.2f}x)")


def main() -> None:
    """Make the world, measure, remove it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=40)
    asked = parser.parse_args()
    with engine_of_its_own():
        with superuser() as sql:
            sql.execute("SET session_replication_role = replica")
            sql.execute(WORLD)
            sql.execute("VACUUM ANALYZE")
        print(f"{PROGRAMMES} programmes with {CHILDREN} posts each, {PEOPLE} people")
        measure(
            f"who reaches {PROGRAMMES // ORGANISATIONS} of {PROGRAMMES} programmes", "org-1", asked.rounds
        )
        measure("who reaches all", "org-0", asked.rounds)


if __name__ == "__main__":
    main()
