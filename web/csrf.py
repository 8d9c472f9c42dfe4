"""What a browser sends on behalf of another site's page is refused: writes, and whatever that page would load."""

from urllib.parse import urlsplit

from flask import Flask, request

from web.problems import Problem

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_FRAMES = frozenset({"embed", "frame", "iframe", "object"})
_DEFAULT_PORTS = {"http": ":80", "https": ":443"}


def install(app: Flask) -> None:
    """Guard every request of `app`."""
    app.before_request(refuse_cross_site_writes)
    app.before_request(refuse_cross_site_loads)
    app.before_request(refuse_plain_text_writes)


def refuse_cross_site_writes() -> None:
    """Stop writes that come from a page of another site.

    Browsers name the sender in `Sec-Fetch-Site` or, older ones and plain HTTP, in `Origin`;
    programs send neither and pass. A sibling domain (`same-site`) is another site too: whoever may
    write pages there need not be trusted here.

    Source: OWASP, Cross-Site Request Forgery Prevention (Fetch Metadata, Verifying Origin).

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


def refuse_cross_site_loads() -> None:
    """Stop reads that another site's page makes without anybody going there: scripts, images, fetches, frames.

    The page could not see what comes back, but it could keep the models busy and time them. Links go on working.

    Source: W3C, Fetch Metadata Request Headers (resource isolation policy).

    Raises:
        Problem: 403.
    """
    if request.headers.get("Sec-Fetch-Site") not in ("cross-site", "same-site"):
        return
    mode, framed = request.headers.get("Sec-Fetch-Mode"), request.headers.get("Sec-Fetch-Dest") in _FRAMES
    if framed or mode not in (None, "navigate"):
        raise Problem(
            403, "cross_site_refused", "A page of another site asked for this; it can only link to it."
        )


def refuse_plain_text_writes() -> None:
    """Stop writes whose body is `text/plain`: another site's form can send JSON that way without being asked.

    Raises:
        Problem: 403.
    """
    if request.method not in _SAFE_METHODS and request.mimetype == "text/plain":
        raise Problem(
            403,
            "plain_text_refused",
            "The body is text/plain, as forms of other sites can send it; send application/json.",
        )


def _is_own_origin(origin: str) -> bool:
    """Whether `origin` has the host and port that this request was sent to."""
    try:
        parts = urlsplit(origin)
    except ValueError:
        return False
    if parts.scheme not in _DEFAULT_PORTS:
        return False
    own = request.headers.get("Host", "").lower().removesuffix(_DEFAULT_PORTS[parts.scheme])
    return bool(parts.netloc) and parts.netloc.lower() == own
