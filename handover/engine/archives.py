"""One file for a whole backup: the database's dump and the evidence files, side by side in a plain tar archive."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path

from handover.engine.errors import EngineError

DUMP = "database.dump"
FILES = "files"
STORED = re.compile(rf"{FILES}/[0-9a-f-]{{36}}/[0-9a-f]{{2}}/[0-9a-f]{{64}}")


def pack(target: Path, *, dump: Path, files: Path) -> None:
    """Write the archive as ``target``, readable by this user only; it appears under its name once it is complete.

    Raises EngineError with one line when it cannot be written.
    """
    making = target.with_name(target.name + ".part")
    try:
        descriptor = os.open(making, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as archive:
                archive.add(dump, DUMP, filter=_anonymous)
                for path in sorted(files.glob("*/*/*")):
                    name = f"{FILES}/{path.relative_to(files).as_posix()}"
                    if STORED.fullmatch(name):
                        archive.add(path, name, filter=_anonymous)
            file.flush()
            os.fsync(file.fileno())
        making.replace(target)
    except OSError as error:
        raise EngineError(
            f"The backup {target} cannot be written: {(error.strerror or str(error)).lower()}."
        ) from None
    finally:
        with contextlib.suppress(OSError):
            making.unlink(missing_ok=True)


def _anonymous(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    member.mode = 0o600
    return member


@contextlib.contextmanager
def unpacked(source: Path) -> Iterator[Path]:
    """Unpack an archive into a folder of its own, which is gone when the block ends.

    Raises EngineError with one line when there is none, or when it is no archive of ours.
    """
    if not source.is_file():
        raise EngineError(f"There is no backup {source}.")
    with tempfile.TemporaryDirectory(prefix="handover-restore-") as folder:
        try:
            with tarfile.open(source, mode="r:") as archive:
                members = archive.getmembers()
                foreign = [item.name for item in members if not _ours(item)]
                if foreign or DUMP not in {item.name for item in members}:
                    raise EngineError(f"{source} is no backup of this toolkit.")
                archive.extractall(folder, members, filter="data")
        except (tarfile.TarError, OSError, EOFError) as error:
            raise EngineError(f"{source} cannot be read as a backup: {error}.") from None
        yield Path(folder)


def _ours(member: tarfile.TarInfo) -> bool:
    return member.isfile() and (member.name == DUMP or STORED.fullmatch(member.name) is not None)


def return_files(folder: Path, files: Path) -> int:
    """Put an unpacked archive's files into the store; one that lies there already is the same by its name."""
    count = 0
    for path in (folder / FILES).glob("*/*/*"):
        place = files / path.relative_to(folder / FILES)
        place.parent.mkdir(parents=True, exist_ok=True)
        making = place.with_name(f".{place.name}.part")
        shutil.copyfile(path, making)
        making.chmod(0o600)
        making.replace(place)
        count += 1
    return count
