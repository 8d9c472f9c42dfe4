"""Headers that keep hostile texts from running, and the refusal of other sites' writes."""

import secrets
from urllib.parse import urlsplit

from flask import Flask, Response, g, request

from web.problems import Problem

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_PAGE_POLICY = (
    "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
_OTHER_POLICY = "default-src 'none'; frame-ancestors 'none'"


def nonce() -> str:
    """Return the word that marks this response's own scripts."""
    if "nonce" not in g:
        g.nonce = secrets.token_urlsafe(16)
    return str(g.nonce)


def install(app: Flask) -> None:
    """Guard every request and response of `app`."""
    app.before_request(refuse_cross_site_writes)
    app.after_request(add_security_headers)
    app.jinja_env.globals["nonce"] = nonce


def refuse_cross_site_writes() -> None:
    """Stop writes that a browser sends on behalf of another site.

    Browsers name the sender in `Sec-Fetch-Site` or, older ones and plain HTTP, in `Origin`;
    programs send neither and pass.

    Raises:
        Problem: 403, the request comes from another site.
    """
    if request.method in _SAFE_METHODS:
        return
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        foreign = site not in ("same-origin", "none")
    else:
        origin = request.headers.get("Origin")
        foreign = origin is not None and not _is_own_origin(origin)
    if foreign:
        raise Problem(
            403,
            "cross_site_refused",
            "The request was sent by a page of another site; only this site's may write.",
        )


def _is_own_origin(origin: str) -> bool:
    try:
        parts = urlsplit(origin)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and parts.netloc == request.host


def add_security_headers(response: Response) -> Response:
    """Set the policy headers; pages get a content policy with this request's nonce."""
    is_page = response.mimetype == "text/html"
    response.headers["Content-Security-Policy"] = (
        _PAGE_POLICY.format(nonce=nonce()) if is_page else _OTHER_POLICY
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Frame-Options"] = "DENY"
    response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
    if is_page:
        response.headers.setdefault("Cache-Control", "private, no-cache")
        response.headers.add("Vary", "Accept")
    return response
