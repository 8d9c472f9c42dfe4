"""Headers that keep hostile texts from running."""

import secrets

from flask import Flask, Response, g

_PAGE_POLICY = (
    "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
_OTHER_POLICY = "default-src 'none'; frame-ancestors 'none'"
BARE_HEADERS = {
    "Content-Security-Policy": _OTHER_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Resource-Policy": "same-origin",
}
"""What every response carries, those included that no application makes."""


def nonce() -> str:
    """Return the word that marks this response's own scripts."""
    if "nonce" not in g:
        g.nonce = secrets.token_urlsafe(16)
    return str(g.nonce)


def install(app: Flask) -> None:
    """Guard every response of `app`."""
    app.after_request(add_security_headers)
    app.jinja_env.globals["nonce"] = nonce


def add_security_headers(response: Response) -> Response:
    """Set the policy headers; pages get a content policy with this request's nonce."""
    is_page = response.mimetype == "text/html"
    response.headers.update(BARE_HEADERS)
    if is_page:  # these speak of documents; a page loads some twenty files that are none
        response.headers["Content-Security-Policy"] = _PAGE_POLICY.format(nonce=nonce())
        response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
        response.headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
        response.headers.setdefault("Cache-Control", "private, no-cache")
        response.headers.add("Vary", "Accept")
    return response
