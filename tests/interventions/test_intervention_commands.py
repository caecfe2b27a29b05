"""`handover intervention` and `handover service`, as they are typed."""

from __future__ import annotations

import datetime as dt

import pytest

from handover.access import asking
from handover.models import Programme
from interventions.models import Intervention, Service
from tests.factories import interventions as make
from tests.factories.cast import Cast
from tests.factories.voices import consultation
from tests.handover.command_line import refused, said, told


@pytest.fixture
def who(cast: Cast) -> tuple[str, str]:
    """Give the words that say who acts."""
    return "--as", cast.giver.user.email


@pytest.fixture
def named(programme: Programme) -> str:
    """Give the programme as it is typed."""
    return str(programme.identifier)


@pytest.fixture
def work(programme: Programme, cast: Cast) -> Intervention:
    """Give an intervention that has begun."""
    return make.intervention(programme, by=cast.giver, title="Day centre", starts_on=dt.date(2024, 1, 1))


def test_an_intervention_is_added_and_shown(named: str, who: tuple[str, str]) -> None:
    made = told(
        "intervention", "add", named, "--title", "Classes", "--title", "ro=Cursuri", "--field", "education",
        "--also-in", "employment", "--effort", "2.5", "--from", "2024-07-01", *who,
    )  # fmt: skip

    assert made["intervention"]["also_in"] == ["employment"]
    assert made["intervention"]["effort"] == "2.5"
    shown = said("intervention", "show", named, "Classes", *who)
    assert "  education, employment; for everybody; 2024-07-01 to …" in shown.splitlines()
    assert "Classes: answers no need yet" in said("intervention", "list", named, *who)


def test_an_edit_asks_for_its_reason_and_keeps_it(
    programme: Programme, named: str, who: tuple[str, str], work: Intervention, cast: Cast
) -> None:
    consultation(programme, by=cast.giver, title={"en": "Spring assembly"})
    change = ("intervention", "edit", named, "Day centre", "--audience", "children")

    assert refused(*change, *who) == "error: Say why “Day centre” is changed. [reason_missing]"
    said(*change, "--reason", "Parents asked", "--consultation", "Spring", *who)

    lines = said("intervention", "changes", named, *who).splitlines()
    assert lines[1:3] == ["  audience: all → children", "  because: Parents asked"]
    assert "“Spring assembly”" in lines[3]
    found = told("intervention", "changes", named, "--consultation", "Spring", *who)["changes"]
    assert [item["fields"] for item in found] == [
        [{"field": "audience", "before": "all", "after": "children"}]
    ]


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("edit Day_centre --reason Why", "usage"),
        ("edit Nothing --reason Why --audience all", "unknown_intervention"),
        ("edit Day_centre --reason Why --effort -1", "negative_count"),
        ("edit Day_centre --reason Why --effort many", "usage"),
        ("edit Day_centre --reason Why --from soon", "usage"),
        ("edit Day_centre --reason Why --clear effort --effort 2", "given_and_cleared"),
        ("edit Day_centre --reason Why --consultation none --audience all", "unknown_consultation"),
        ("answer Day_centre Nothing --reason Why", "unknown_need"),
        ("after Day_centre Day_centre --reason Why", "dependency_cycle"),
        ("group Day_centre --title Children --people -1 --source School --reason Why", "negative_count"),
        ("group Day_centre --remove --reason Why", "usage"),
        ("place Day_centre RO:NOWHERE --reason Why", "unknown_place"),
        ("partner Day_centre --brings Meals --reason Why", "partner_unnamed"),
        ("volunteers Day_centre --young 1 --from 2024-02-01 --until 2024-01-01", "dates_reversed"),
        ("show Nothing", "unknown_intervention"),
    ],
)
def test_what_is_typed_wrongly_is_refused_in_a_line(
    named: str, who: tuple[str, str], work: Intervention, typed: str, code: str
) -> None:
    step, *rest = (word.replace("_", " ") for word in typed.split())

    line = refused("intervention", step, named, *rest, *who)

    assert line.endswith(f"[{code}]")
    assert len(line.splitlines()) == 1


