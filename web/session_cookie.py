"""The cookie that holds a session's token: not readable by scripts, not sent by other sites' writes."""

from flask import Response, request

_NAME = "qa_session"
_MAX_TOKEN_CHARS = 200


def read(*, secure: bool) -> str | None:
    """Return the session token that the running request brings."""
    token = request.cookies.get(_name(secure))
    return token if token and len(token) <= _MAX_TOKEN_CHARS else None


def write(response: Response, token: str, *, secure: bool, max_age_s: int) -> None:
    """Let the browser keep `token` for `max_age_s` and send it along from now on."""
    response.set_cookie(
        _name(secure), token, max_age=max_age_s, path="/", secure=secure, httponly=True, samesite="Lax"
    )


def clear(response: Response, *, secure: bool) -> None:
    """Let the browser forget its token."""
    response.delete_cookie(_name(secure), path="/", secure=secure, httponly=True, samesite="Lax")


def _name(secure: bool) -> str:
    """Return the cookie's name; under https one that browsers take from this host over https alone.

    Source: RFC 6265bis, section 4.1.3.2, the prefix `__Host-`.
    """
    return f"__Host-{_NAME}" if secure else _NAME
