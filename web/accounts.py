"""The one gate: who sends a request, by API key, login or trusted proxy; nobody else gets further."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal, NoReturn, cast

from flask import Flask, current_app, g, request

from qa_service.errors import InvalidAccount
from qa_service.settings import Settings
from qa_service.state.accounts import LOCAL, Accounts, account_name
from qa_service.state.database import Database
from qa_service.state.sessions import Sessions
from web import csrf, hosts, session_cookie
from web.exposure import check_exposure, is_local, is_private
from web.problems import Problem
from web.proxies import Proxies, is_loopback, limit_name
from web.rate_limits import RateLimits, TokenBuckets, too_many

# Whoever watches the server has no key, and a page's own files are no secret: every install has the same.
_FREE = frozenset({"/livez", "/readyz", "/static/<path:filename>"})
# The login page cannot ask for a login. The API's description holds nothing of the archive, and whoever
# writes a client reads it before they have a key.
PUBLIC = _FREE | {"/login", "/openapi.json"}
_CHALLENGE = 'Bearer realm="qa-service"'


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who sends the running request.

    Attributes:
        account: the owner of what the request makes and may see.
        way: how they are known; `open` is everybody, while no key is required.
        counted_as: the name under which their requests are counted.
    """

    account: str
    way: Literal["open", "key", "session", "proxy"]
    counted_as: str


class Gate:
    """Decides whom each request comes from; holds everything that credentials are checked with."""

    def __init__(self, settings: Settings, state: Database | None, limits: RateLimits) -> None:
        self.proxies = Proxies.from_settings(settings)
        self.session_longest = timedelta(hours=settings.session_longest_h)
        self._limits = limits
        self._accounts = Accounts(state, settings.data_dir) if state else None
        self._sessions = (
            Sessions(state, idle=timedelta(hours=settings.session_idle_h), longest=self.session_longest)
            if state
            else None
        )
        if self._accounts:
            self._accounts.restore_marker()
        check_exposure(settings, self._accounts)
        self._may_be_open = is_private(settings) or settings.open_access

    def admit(self) -> None:
        """Let the running request pass, and note whose it is.

        Raises:
            Problem: 401 nobody that is known, 403 a header that only proxies may send, 429 too many requests.
            StateUnavailable: the credentials cannot be checked.
        """
        rule = request.url_rule.rule if request.url_rule else None
        if rule in _FREE:
            return
        address = self.proxies.client_address()
        if not is_loopback(address):
            self._count(self._limits.addresses, limit_name(address), "requests from this address")
        if rule in PUBLIC:
            return
        visitor = self.visitor()
        if visitor.way != "open":
            self._count(self._limits.keys, visitor.counted_as, "requests by this person")
        g.visitor = visitor

    def is_open(self) -> bool:
        """Whether everybody is let in, as the owner `local`."""
        required = self._accounts is not None and self._accounts.required()
        return self._may_be_open and not self.proxies.sso_header and not required

    def visitor(self) -> Visitor:
        """Return whom the running request comes from.

        A trusted proxy's word comes first, since it may use `Authorization` for a login of its own; then
        `Authorization`, then the cookie. The first that is there decides: a wrong key is not made good by a login.

        Raises:
            Problem: 401 or 403.
            StateUnavailable: the credentials cannot be checked.
        """
        if self.is_open():
            return Visitor(LOCAL, "open", LOCAL)
        name = self.proxies.signed_in()
        if name is not None:
            return _signed_in(name)
        header = request.headers.get("Authorization")
        if header is not None:
            return self._of_key(header)
        token = session_cookie.read(secure=self.proxies.is_secure())
        if token is not None:
            return self._of_session(token)
        raise _unauthorized(
            "credentials_missing",
            "This needs an API key: send it as `Authorization: Bearer KEY`, or log in at /login.",
        )

    def begin_session(self, key_text: str) -> str:
        """Begin a session with a key and end the one that the request brings; return the new one's token.

        Raises:
            Problem: 401, the key is not valid; 429 after too many that were not.
            StateUnavailable: keys or sessions cannot be read or written.
        """
        key = self._accounts.recognise(key_text) if self._accounts else None
        if key is None or self._sessions is None:
            self._refuse_key()
        self.end_session()
        return self._sessions.begin(key.key_id)

    def end_session(self) -> None:
        """End the session that the running request brings, if any."""
        token = session_cookie.read(secure=self.proxies.is_secure())
        if token is not None and self._sessions is not None:
            self._sessions.end(token)

    def _of_key(self, header: str) -> Visitor:
        scheme, _, text = header.partition(" ")
        key = None
        if scheme.lower() == "bearer" and self._accounts is not None:
            key = self._accounts.recognise(text.strip())
        if key is None:
            self._refuse_key()
        return Visitor(key.account, "key", f"key {key.key_id}")

    def _of_session(self, token: str) -> Visitor:
        session = self._sessions.find(token) if self._sessions else None
        if session is None:
            raise _unauthorized("session_ended", "Your login has ended; log in again at /login.")
        return Visitor(session.account, "session", f"key {session.key_id}")

    def _refuse_key(self) -> NoReturn:
        """Say the same whether the key is unknown, mistyped, revoked or expired.

        A right key is never refused for wrong ones before it: one address may be many people's, and 256
        random bits need no lock against guessing.
        """
        name = limit_name(self.proxies.client_address())
        self._count(self._limits.failures, name, "wrong keys from this address")
        raise _unauthorized(
            "credentials_invalid",
            "The key is not valid: mistyped, revoked or expired. Whoever runs the server can give you another.",
            error="invalid_token",
        )

    @staticmethod
    def _count(buckets: TokenBuckets, name: str, what: str) -> None:
        wait_s = buckets.take(name)
        if wait_s:
            raise too_many(what, wait_s)


