"""Sending: one message to one address that was checked, without redirects, proxies or patience."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPException
from typing import Final

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

from handover.errors import DomainError
from handover.webhooks.addresses import Target, addresses_of, target_of

CONNECT: Final = 5.0
"""Seconds until there is a connection."""

READ: Final = 10.0
"""Seconds until an answer begins; from the connection to the answer's last header there are no more."""

TRIED: Final = 2
"""Addresses of one host that are tried."""

AGENT: Final = "handover-webhooks/1"


@dataclass(frozen=True)
class Outcome:
    """What came back: a status, or a code and a sentence that say why there is none."""

    status: int | None = None
    error: str = ""

    @property
    def good(self) -> bool:
        """Tell whether the receiver has it."""
        return self.status is not None and 200 <= self.status < 300


def send(url: str, headers: Mapping[str, str], body: str) -> Outcome:
    """Send a message and give what came back; whatever goes wrong is an outcome too.

    The host is looked up once. Every address that the name service gives must be public, and the connection goes to one
    of these very addresses. Nothing of the answer is read but its status and headers.
    """
    try:
        target = target_of(url)
        addresses = addresses_of(target)[:TRIED]
    except DomainError as error:
        return Outcome(error=f"{error.code}: {error.sentence}")
    outcome = Outcome(error="webhook_unreachable: Nobody answers at this address.")
    for address in addresses:
        try:
            connection = _connected(target, address)
        except (OSError, HTTPError) as error:
            outcome = Outcome(error=f"webhook_unreachable: {_said(error)}")
            continue
        return _exchanged(connection, target, headers, body)
    return outcome


def _connected(target: Target, address: str) -> HTTPConnection:
    connection = (
        HTTPSConnection(
            address,
            target.port,
            timeout=CONNECT,
            ssl_context=ssl.create_default_context(),
            server_hostname=target.host,
        )
        if target.scheme == "https"
        else HTTPConnection(address, target.port, timeout=CONNECT)
    )
    try:
        connection.connect()
    except BaseException:
        connection.close()
        raise
    connection.timeout = READ
    return connection


def _exchanged(connection: HTTPConnection, target: Target, headers: Mapping[str, str], body: str) -> Outcome:
    told = {**headers, "Host": target.authority, "User-Agent": AGENT, "Connection": "close"}
    try:
        with _ends(connection, READ):
            connection.request("POST", target.path, body=body.encode(), headers=told, preload_content=False)
            status = connection.getresponse().status
    except (OSError, HTTPError, HTTPException, ValueError) as error:
        return Outcome(error=f"webhook_no_answer: {_said(error)}")
    finally:
        connection.close()
    if 200 <= status < 300:
        return Outcome(status)
    if 300 <= status < 400:
        return Outcome(status, f"webhook_redirected: The answer was {status}; redirects are not followed.")
    return Outcome(status, f"webhook_refused: The answer was {status}.")


@contextmanager
def _ends(connection: HTTPConnection, seconds: float) -> Iterator[None]:
    """Cut the connection when the time is over: a timeout of the socket alone begins anew with each byte."""
    assert connection.sock is not None  # noqa: S101  it is connected
    with socket.fromfd(connection.sock.fileno(), connection.sock.family, socket.SOCK_STREAM) as same:

        def cut() -> None:
            with suppress(OSError):
                same.shutdown(socket.SHUT_RDWR)

        timer = threading.Timer(seconds, cut)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()


def _said(error: Exception) -> str:
    """Name what went wrong by its kind: texts of others' programs, and of the other side, stay out of the log."""
    reason = error.__cause__ or error
    match reason:
        case ssl.SSLCertVerificationError():
            return "Its certificate is not good for this host."
        case ssl.SSLError():
            return "It does not speak TLS as it should."
        case ConnectionRefusedError():
            return "It takes no connection."
        case TimeoutError():
            return "It took too long."
    return "It took too long." if "imeout" in type(error).__name__ else "The connection broke."
