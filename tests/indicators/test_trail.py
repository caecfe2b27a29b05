"""From any figure on a page in at most three links to its values, what they rest on, and the ledger with its proof."""

from __future__ import annotations

import datetime as dt
import json
import re
from typing import Any
from urllib.parse import urljoin

import pytest
from django.test import Client

from handover import merkle
from handover.access import Actor, asking, reach
from handover.actions import checkpoints
from handover.errors import NotFound
from handover.models import Checkpoint, LedgerEntry, Programme
from handover.queries.checkpoints import leaf_bytes
from handover.queries.entry_proofs import entry_proof
from indicators.actions import values
from indicators.models import Indicator, Value
from tests.factories import indicators as measures
from tests.factories import transfers as stories
from tests.factories.api import caller
from tests.factories.cast import Cast
from tests.factories.organisations import OPERATOR
from tests.handover.test_ledger import sealed

pytestmark = pytest.mark.django_db

STEPS = 3


def browser(actor: Actor) -> Client:
    client = Client()
    client.force_login(actor.user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def text_of(answer: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def links_of(page: str, answer: Any) -> set[str]:
    """Give where the links inside a page's own part lead, within the programme's indicators and ledger."""
    main = answer.content.decode().partition("<main")[2]
    found = {urljoin(page, link.replace("&amp;", "&")) for link in re.findall(r'href="([^"#]+)"', main)}
    return {link for link in found if "/indicators/" in link or "/ledger/" in link}


@pytest.fixture
def reported(cast: Cast, programme: Programme) -> Indicator:
    """Give an indicator with values of two groups in a quarter, one of them corrected."""
    found = measures.indicator(programme, by=cast.giver, title="Pupils enrolled")
    measures.reported(found, {"women": "4", "men": "3"}, by=cast.giver_reporter)
    with asking(cast.giver):
        first = Value.objects.order_by("id")[0]
    values.correct(by=cast.giver_officer, value_uuid=first.uuid, value="5", reason="Counted again")
    checkpoints.make(by=OPERATOR)
    return found


def reached(client: Client, page: str) -> dict[str, int]:
    """Follow links from a page, and give in how many steps each address is reached."""
    steps, edge = {page: 0}, [page]
    for step in range(1, STEPS + 1):
        further = []
        for address in edge:
            answer = client.get(address)
            if answer.status_code != 200 or "html" not in answer["Content-Type"]:
                continue
            for link in sorted(links_of(address, answer)):
                if link not in steps and "file=1" not in link:
                    steps[link] = step
                    further.append(link)
        edge = further
    return steps


@pytest.mark.parametrize("who", ["giver", "giver_reporter", "auditor"])
@pytest.mark.parametrize(
    "page", ["{p}", "{p}indicators/", "{p}indicators/{i}/", "{p}indicators/{i}/?by=country", "/portfolio/"]
)
def test_every_page_with_a_figure_leads_to_its_values_in_three_links(
    cast: Cast, programme: Programme, reported: Indicator, who: str, page: str
) -> None:
    actor: Actor = getattr(cast, who)
    start = page.format(p=f"/programmes/{programme.uuid}/", i=reported.uuid)
    found = reached(browser(actor), start)
    with asking(actor):
        standing = {
            f"/programmes/{programme.uuid}/indicators/values/{uuid}/"
            for uuid in Value.objects.filter(revision=1, cell="gender=men").values_list("uuid", flat=True)
        }
    assert standing
    assert standing <= found.keys(), f"{start} does not lead to its values in {STEPS} links"


def test_a_figure_on_the_indicators_page_leads_to_the_proof_in_three_links(
    cast: Cast, programme: Programme, reported: Indicator
) -> None:
    found = reached(browser(cast.auditor), f"/programmes/{programme.uuid}/indicators/")
    with asking(cast.auditor):
        entry = LedgerEntry.objects.filter(
            chain=programme.uuid, body__contains='"verb":"values.reported"'
        ).get()
    assert found[f"/programmes/{programme.uuid}/ledger/{entry.seq}/"] <= STEPS


def test_the_trail_of_a_value_says_all_that_it_rests_on(
    cast: Cast, programme: Programme, reported: Indicator
) -> None:
    with asking(cast.giver):
        corrected = Value.objects.get(revision=2)
        digest = bytes(corrected.digest).hex()
    page = text_of(
        browser(cast.auditor).get(f"/programmes/{programme.uuid}/indicators/values/{corrected.uuid}/")
    )
    for said in (
        "Revision 1: 4",
        "Revision 2: 5",
        "Counted again",
        cast.giver_reporter.user.display_name,
        cast.giver_officer.user.display_name,
        digest,
        "with its proof",
    ):
        assert said in page


def test_what_was_handed_over_since_is_told_with_its_proof(
    cast: Cast, programme: Programme, reported: Indicator
) -> None:
    proof = stories.executed(cast, programme)
    with asking(cast.receiver):
        value = Value.objects.order_by("id")[0]
    page = browser(cast.receiver).get(f"/programmes/{programme.uuid}/indicators/values/{value.uuid}/")
    assert proof.digest in text_of(page)
    assert f"/transfers/{proof.transfer.uuid}/proof/" in page.content.decode()


def test_the_values_of_a_figure_are_those_of_its_days(
    cast: Cast, programme: Programme, reported: Indicator
) -> None:
    measures.reported(reported, {"": "9"}, by=cast.giver, quarter=(dt.date(2024, 4, 1), dt.date(2024, 6, 30)))
    client = browser(cast.giver)
    address = f"/programmes/{programme.uuid}/indicators/{reported.uuid}/figure/"
    assert len(client.get(address).context["values"]) == 3
    assert len(client.get(f"{address}?from=2024-04-01&to=2024-06-30").context["values"]) == 1
    for wrong in ("from=yesterday", "to=2024-02-31"):
        assert client.get(f"{address}?{wrong}").status_code == 404


def test_single_values_are_not_open_to_a_donor(cast: Cast, programme: Programme, reported: Indicator) -> None:
    with asking(cast.giver):
        value = Value.objects.order_by("id")[0]
    client = browser(cast.donor)
    assert client.get(f"/programmes/{programme.uuid}/indicators/{reported.uuid}/figure/").status_code == 404
    assert client.get(f"/programmes/{programme.uuid}/indicators/values/{value.uuid}/").status_code == 404
    assert "/figure/" not in client.get(f"/programmes/{programme.uuid}/indicators/").content.decode()


# --- proofs of entries -------------------------------------------------------------------------------------------


def test_the_proof_that_is_taken_out_is_checked_without_the_installation(
    cast: Cast, programme: Programme, reported: Indicator
) -> None:
    """Everything from the file alone: hashes of the entries, the leaf, the path, the signed root."""
    answer = browser(cast.auditor).get(f"/programmes/{programme.uuid}/ledger/2/?file=1")
    told = json.loads(answer.content)
    previous = bytes.fromhex(told["entries"][0]["previous"])
    for line in told["entries"]:
        entry = LedgerEntry(
            chain=told["chain"],
            seq=line["seq"],
            recorded_at=dt.datetime.strptime(line["recorded_at"], "%Y-%m-%dT%H:%M:%S.%fZ").replace(
                tzinfo=dt.UTC
            ),
            recorded_as=line["recorded_as"],
            body=line["body"],
        )
        previous = sealed(entry, previous)
        assert previous.hex() == line["hash"]
    leaf, note = told["leaf"], json.loads(told["checkpoint"]["note"])
    assert (previous.hex(), told["entries"][-1]["seq"]) == (leaf["hash"], leaf["seq"])
    data = bytes.fromhex(leaf["chain"].replace("-", "")) + leaf["seq"].to_bytes(8, "big") + previous
    path = [bytes.fromhex(step) for step in told["path"]]
    root = bytes.fromhex(note["root"])
    assert merkle.check_inclusion(merkle.leaf_hash(data), leaf["position"], note["size"], path, root)
    assert not merkle.check_inclusion(
        merkle.leaf_hash(data + b"x"), leaf["position"], note["size"], path, root
    )


def test_every_entry_has_a_proof_once_a_checkpoint_is_made(
    cast: Cast, programme: Programme, reported: Indicator
) -> None:
    with asking(cast.giver):
        open_to = reach(cast.giver, programme)
        last = LedgerEntry.objects.filter(chain=programme.uuid).order_by("-seq")[0].seq
        for seq in range(1, last + 1):
            proof = entry_proof(open_to, seq)
            assert proof.leaf is not None
            assert proof.checkpoint is not None
            assert proof.checkpoint == Checkpoint.objects.order_by("size").last()
            assert merkle.check_inclusion(
                merkle.leaf_hash(leaf_bytes(proof.leaf)),
                proof.leaf.position,
                proof.checkpoint.size,
                proof.path,
                bytes(proof.checkpoint.root),
            )
        with pytest.raises(NotFound):
            entry_proof(open_to, last + 1)


def test_an_entry_after_the_last_checkpoint_says_so(
    cast: Cast, programme: Programme, reported: Indicator
) -> None:
    measures.reported(reported, {"": "9"}, by=cast.giver, quarter=(dt.date(2024, 4, 1), dt.date(2024, 6, 30)))
    with asking(cast.giver):
        last = LedgerEntry.objects.filter(chain=programme.uuid).order_by("-seq")[0].seq
    page = text_of(browser(cast.giver).get(f"/programmes/{programme.uuid}/ledger/{last}/"))
    assert "No checkpoint has been made since" in page


def test_an_entry_is_open_to_whoever_may_read_the_ledger(
    cast: Cast, programme: Programme, reported: Indicator
) -> None:
    address = f"/programmes/{programme.uuid}/ledger/1/"
    assert browser(cast.giver).get(address).status_code == 200
    assert browser(cast.giver_reporter).get(address).status_code == 403
    assert browser(cast.stranger).get(address).status_code == 404
    assert browser(cast.giver).get(f"/programmes/{programme.uuid}/ledger/9999/").status_code == 404


def test_the_interface_gives_the_same_proof(cast: Cast, programme: Programme, reported: Indicator) -> None:
    address = f"programmes/{programme.uuid}/entry-proof?seq=2"
    told = caller(cast.auditor).get(address).good().body
    page = browser(cast.auditor).get(f"/programmes/{programme.uuid}/ledger/2/?file=1")
    assert told == json.loads(page.content)
    assert caller(cast.giver_reporter).get(address).status == 403
    assert caller(cast.stranger).get(address).status == 404