def install(app: Flask, settings: Settings, state: Database | None) -> None:
    """Put the gate before every address of `app`: the host's name, other sites' writes, rates, credentials.

    Raises:
        InvalidSetting: the settings of access do not fit together, or would let everybody in unasked.
    """
    limits = RateLimits(
        keys=TokenBuckets(settings.rate_per_key),
        addresses=TokenBuckets(settings.rate_per_address),
        failures=TokenBuckets(settings.rate_failed_logins),
    )
    made = Gate(settings, state, limits)
    app.extensions["qa_gate"] = made
    hosts.install(app, allowed=hosts.parse_allowed(settings.allowed_hosts), loopback=is_local(settings.host))
    csrf.install(app)
    app.before_request(made.admit)
    app.jinja_env.globals["logged_in_as"] = logged_in_as


def gate() -> Gate:
    """Return the gate of this application."""
    return cast("Gate", current_app.extensions["qa_gate"])


def owner() -> str:
    """Return the account that the running request belongs to; public addresses have none."""
    return cast("Visitor", g.visitor).account


def logged_in_as() -> str | None:
    """Return the account whose login on the page the running request uses, None without a login."""
    visitor: Visitor | None = g.get("visitor")
    return visitor.account if visitor and visitor.way == "session" else None


def _signed_in(given: str) -> Visitor:
    """Return the visitor that a trusted proxy names.

    Raises:
        Problem: 403, no account can have this name, or it is the one of everybody.
    """
    try:
        name = account_name(given.encode("latin-1").decode("utf-8"))  # WSGI hands bytes over as Latin-1
    except (UnicodeError, InvalidAccount):
        name = LOCAL
    if name == LOCAL:
        raise Problem(403, "account_not_allowed", "The proxy gives a name that no signed-in person can have.")
    return Visitor(name, "proxy", f"account {name}")


def _unauthorized(code: str, detail: str, *, error: str = "") -> Problem:
    """Return a 401 with the challenge that goes with it.

    Source: RFC 9110, section 11.6.1; RFC 6750, section 3.
    """
    challenge = f'{_CHALLENGE}, error="{error}"' if error else _CHALLENGE
    return Problem(401, code, detail, headers={"WWW-Authenticate": challenge})
