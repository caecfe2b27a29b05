"""The verifier: it accepts a dossier, and finds what somebody changed, however well they covered it."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from handover import clock, keys
from handover.access import asking
from handover.actions import undertakings
from handover.canonical import canonical
from handover.exchange.dossier import verify, writing
from handover.models import Programme
from tests.factories.cast import TODAY, Cast
from tests.factories.indicators import indicator, reported
from tests.factories.transfers import executed
from tests.handover.command_line import said, told

pytestmark = pytest.mark.django_db

FORGER = Ed25519PrivateKey.from_private_bytes(b"f" * 32)
VALUES = "data/tables/indicators.Value.csv"
CHAIN = "data/ledger/chain.jsonl"
PROOF = "data/ledger/proof.json"
KEYS = "data/ledger/keys.json"
Changes: TypeAlias = Callable[[list[dict[str, Any]]], list[dict[str, Any]]]
_WHOLE: dict[str, bytes] = {}
"""A dossier, made once: every test writes it anew."""


@pytest.fixture
def bag(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Give a dossier of a programme with values, evidence and a handover."""
    to = tmp_path / "bag"
    if not _WHOLE:
        cast: Cast = request.getfixturevalue("cast")
        home: Programme = request.getfixturevalue("programme")
        reported(indicator(home, by=cast.giver), {"women": 3, "men": 4}, by=cast.giver)
        with clock.at(TODAY):
            executed(cast, home)
            promise = undertakings.enter(
                by=cast.receiver,
                programme_uuid=home.uuid,
                organisation=cast.receiver.organisation,
                kind="posts",
                title="Two mediators stay",
                starts_on=dt.date(2023, 1, 1),
            )
            undertakings.say(
                by=cast.receiver,
                undertaking_uuid=promise.uuid,
                year=2023,
                outcome="kept",
                content=[b"list of posts"],
                filename="posts.pdf",
            )
            writing.signed(cast.receiver, home.uuid)
            with asking(cast.receiver):
                writing.write(cast.receiver, home.uuid, to)
        _WHOLE.update({p.relative_to(to).as_posix(): p.read_bytes() for p in to.rglob("*") if p.is_file()})
    else:
        for name, content in _WHOLE.items():
            (to / name).parent.mkdir(parents=True, exist_ok=True)
            (to / name).write_bytes(content)
    return to


def codes(bag: Path, key: str = "") -> set[str]:
    return {code for code, _ in verify.check(bag, key=key).wrong}


# --- ways of covering one's tracks ------------------------------------------------------------------


def payload(bag: Path) -> list[str]:
    return sorted(p.relative_to(bag).as_posix() for p in (bag / "data").rglob("*") if p.is_file())


def covered(bag: Path) -> None:
    """Write package, manifests and tag manifests anew, as whoever tampers can."""
    package = json.loads((bag / "data/datapackage.json").read_text("utf-8"))
    for item in package["resources"]:
        content = (bag / "data" / item["path"]).read_bytes()
        item["bytes"], item["hash"] = len(content), f"sha256:{hashlib.sha256(content).hexdigest()}"
    (bag / "data/datapackage.json").write_text(json.dumps(package), "utf-8")
    names = payload(bag)
    info = (bag / "bag-info.txt").read_text("utf-8").splitlines()[:-1]
    octets = sum((bag / name).stat().st_size for name in names)
    (bag / "bag-info.txt").write_text(
        "\n".join([*info, f"Payload-Oxum: {octets}.{len(names)}"]) + "\n", "utf-8"
    )
    for algorithm in verify.ALGORITHMS:
        lines = [
            f"{hashlib.new(algorithm, (bag / name).read_bytes()).hexdigest()}  {name}\n" for name in names
        ]
        (bag / f"manifest-{algorithm}.txt").write_text("".join(lines), "utf-8")
    tagged(bag)


def tagged(bag: Path) -> None:
    tags = sorted(name for name in verify.TAGS if not name.startswith("tag"))
    for algorithm in verify.ALGORITHMS:
        lines = [
            f"{hashlib.new(algorithm, (bag / name).read_bytes()).hexdigest()}  {name}\n"
            for name in tags
            if (bag / name).exists()
        ]
        (bag / f"tagmanifest-{algorithm}.txt").write_text("".join(lines), "utf-8")


