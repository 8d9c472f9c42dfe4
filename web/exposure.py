"""Whether the server can be reached from other machines, and the refusal to be reached without a key."""

import socket

from qa_service.errors import InvalidSetting
from qa_service.settings import Settings
from qa_service.state.accounts import Accounts
from web.proxies import is_loopback


def is_local(host: str) -> bool:
    """Whether a server that listens on `host` can be reached from this machine alone.

    A name counts as local when all of its addresses are; one that cannot be resolved does not.
    """
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError):
        return False
    return all(is_loopback(str(address[0])) for *_, address in found)


def is_private(settings: Settings) -> bool:
    """Whether people at this machine alone reach the server: it listens here, and no proxy hands others on."""
    return is_local(settings.host) and not settings.trusted_proxies


def check_exposure(settings: Settings, accounts: Accounts | None) -> None:
    """Refuse to serve other machines as long as nobody could be asked who they are.

    Raises:
        InvalidSetting: others can reach the server and there is no usable key, no single sign-on, and no
            word that everybody may come in.
        StateUnavailable: there are keys, but they cannot be read.
    """
    if is_private(settings) or settings.sso_header:
        return
    required = accounts is not None and accounts.required()
    if required and accounts is not None and accounts.any_usable():
        return
    if not required and settings.open_access:
        return
    how = (
        "be reached through a proxy (QA_TRUSTED_PROXIES)"
        if is_local(settings.host)
        else f"listen on {settings.host}, beyond this machine"
    )
    mends = ["Make a key with `qa-service keys create NAME`"]
    if not is_local(settings.host):
        mends.append("listen on 127.0.0.1 (QA_HOST or --host)")
    if not required:  # with keys there, it would open nothing
        mends.append("set QA_OPEN_ACCESS=1 to let in everybody who reaches the port")
    raise InvalidSetting(
        f"The server would {how}, and there is no usable API key. {', or '.join(mends)}. docs/SECURITY.md says more."
    )
