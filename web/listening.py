"""The socket that the server listens on, bound before models load, so that a taken port shows at once."""

import errno
import socket

from qa_service.errors import InvalidSetting


def bind(host: str, port: int) -> socket.socket:
    """Return a socket bound to the address, not listening yet, so that a taken port shows before models load.

    Raises:
        InvalidSetting: the host is unknown, or the port is taken or not allowed.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (socket.gaierror, UnicodeError) as error:
        raise InvalidSetting(
            f"The host {host!r} is no address of this machine: {error}. Set QA_HOST."
        ) from None
    family, kind, protocol, _, address = min(found, key=lambda entry: entry[0] != socket.AF_INET)
    listener = socket.socket(family, kind, protocol)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
    except OSError as error:
        listener.close()
        raise InvalidSetting(_why_not(host, port, error)) from None
    return listener


def url_of(listener: socket.socket) -> str:
    """Return the address of `listener` as people type it."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _why_not(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} on {host} is taken. Stop the program that has it, or choose another with --port."
    if error.errno == errno.EACCES:
        return f"Port {port} on {host} is not allowed for this user. Choose one above 1023 with --port."
    return f"Cannot listen on {host} port {port}: {error.strerror}. Choose others with --host and --port."
