"""``Idempotency-Key``: the same request again gets the answer of the first time, and nothing happens twice."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator
from typing import Any, Final

from django.utils.datastructures import MultiValueDict
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from handover.access import Actor
from handover.actions import kept_answers
from handover.api.problems import Problem

HEADER: Final = "Idempotency-Key"
REPLAYED: Final = "Idempotency-Replayed"
WRITTEN: Final = re.compile(r"[!-~]+")
PIECE: Final = 1 << 16
TOLD_AGAIN: Final = ("ETag", "Location", "Handover-Notices")
"""Headers of the first answer that belong to its replay."""


def once(
    request: Request, by: Actor, perform: Callable[[], Response], *, required: bool, secret: bool
) -> Response:
    """Perform a request, or give its kept answer where its key was answered before.

    Raises:
        Problem: 400 ``idempotency_key_missing`` where one is required, ``idempotency_key_refused`` where the answer
            holds a secret, which is not kept.
        Invalid: the key is too long, or belongs to another request.
    """
    key = request.headers.get(HEADER)
    if key is None:
        if required:
            raise Problem(
                400,
                "idempotency_key_missing",
                "This happens once: name the request by an Idempotency-Key.",
                field=HEADER,
            )
        return perform()
    if key and not WRITTEN.fullmatch(key):
        raise Problem(400, "malformed", "An Idempotency-Key is printable ASCII without spaces.", field=HEADER)
    if secret:
        raise Problem(
            400,
            "idempotency_key_refused",
            "This answer holds a secret and is not kept: send no key.",
            field=HEADER,
        )
    answer, known = kept_answers.claim(by=by, key=key, fingerprint=_fingerprint(request))
    if known:
        again = Response(_parsed(bytes(answer.body)), status=answer.status, headers=answer.headers)
        again[REPLAYED] = "true"
        return again
    response = perform()
    body = JSONRenderer().render(response.data) if response.data is not None else b""
    headers = {name: response[name] for name in TOLD_AGAIN if name in response}
    kept_answers.keep(by=by, answer=answer, status=response.status_code, headers=headers, body=body)
    return response


def _fingerprint(request: Request) -> bytes:
    """Hash a request: method, address, version and all that its body holds, files included."""
    raw = request._request
    said = [raw.method or "", raw.get_full_path(), raw.headers.get("If-Match", ""), raw.content_type or ""]
    found = hashlib.sha256("\n".join(said).encode() + b"\n")
    if raw.content_type in ("", "application/json"):
        found.update(raw.body)
        return found.digest()
    for part in _parts(request.data):
        found.update(part)
    return found.digest()


def _parts(data: Any) -> Iterator[bytes]:
    """Give the content of a body that is no JSON, in order; a file stands at its beginning again afterwards."""
    if isinstance(data, MultiValueDict):
        for name in sorted(data):
            for value in data.getlist(name):
                yield f"\n{name}\n".encode()
                yield from _parts(value)
        return
    file = data if hasattr(data, "read") else getattr(data, "file", None)
    if file is None:
        yield str(data).encode(errors="surrogatepass")
        return
    file.seek(0)
    while piece := file.read(PIECE):
        yield piece
    file.seek(0)


def _parsed(body: bytes) -> Any:
    return json.loads(body) if body else None
