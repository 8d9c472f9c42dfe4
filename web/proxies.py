"""Reverse proxies that are trusted: who is behind them, whether the visitor came by https, who signed in."""

import ipaddress
import re
from dataclasses import dataclass

from flask import request

from qa_service.errors import InvalidSetting
from qa_service.settings import Settings
from web.problems import Problem

_Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_HEADER_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,63}", re.ASCII)
# A header that means something else already cannot say who signed in.
_TAKEN_HEADERS = frozenset(
    {"authorization", "cookie", "host", "origin", "content-type", "content-length", "x-forwarded-for"}
)


@dataclass(frozen=True, slots=True)
class Proxies:
    """What the settings say of proxies.

    Attributes:
        networks: where trusted proxies stand; empty when there is none.
        sso_header: the header in which they name the person, "" when they do not.
    """

    networks: tuple[_Network, ...] = ()
    sso_header: str = ""

    @classmethod
    def from_settings(cls, settings: Settings) -> "Proxies":
        """Read `trusted_proxies` and `sso_header`.

        Raises:
            InvalidSetting: no addresses, no header name, or a header without a proxy that may send it.
        """
        networks = tuple(
            _network(part.strip()) for part in settings.trusted_proxies.split(",") if part.strip()
        )
        header = settings.sso_header
        if header and (not _HEADER_NAME.fullmatch(header) or header.lower() in _TAKEN_HEADERS):
            raise InvalidSetting(
                f"QA_SSO_HEADER is {header!r}, which cannot name people; use a header such as X-Remote-User."
            )
        if header and not networks:
            raise InvalidSetting(
                "QA_SSO_HEADER is set but no proxy is trusted to send it; name the proxies in QA_TRUSTED_PROXIES."
            )
        return cls(networks, header)

    def client_address(self) -> str:
        """Return where the running request comes from: the peer, or whom trusted proxies name as theirs.

        `X-Forwarded-For` is read from its end, where the nearest proxy wrote; the first address that is
        no trusted proxy is the client's, and whatever stands before it may be invented.
        """
        peer = request.remote_addr or ""
        if not self._trusts(peer):
            return peer
        for part in reversed(request.headers.get("X-Forwarded-For", "").split(",")):
            address = _address(part)
            if address is None:
                return peer  # what a proxy wrote is no address: the client is only known as the proxy's
            peer = str(address)
            if not self._trusts(peer):
                return peer
        return peer

    def is_secure(self) -> bool:
        """Whether the visitor came by https, to this server or to a trusted proxy before it."""
        if self._trusts(request.remote_addr or ""):
            scheme = request.headers.get("X-Forwarded-Proto", request.scheme).rpartition(",")[2]
            return scheme.strip().lower() == "https"
        return request.is_secure

    def root_url(self) -> str:
        """Return where the visitor sees this server, with a slash at the end."""
        root = request.url_root
        return f"https://{root.partition('://')[2]}" if self.is_secure() else root

    def signed_in(self) -> str | None:
        """Return the name that a trusted proxy gives the person, None when it gives none.

        Raises:
            Problem: 403, the header came from elsewhere. It is not ignored, since either somebody tries to
                pass for another person, or the proxy's address is missing in the settings: both should show.
        """
        given = request.headers.get(self.sso_header) if self.sso_header else None
        if given is None:
            return None
        if not self._trusts(request.remote_addr or ""):
            raise Problem(
                403,
                "untrusted_proxy",
                f"The request holds the header {self.sso_header}, which only trusted proxies may send. Leave it out;"
                " if this is the proxy, its address is missing in QA_TRUSTED_PROXIES.",
            )
        return given or None

    def _trusts(self, peer: str) -> bool:
        address = _address(peer)
        return address is not None and any(address in network for network in self.networks)


def limit_name(address: str) -> str:
    """Return the name under which requests from `address` are counted.

    Whoever has one IPv6 address has 2^64 of them, so a whole /64 counts as one.
    """
    parsed = _address(address)
    if isinstance(parsed, ipaddress.IPv6Address):
        return str(ipaddress.IPv6Network((parsed, 64), strict=False))
    return address


def is_loopback(address: str) -> bool:
    """Whether `address`, an IP address, is this machine's own."""
    parsed = _address(address)
    return parsed is not None and parsed.is_loopback


def _network(text: str) -> _Network:
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        raise InvalidSetting(
            f"QA_TRUSTED_PROXIES holds {text!r}, which is no address or network; write 10.0.0.5 or 10.0.0.0/24."
        ) from None


def _address(text: str) -> _Address | None:
    """Return the address in `text`; an IPv4 address in IPv6 clothes, as dual sockets show it, counts as itself."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]  # [2001:db8::1]:443
    elif text.count(":") == 1:
        text = text.partition(":")[0]  # 192.0.2.1:443
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address