def forged(bag: Path, private: Ed25519PrivateKey = FORGER) -> None:
    """Sign the bag with another key."""
    public = private.public_key().public_bytes_raw()
    note = canonical(
        {
            "dossier": hashlib.sha256((bag / "data/dossier.json").read_bytes()).hexdigest(),
            "key": hashlib.sha256(public).hexdigest(),
            "manifests": {
                name: hashlib.sha256((bag / f"manifest-{name}.txt").read_bytes()).hexdigest()
                for name in verify.ALGORITHMS
            },
            "origin": "handover-toolkit/dossier",
            "v": 1,
        }
    )
    signed = {"note": note, "public_key": public.hex(), "signature": private.sign(note.encode()).hex()}
    (bag / "signature.json").write_text(json.dumps(signed), "utf-8")
    tagged(bag)


def edited(bag: Path, name: str, change: Callable[[Any], Any]) -> None:
    document = json.loads((bag / name).read_text("utf-8"))
    given = change(document)
    (bag / name).write_text(json.dumps(document if given is None else given), "utf-8")


def entries(bag: Path, change: Changes) -> None:
    lines = [json.loads(line) for line in (bag / CHAIN).read_text("utf-8").splitlines()]
    (bag / CHAIN).write_text("".join(json.dumps(entry) + "\n" for entry in change(lines)), "utf-8")


