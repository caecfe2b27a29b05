"""Nothing on a page is said in one language alone: every page is rendered in a language that brackets what was
translated, and what stands outside brackets must come from the database."""

from __future__ import annotations

import calendar
import html
import re
from collections.abc import Callable, Iterator
from typing import Any, Final

import pytest
from django.apps import apps
from django.utils import translation

from handover.access import asking
from handover.models import Programme
from handover.queries import instruments, obligation_rules
from tests.contracts.api_world import Phase, Scene, scene
from tests.contracts.page_world import client_of, page_routes
from tests.factories.cast import Cast

OPEN, CLOSE = "⟦", "⟧"
SILENT: Final = re.compile(
    r"<(script|style|svg|pre|code|title|option|time|dfn)\b.*?</\1>|<!--.*?-->", re.DOTALL
)
SPOKEN: Final = re.compile(r'\b(?:aria-label|alt|placeholder|title)="([^"]*)"')
TAG: Final = re.compile(r"<[^>]+>")
WORD: Final = re.compile(r"[^\W\d_]{3,}")
ALWAYS: Final = frozenset(calendar.month_name) | frozenset(
    ("english", "română", "lietuvių", "utc", "eet", "eest")
)
"""Words of dates, which CLDR writes, and the names of languages in themselves."""

ENGLISH_ALONE: Final = {
    "api/docs/": "the description of the interface is in English, and the accessibility statement says so",
    "api/docs/<slug:noun>/": "the description of the interface is in English, and the accessibility statement says so",
    "api/problems": "titles come from handover/wording, by the reader's language",
    "api/openapi.yaml": "no page",
}
"""Pages whose texts are not translated, each with the reason."""


SEALED: Final = frozenset(("handover.AccessSpan", "handover.ChainHead", "handover.PersonName"))
"""Tables that the web role may not read."""


@pytest.fixture
def bracketed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every translation stand in brackets."""

    def one(text: Any) -> str:
        return f"{OPEN}{text}{CLOSE}" if text else ""

    def counted(singular: str, plural: str, number: Any) -> str:
        return one(singular if number == 1 else plural)

    replaced: dict[str, Callable[..., str]] = {
        "gettext": one,
        "ngettext": counted,
        "pgettext": lambda context, text: one(text),
        "npgettext": lambda context, singular, plural, number: counted(singular, plural, number),
    }
    for name, function in replaced.items():
        monkeypatch.setattr(vars(translation)["_trans"], name, function, raising=False)


@pytest.mark.slow
@pytest.mark.usefixtures("bracketed")
def test_every_text_of_every_page_is_marked_for_translation(cast: Cast, programme: Programme) -> None:
    made = scene(Phase.DURING, cast, programme)
    caller = next(item for item in made.callers if item.name == "giver manager")
    client = client_of(caller)
    known = _words_of_the_database(made)
    unmarked: dict[str, list[str]] = {}
    for page in page_routes():
        if "GET" not in page.methods or page.route in ENGLISH_ALONE:
            continue
        answer = client.get(page.address(made.home))
        if answer.status_code == 200 and "html" in answer.headers.get("Content-Type", ""):
            left = sorted({word for text in outside(answer.content.decode()) for word in WORD.findall(text)})
            if found := [word for word in left if word.lower() not in known]:
                unmarked[page.route] = found
    assert unmarked == {}


def outside(page: str) -> Iterator[str]:
    """Give the texts of a page that stand outside brackets: between tags, and in attributes that are read out."""
    body = SILENT.sub(" ", page)
    for text in (TAG.sub(" ", body), *SPOKEN.findall(body)):
        plain = html.unescape(text)
        while (fewer := re.sub(rf"{OPEN}[^{OPEN}{CLOSE}]*{CLOSE}", " ", plain)) != plain:
            plain = fewer
        yield plain


def test_what_is_outside_is_found() -> None:
    found = "".join(
        outside(f'<p aria-label="left">{OPEN}in {OPEN}deep{CLOSE}{CLOSE} <b>out</b></p><style>no</style>')
    )
    assert WORD.findall(found) == ["out", "left"]


def _words_of_the_database(made: Scene) -> frozenset[str]:
    """Give every word that stands in a row which the reader can see, or in questions and rules that ship with the
    toolkit."""
    found = {word.lower() for word in ALWAYS}
    found |= {word.lower() for row in instruments.shipped() for word in WORD.findall(str(row))}
    found |= {word.lower() for word in WORD.findall(obligation_rules.FILE.read_text("utf-8"))}
    caller = next(item for item in made.callers if item.name == "giver manager")
    with asking(caller.actor):
        for model in apps.get_models():
            if model._meta.app_label in ("handover", "interventions", "indicators"):
                if model._meta.label in SEALED:
                    continue
                for row in model._default_manager.all().values_list():
                    found |= {word.lower() for value in row for word in WORD.findall(str(value))}
    return frozenset(found)
