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


def check_exposure(settings: Settings, accounts: Accounts | None) -> None:
    """Refuse to serve other machines as long as nobody could be asked who they are.

    Raises:
        InvalidSetting: the host reaches beyond this machine and there is no usable key, no single sign-on,
            and no word that everybody may come in.
        StateUnavailable: there are keys, but they cannot be read.
    """
    if is_local(settings.host) or settings.sso_header:
        return
    required = accounts is not None and accounts.required()
    if required and accounts is not None and accounts.any_usable():
        return
    if not required and settings.open_access:
        return
    open_access = "" if required else ", or set QA_OPEN_ACCESS=1 to let in everybody who reaches the port"
    raise InvalidSetting(
        f"The server would listen on {settings.host}, beyond this machine, and there is no usable API key."
        " Make one with `qa-service keys create NAME`, or listen on 127.0.0.1 (QA_HOST or --host)"
        f"{open_access}. docs/SECURITY.md says more."
    )