def test_what_hangs_on_an_intervention_is_kept_by_steps(
    programme: Programme, named: str, who: tuple[str, str], work: Intervention, cast: Cast
) -> None:
    make.intervention(programme, by=cast.giver, title="Papers")
    why = ("--reason", "The assembly asked", *who)
    at = ("Day centre",)

    said("intervention", "after", named, *at, "Papers", *why)
    said(
        "intervention",
        "group",
        named,
        *at,
        "--title",
        "Children",
        "--people",
        "30",
        "--source",
        "School",
        *why,
    )
    said("intervention", "group", named, *at, "--change", "Children", "--people", "32", *why)
    said("intervention", "partner", named, *at, "--name", "A food bank", "--brings", "Meals", *why)
    said(
        "intervention", "volunteers", named, *at, "--from", "2024-01-01", "--until", "2024-03-31",
        "--young", "4", "--hours", "20", *who,
    )  # fmt: skip
    shown = said("intervention", "show", named, *at, *who)

    for line in (
        "  after Papers (The assembly asked)",
        "  for Children, 32 people (School)",
        "  with A food bank: Meals",
        "  volunteers 2024-01-01 to 2024-03-31: 4 under 30, 0 others, 20 hours, 0 of training",
    ):
        assert line in shown.splitlines()
    said("intervention", "not-after", named, *at, "Papers", *why)
    said("intervention", "group", named, *at, "--change", "Children", "--remove", *why)
    said("intervention", "partner", named, *at, "--change", "food", "--remove", *why)
    giver = cast.giver.organisation.slug
    said("intervention", "partner", named, *at, "--partner", giver, "--brings", "Rooms", *why)
    assert (
        f"  with {cast.giver.organisation}: Rooms"
        in said("intervention", "show", named, *at, *who).splitlines()
    )
    said("intervention", "partner", named, *at, "--change", str(cast.giver.organisation), "--remove", *why)
    gone = told("intervention", "show", named, *at, *who)
    assert [gone["intervention"][part] for part in ("after", "groups", "partners")] == [[], [], []]
    assert len(gone["changes"]) == 9


def test_a_service_goes_its_way(
    programme: Programme, named: str, who: tuple[str, str], work: Intervention, cast: Cast
) -> None:
    make.licence(programme, by=cast.giver, valid_from=dt.date(2024, 1, 1), valid_to=dt.date(2024, 5, 31))
    said(
        "service", "add", named, "Day centre", "--kind", "service", "--title", "Meals", "--unit", "meals",
        "--needs-licence", "--planned", "300", "--reason", "Hungry pupils", *who,
    )  # fmt: skip

    assert refused("service", "start", named, "Meals", *who).endswith("[licence_missing]")
    said("service", "edit", named, "Meals", "--licence", "L-1", "--reason", "It came", *who)
    late = refused("service", "start", named, "Meals", *who)
    assert late == (
        "error: Licence L-1 (“Operating licence”) expired on 2024-05-31: “Meals” cannot start on 2024-06-03. "
        "[licence_expired]"
    )
    said("service", "start", named, "Meals", "--on", "2024-01-15", *who)
    spring = ("--from", "2024-01-01", "--until", "2024-03-31")
    said("service", "deliver", named, "Meals", *spring, "--quantity", "280", "--children", "12", *who)
    assert refused("service", "deliver", named, "Meals", *spring, "--quantity", "1", *who).endswith(
        "[period_overlaps]"
    )
    said(
        "service", "deliver", named, "Meals", "--correct", "2024-01-01", "--quantity", "290",
        "--reason", "A sheet was missed", *who,
    )  # fmt: skip

    assert said("service", "show", named, "Meals", *who).splitlines()[-1] == (
        "  2024-01-01 to 2024-03-31: 290 meals; 12 children, 0 adults"
    )
    assert "  Meals (service): 290 meals in 1 period; licence L-1 until 2024-05-31" in said(
        "service", "list", named, *who
    )
    with asking(cast.giver):
        assert Service.objects.get().started_on == dt.date(2024, 1, 15)


def test_a_stranger_is_told_nothing(named: str, work: Intervention, cast: Cast) -> None:
    stranger = ("--as", cast.stranger.user.email)

    for typed in (
        ("intervention", "list", named),
        ("intervention", "show", named, "Day centre"),
        ("intervention", "edit", named, "Day centre", "--audience", "all", "--reason", "Why"),
        ("service", "list", named),
    ):
        assert refused(*typed, *stranger).endswith("[not_found]")
