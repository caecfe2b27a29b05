"""Bags as RFC 8493 has them: payload below ``data/``, manifests in SHA-256 and SHA-512, written stream by stream.

The same payload gives the same bytes: no instant of writing and no name of a machine goes into a bag.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from handover.errors import Broken, Invalid

VERSION: Final = "1.0"
ALGORITHMS: Final = ("sha256", "sha512")
DECLARATION: Final = f"BagIt-Version: {VERSION}\nTag-File-Character-Encoding: UTF-8\n"
NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)*")
"""Names of files inside a bag: nothing that another file system reads otherwise."""
SUM: Final = re.compile(r"[0-9a-f]{64} [0-9a-f]{128} [0-9]+ [A-Za-z0-9._/-]+")
SIGNATURE: Final = "signature.json"
"""The tag file in which the installation signs the manifests, and with them everything."""
BEGUN: Final = ".begun"
"""Beside the payload, while a bag is written: what is whole already, so that a stopped export goes on."""


@dataclass(frozen=True)
class Entry:
    """A file of a bag: its digests in hexadecimal, and its bytes."""

    sha256: str
    sha512: str
    size: int


class Writing:
    """A file of a bag that is being written; its digests are taken on the way."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file = file
        self.size = 0
        self._sha256, self._sha512 = hashlib.sha256(), hashlib.sha512()

    def write(self, piece: bytes | memoryview) -> None:
        """Add bytes."""
        self.file.write(piece)
        self._sha256.update(piece)
        self._sha512.update(piece)
        self.size += len(piece)

    @property
    def entry(self) -> Entry:
        """Give what was written."""
        return Entry(self._sha256.hexdigest(), self._sha512.hexdigest(), self.size)


class Bag:
    """A bag that is being written into a folder beside its own, which it becomes when it is whole.

    Args:
        path: what the bag is to be called; nothing may be there.
        state: what the bag says, by its digest: what an earlier export of the same state left whole is taken as it is.

    Raises:
        Invalid: something is there already, or the folder above is not.
    """

    def __init__(self, path: Path, *, state: str) -> None:
        if path.exists() or path.is_symlink():
            raise Invalid("dossier_exists", f"{path} is there already: name another folder.", field="to")
        if not path.parent.is_dir():
            raise Invalid("file_unusable", f"{path.parent} is no folder.", field="to")
        self.path = path
        self.draft = path.with_name(f"{path.name}.part")
        self.entries: dict[str, Entry] = {}
        self._whole = _begun(self.draft, state)
        self._journal = (self.draft / BEGUN).open("a", encoding="utf-8")

    def __enter__(self) -> Bag:
        """Write into it."""
        return self

    def __exit__(self, *_: object) -> None:
        """Let go of it; one that was not finished is left as it is, to go on with."""
        self._journal.close()

    @contextmanager
    def file(self, name: str) -> Iterator[Writing | None]:
        """Write one file of the payload; nothing to do where it is whole already.

        Args:
            name: below ``data/``.
        """
        if NAME.fullmatch(name) is None or name in self.entries:
            raise Broken("dossier_name", f"“{name}” cannot stand in a bag, or stands there already.")
        target = self.draft / "data" / name
        kept = self._whole.get(name)
        if kept is not None and target.is_file() and target.stat().st_size == kept.size:
            self.entries[name] = kept
            yield None
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("wb") as file:
            writing = Writing(file)
            yield writing
            file.flush()
            os.fsync(file.fileno())
        self.entries[name] = entry = writing.entry
        self._journal.write(f"{entry.sha256} {entry.sha512} {entry.size} {name}\n")
        self._journal.flush()

    def put(self, name: str, content: bytes) -> None:
        """Write a small file of the payload."""
        with self.file(name) as writing:
            if writing is not None:
                writing.write(content)

    def finish(self, info: Mapping[str, str], *, sign: Callable[[Mapping[str, str]], str]) -> Path:
        """Write manifests and tag files, and give the bag its name.

        Args:
            info: for ``bag-info.txt``, in the order in which it is to stand there.
            sign: gives the text of ``signature.json``; asked with the SHA-256 of each manifest by its algorithm.
        """
        self._journal.close()
        (self.draft / BEGUN).unlink()
        octets = sum(entry.size for entry in self.entries.values())
        told = {**info, "Payload-Oxum": f"{octets}.{len(self.entries)}"}
        tags = {
            "bagit.txt": DECLARATION,
            "bag-info.txt": "".join(f"{label}: {' '.join(value.split())}\n" for label, value in told.items()),
            **{f"manifest-{name}.txt": self._manifest(name) for name in ALGORITHMS},
        }
        tags[SIGNATURE] = sign(
            {name: hashlib.sha256(tags[f"manifest-{name}.txt"].encode()).hexdigest() for name in ALGORITHMS}
        )
        for name, text in tags.items():
            _kept(self.draft / name, text)
        for algorithm in ALGORITHMS:
            lines = [
                f"{hashlib.new(algorithm, text.encode()).hexdigest()}  {name}\n"
                for name, text in sorted(tags.items())
            ]
            _kept(self.draft / f"tagmanifest-{algorithm}.txt", "".join(lines))
        self.draft.rename(self.path)
        return self.path

    def _manifest(self, algorithm: str) -> str:
        return "".join(
            f"{getattr(entry, algorithm)}  data/{name}\n" for name, entry in sorted(self.entries.items())
        )


def _begun(draft: Path, state: str) -> dict[str, Entry]:
    """Give what an earlier export of the same state left whole; what another state left is taken away."""
    journal = draft / BEGUN
    lines = journal.read_text("utf-8").splitlines() if journal.is_file() else []
    whole: dict[str, Entry] = {}
    if lines[:1] == [state]:
        for line in lines[1:]:
            if SUM.fullmatch(line):
                sha256, sha512, size, name = line.split(" ")
                whole[name] = Entry(sha256, sha512, int(size))
        return whole
    _clear(draft)
    (draft / "data").mkdir(parents=True)
    journal.write_text(f"{state}\n", "utf-8")
    return whole


def _clear(draft: Path) -> None:
    """Take away what is left of an export of another state: a folder with the journal of one, and nothing else."""
    if not draft.exists():
        return
    if not (draft / BEGUN).is_file():
        raise Invalid("dossier_exists", f"{draft} is there already, and no export left it.", field="to")
    for found in sorted(draft.rglob("*"), reverse=True):
        if found.is_dir() and not found.is_symlink():
            found.rmdir()
        else:
            found.unlink()
    draft.rmdir()


def _kept(path: Path, text: str) -> None:
    with path.open("wb") as file:
        file.write(text.encode())
        file.flush()
        os.fsync(file.fileno())
