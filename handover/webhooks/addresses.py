"""Addresses: where a webhook may point to. Nothing that only this machine or its own network reaches."""

from __future__ import annotations

import ipaddress
import re
import socket
from dataclasses import dataclass
from typing import Final
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

from handover.errors import Invalid

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

LONGEST: Final = 500
PORTS: Final = {"https": (443, 8443), "http": (80, 8080)}
"""Ports of each scheme, the usual one first."""

_LABEL: Final = r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?"
_NAME: Final = re.compile(rf"{_LABEL}(\.{_LABEL})*")
_NUMBER: Final = re.compile(r"(\d+|0x[0-9a-f]*)")
_AT_HOME: Final = (".local", ".localhost", ".internal", ".intranet", ".lan", ".home.arpa", ".onion")

_CARRIERS: Final = tuple(
    ipaddress.ip_network(text)
    for text in (
        "0.0.0.0/8",
        "100.64.0.0/10",
        "192.88.99.0/24",
        "198.18.0.0/15",
        "240.0.0.0/4",
        "::/96",
        "::ffff:0:0/96",
        "::ffff:0:0:0/96",
        "64:ff9b::/96",
        "64:ff9b:1::/48",
        "100::/64",
        "2001::/23",
        "2001:db8::/32",
        "2002::/16",
        "3fff::/20",
        "5f00::/16",
        "fec0::/10",
    )
)
"""Ranges that are no host on the internet, or that carry an IPv4 address inside which may be any: 6to4, Teredo, NAT64,
mapped and compatible addresses, shared address space, benchmarks, documentation."""


@dataclass(frozen=True)
class Target:
    """An address taken apart."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """Give what the ``Host`` header says."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme][0] else f"{host}:{self.port}"


def target_of(url: str) -> Target:
    """Take an address apart and check all of it that can be checked without asking the name service.

    Raises:
        Invalid: it is no address that a webhook may point to; one sentence says why.
    """
    parts = _split(url)
    scheme = parts.scheme.lower()
    if scheme != "https" and not (scheme == "http" and settings.WEBHOOKS_HTTP):
        raise _invalid("webhook_not_https", "A webhook's address begins with https://.")
    host = (parts.hostname or "").lower()
    if "@" in parts.netloc or parts.fragment:
        raise _invalid("webhook_url_parts", "A webhook's address holds no user, no password and no fragment.")
    try:
        port = parts.port or PORTS[scheme][0]
    except ValueError:
        raise _invalid("webhook_port", "The port of this address is no port.") from None
    literal = _literal(host)
    if literal is None:
        _check_name(host)
    else:
        _check_address(literal)
    if port not in PORTS[scheme] and not (allowed() and (literal is None or _is_allowed(literal))):
        usual = " or ".join(map(str, PORTS[scheme]))
        raise _invalid("webhook_port", f"A webhook's address has the port {usual}.")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(scheme, str(literal) if literal else host, port, path)


def addresses_of(target: Target) -> tuple[str, ...]:
    """Ask where a target is now, and check every answer: whoever connects takes one of these and asks no more.

    Raises:
        Invalid: there is no such host, or one of its addresses is none that a webhook may point to.
    """
    literal = _literal(target.host)
    if literal is not None:
        found = [literal]
    else:
        try:
            answers = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            raise _invalid("webhook_host_unknown", f"There is no host {target.host}.") from None
        found = [ipaddress.ip_address(answer[4][0]) for answer in answers]
    for address in found:
        _check_address(address)
        if target.port not in PORTS[target.scheme] and not _is_allowed(address):
            raise _invalid("webhook_port", "This port is not open to webhooks.")
    return tuple(dict.fromkeys(map(str, found)))


def is_public(address: Address) -> bool:
    """Tell whether an address is a host of the internet, reached by everybody in the same way."""
    if getattr(address, "scope_id", None):
        return False
    if any(address.version == net.version and address in net for net in _CARRIERS):
        return False
    return address.is_global and not (
        address.is_multicast
        or address.is_private
        or address.is_loopback
        or address.is_link_local
        or address.is_reserved
        or address.is_unspecified
    )


def allowed() -> tuple[Network, ...]:
    """Give the networks that this installation allows although they are not public (``HANDOVER_WEBHOOKS_ALLOW``)."""
    return tuple(ipaddress.ip_network(text, strict=False) for text in settings.WEBHOOKS_ALLOW)


def _is_allowed(address: Address) -> bool:
    return any(address.version == net.version and address in net for net in allowed())


def _split(url: str) -> SplitResult:
    """Split an address of visible ASCII characters; others mean one thing to one program and another to the next."""
    if not 0 < len(url) <= LONGEST or not url.isascii() or re.search(r'[\x00-\x20\x7f\\<>"^`{|}]', url):
        raise _invalid("webhook_url", f"A webhook's address has 1 to {LONGEST} visible ASCII characters.")
    try:
        return urlsplit(url)
    except ValueError:
        raise _invalid("webhook_url", "This is no address.") from None


def _literal(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _check_name(host: str) -> None:
    if len(host) > 253 or not _NAME.fullmatch(host) or _NUMBER.fullmatch(host.rpartition(".")[2]):
        raise _invalid("webhook_host", "The host of this address is neither a name nor a plain IP address.")
    if "." not in host and not (allowed() and host == "localhost"):
        raise _private()
    if not allowed() and host.endswith(_AT_HOME):
        raise _private()


def _check_address(address: Address) -> None:
    if not is_public(address) and not _is_allowed(address):
        raise _private()


def _private() -> Invalid:
    return _invalid(
        "webhook_address_private", "A webhook points to a host of the public internet, and this one is none."
    )


def _invalid(code: str, sentence: str) -> Invalid:
    return Invalid(code, sentence, field="url")