def rehashed(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    previous = "0" * 64
    for number, entry in enumerate(found, start=1):
        entry |= {"seq": number, "previous": previous}
        text = "\n".join(
            [
                "handover-ledger-v1",
                entry["chain"],
                str(number),
                entry["recorded_at"],
                entry["recorded_as"],
                entry["body"],
            ]
        )
        previous = entry["hash"] = hashlib.sha256(bytes.fromhex(previous) + text.encode()).hexdigest()
    return found


def headed(bag: Path) -> None:
    """Let dossier.json name the chain's present end."""
    last = json.loads((bag / CHAIN).read_text("utf-8").splitlines()[-1])
    edited(bag, "data/dossier.json", lambda told: told["ledger"].update(seq=last["seq"], hash=last["hash"]))


def flip(name: str) -> Callable[[Path], None]:
    def flipped(bag: Path) -> None:
        content = bytearray((bag / name).read_bytes())
        content[len(content) // 2] ^= 1
        (bag / name).write_bytes(content)

    return flipped


def first(bag: Path, pattern: str) -> Path:
    return sorted(path for path in (bag / "data").glob(pattern) if path.is_file())[0]


# --- the clean one ----------------------------------------------------------------------------------


def test_a_clean_dossier_holds_and_says_why(bag: Path) -> None:
    report = verify.check(bag)
    assert report.wrong == []
    assert len(report.holds) == 7
    assert any("compare it with what the installation told you" in text for text in report.unchecked)


def test_it_runs_alone_from_inside_the_bag_without_the_toolkit(bag: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-I", str(bag / "data/verify.py"), str(bag)],
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
        env={},
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("This dossier holds.\n")
    source = (bag / "data/verify.py").read_text("utf-8")
    assert "import handover" not in source
    assert "from handover" not in source


def test_names_may_be_kept_apart(bag: Path) -> None:
    (bag / "data/names.json").unlink()
    report = verify.check(bag)
    assert report.wrong == []
    assert "data/names.json is kept apart." in report.unchecked


def test_by_command(bag: Path, tmp_path: Path) -> None:
    assert "The installation signed every byte" in said("verify_dossier", str(bag))
    assert told("verify_dossier", str(bag))["wrong"] == []
    with pytest.raises(verify.NoDossierError):
        verify.check(tmp_path)
    assert verify.main([str(tmp_path)]) == 2
    flip(VALUES)(bag)
    assert verify.main([str(bag)]) == 1


# --- what was changed plainly -----------------------------------------------------------------------

PLAIN: dict[str, tuple[Callable[[Path], Any], str]] = {
    "a byte of a table": (flip(VALUES), "file_changed"),
    "a byte of the chain": (flip(CHAIN), "file_changed"),
    "a byte of what it is about": (flip("data/dossier.json"), "file_changed"),
    "a byte of the verifier": (flip("data/verify.py"), "file_changed"),
    "a byte of bag-info.txt": (flip("bag-info.txt"), "file_changed"),
    "a byte of the declaration": (flip("bagit.txt"), "file_changed"),
    "a byte of a paper": (
        lambda bag: flip(first(bag, "papers/*").relative_to(bag).as_posix())(bag),
        "file_changed",
    ),
    "a byte of a piece of evidence": (
        lambda bag: flip(first(bag, "files/*/*").relative_to(bag).as_posix())(bag),
        "file_changed",
    ),
    "a file less": (lambda bag: (bag / VALUES).unlink(), "file_missing"),
    "a file more": (lambda bag: (bag / "data/more.csv").write_text("x"), "file_added"),
    "a file outside": (lambda bag: (bag / "more.txt").write_text("x"), "file_unexpected"),
    "a name that stands in none": (lambda bag: (bag / "data/a b.csv").write_text("x"), "name_unsafe"),
    "a manifest less": (lambda bag: (bag / "manifest-sha512.txt").unlink(), "tag_missing"),
    "no signature": (lambda bag: (bag / "signature.json").unlink(), "tag_missing"),
    "a pipe": (lambda bag: os.mkfifo(bag / "data/pipe"), "no_file"),
    "no chain": (lambda bag: (bag / CHAIN).unlink(), "file_missing"),
}


@pytest.mark.parametrize("what", PLAIN)
def test_what_was_changed_is_found(bag: Path, what: str) -> None:
    tamper, code = PLAIN[what]
    tamper(bag)
    assert code in codes(bag)


def test_a_symbolic_link_is_no_file(bag: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_bytes((bag / VALUES).read_bytes())
    (bag / VALUES).unlink()
    (bag / VALUES).symlink_to(tmp_path / "elsewhere")
    assert "symbolic_link" in codes(bag)


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("{sum}  data/../../etc/passwd\n", "path_outside"),
        ("{sum}  /etc/passwd\n", "path_outside"),
        ("{sum}  bagit.txt\n", "path_outside"),
        ("{sum}  data/dossier.json\n", "manifest_double"),
        ("what is this\n", "manifest_line"),
    ],
)
def test_a_manifest_that_leads_elsewhere_is_none(bag: Path, line: str, code: str) -> None:
    with (bag / "manifest-sha256.txt").open("a", encoding="utf-8") as file:
        file.write(line.format(sum="0" * 64))
    assert code in codes(bag)


# --- what was changed by somebody who wrote all digests anew ----------------------------------------


def _body(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    found[1]["body"] = found[1]["body"].replace("a", "b", 1)
    return found


def _chain(
    change: Callable[[list[dict[str, Any]]], list[dict[str, Any]]], *, head: bool = False
) -> Callable[[Path], None]:
    def tampered(bag: Path) -> None:
        entries(bag, change)
        if head:
            headed(bag)

    return tampered


def _proof(change: Callable[[Any], Any]) -> Callable[[Path], None]:
    return lambda bag: edited(bag, PROOF, change)


def _step(told: Any) -> None:
    told["path"] = [*told["path"][:-1], "0" * 64] if told["path"] else ["0" * 64]


def _checkpoint(told: Any) -> None:
    public = FORGER.public_key().public_bytes_raw()
    note = json.loads(told["checkpoint"]["note"]) | {"key": hashlib.sha256(public).hexdigest()}
    text = canonical(note)
    told["checkpoint"] = {
        "note": text,
        "public_key": public.hex(),
        "signature": FORGER.sign(text.encode()).hex(),
    }


def _row(bag: Path) -> None:
    text = (bag / VALUES).read_text("utf-8")
    (bag / VALUES).write_text(text.replace(",3,", ",9,", 1), "utf-8")
    assert text != (bag / VALUES).read_text("utf-8")


def _continuity(bag: Path) -> None:
    path = first(bag, "proofs/*.json")
    path.write_text(path.read_text("utf-8").replace("Giver", "Taker", 1), "utf-8")


def _evidence(bag: Path) -> None:
    path = first(bag, "files/*/*")
    path.write_bytes(b"other minutes")


def _succession(bag: Path) -> None:
    public = FORGER.public_key().public_bytes_raw().hex()
    present = json.loads((bag / KEYS).read_text("utf-8"))["public_key"]
    note = canonical({"origin": "handover-toolkit/key", "old": public, "new": present, "size": 1, "v": 1})
    signed = FORGER.sign(note.encode()).hex()
    edited(
        bag,
        KEYS,
        lambda told: told["followed"].append(
            {"note": note, "signed_by_old": signed, "signed_by_new": signed}
        ),
    )


COVERED: dict[str, tuple[Callable[[Path], Any], str]] = {
    "a row of a table": (_row, "bag_other"),
    "evidence": (_evidence, "file_misnamed"),
    "what an entry says": (_chain(_body), "entry_changed"),
    "the order of entries": (_chain(lambda found: [found[1], found[0], *found[2:]]), "chain_order"),
    "an entry less": (_chain(lambda found: [*found[:2], *found[3:]]), "chain_order"),
    "an entry twice": (_chain(lambda found: [*found[:2], found[1], *found[2:]]), "chain_order"),
    "a tail less": (_chain(lambda found: found[:-1]), "chain_cut"),
    "a tail less, and its end named": (_chain(lambda found: found[:-1], head=True), "leaf_other"),
    "a chain hashed anew": (_chain(lambda found: rehashed(_body(found)), head=True), "leaf_other"),
    "entries added and hashed": (
        _chain(lambda found: rehashed([*found, dict(found[-1])]), head=True),
        "tail_unsigned",
    ),
    "an entry of another chain": (
        _chain(lambda found: [found[0] | {"chain": "0" * 8}, *found[1:]]),
        "chain_order",
    ),
    "an entry that is none": (_chain(lambda found: [{"x": 1}, *found]), "entry_malformed"),
    "no checkpoint": (_proof(lambda told: told.update(checkpoint=None)), "proof_malformed"),
    "a forged checkpoint": (_proof(_checkpoint), "signer_other"),
    "a step of the path": (_proof(_step), "path_wrong"),
    "another place in the log": (_proof(lambda told: told["leaf"].update(position=10**6)), "path_wrong"),
    "the note of the checkpoint": (
        _proof(
            lambda told: told["checkpoint"].update(note=told["checkpoint"]["note"].replace("log", "lag", 1))
        ),
        "signature_wrong",
    ),
    "the signature of the checkpoint": (
        _proof(lambda told: told["checkpoint"].update(signature="0" * 128)),
        "signature_wrong",
    ),
    "the key": (
        lambda bag: edited(
            bag, KEYS, lambda told: told.update(public_key=FORGER.public_key().public_bytes_raw().hex())
        ),
        "key_other",
    ),
    "a succession": (_succession, "succession_wrong"),
    "a continuity proof": (_continuity, "proof_unrecorded"),
    "a continuity proof less": (lambda bag: first(bag, "proofs/*.json").unlink(), "proof_missing"),
    "a format nobody knows": (
        lambda bag: edited(bag, "data/dossier.json", lambda told: told.update(format=99)),
        "format_unknown",
    ),
    "a bomb of brackets": (
        lambda bag: (bag / "data/dossier.json").write_text("[" * 10**6 + "]" * 10**6),
        "format_unknown",
    ),
    "a name twice in a document": (
        lambda bag: (bag / KEYS).write_text('{"public_key": "00", "public_key": "01", "followed": []}'),
        "keys_malformed",
    ),
}


@pytest.mark.parametrize("what", COVERED)
def test_what_was_changed_and_covered_is_found(bag: Path, what: str) -> None:
    tamper, code = COVERED[what]
    tamper(bag)
    covered(bag)
    assert code in codes(bag)


def test_a_line_without_an_end_is_not_read_whole(bag: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verify, "LARGEST_TAG", 200_000)
    (bag / CHAIN).write_bytes(b" " * 300_000)
    covered(bag)
    assert "file_too_large" in codes(bag)


@pytest.mark.parametrize("what", COVERED)
def test_signing_it_with_another_key_does_not_help(bag: Path, what: str) -> None:
    tamper, _ = COVERED[what]
    tamper(bag)
    covered(bag)
    forged(bag)
    assert codes(bag) & {"signer_other", "format_unknown", "keys_malformed"}


def test_a_wholly_forged_dossier_is_betrayed_by_the_key_that_one_knows(bag: Path) -> None:
    """Whoever owns everything can sign everything; not with the key of which somebody kept the fingerprint."""
    known = keys.fingerprint()
    public = FORGER.public_key().public_bytes_raw()
    mine = hashlib.sha256(public).hexdigest()
    _row(bag)
    edited(bag, KEYS, lambda told: told.update(public_key=public.hex(), followed=[]))
    edited(bag, "data/dossier.json", lambda told: told.update(key=mine))
    (bag / "data/dossier.json").write_text(canonical(json.loads((bag / "data/dossier.json").read_text())))
    edited(bag, PROOF, _checkpoint)
    covered(bag)
    forged(bag)
    assert codes(bag) == set()
    assert codes(bag, key=known) == {"key_unknown"}
