"""Scripts and styles go compressed over the wire; pages do not, so that nothing can be guessed from their length."""

import gzip
from functools import lru_cache

from flask import Response, request

_MIN_BYTES = 512
_TYPES = frozenset({"text/css", "text/javascript", "application/javascript", "image/svg+xml"})
_SPARED = (
    "Content-Disposition",
    "Last-Modified",
)  # the tag says the latter better; a page loads some twenty files


def compress(response: Response) -> Response:
    """Return a static file's response gzipped when the client takes that; any other as it is."""
    if request.endpoint != "static" or response.mimetype not in _TYPES:
        return response
    for name in _SPARED:
        response.headers.pop(name, None)
    response.vary.add("Accept-Encoding")
    etag, is_weak = response.get_etag()
    if etag is not None and not is_weak:
        response.set_etag(etag, weak=True)  # the same file in either form
    if response.status_code != 200 or request.method == "HEAD" or not request.accept_encodings["gzip"]:
        return response
    response.direct_passthrough = False
    plain = response.get_data()
    if len(plain) >= _MIN_BYTES:
        response.set_data(_zipped(plain))
        response.headers["Content-Encoding"] = "gzip"
    return response


@lru_cache(maxsize=64)
def _zipped(plain: bytes) -> bytes:
    return gzip.compress(plain, mtime=0)
