"""What whoever watches the server may ask."""

from __future__ import annotations

from collections.abc import Mapping

from tests.contracts.asks import Asks, Public

ROUTES: Mapping[str, Asks] = {
    "healthz": Public("it says nothing but that the process answers"),
    "readyz": Public("it names what does not work by a code, and nothing else"),
    "metrics": Public("a key of the environment opens it; without one there is no such address"),
}
