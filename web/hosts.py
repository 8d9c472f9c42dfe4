"""Under which names the server may be reached; stops pages that let their own name point here (DNS rebinding)."""

import ipaddress
import re

from flask import Flask, request

from web.problems import Problem

_HOST = re.compile(r"(\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9._-]{1,253})(?::([0-9]{1,5}))?", re.ASCII)
_LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]"})


def install(app: Flask, *, allowed: frozenset[str], loopback: bool) -> None:
    """Check the `Host` of every request of `app`.

    Args:
        allowed: further names, in lower case; `*` allows every name.
        loopback: the server listens on this machine alone. Beyond it, IP addresses are allowed as well:
            rebinding needs a name, so a request for an address cannot come of it.
    """

    @app.before_request
    def check_host() -> None:
        name = named_host(request.headers.get("Host"))
        if name in _LOOPBACK_NAMES or name in allowed or "*" in allowed:
            return
        if not loopback and _is_address(name):
            return
        raise Problem(
            421,
            "host_not_allowed",
            f"The request is for the host {name}, which is none of this server's names. If it is meant to be one,"
            " name it in QA_ALLOWED_HOSTS.",
        )


def named_host(header: str | None) -> str:
    """Return the host that a `Host` header names, in lower case and without port and last dot.

    Raises:
        Problem: 400, the header is missing or no host.
    """
    match = _HOST.fullmatch(header or "")
    if match is None or int(match[2] or 0) > 65535:
        seen = "is missing" if header is None else f"is {header[:100]!r}, which names no host"
        raise Problem(400, "malformed_host", f"The header Host {seen}; send the name of this server.")
    return match[1].lower().removesuffix(".")


def parse_allowed(setting: str) -> frozenset[str]:
    """Return the names of a comma-separated list, in lower case."""
    return frozenset(name.strip().lower().removesuffix(".") for name in setting.split(",") if name.strip())


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        return False
    return True
