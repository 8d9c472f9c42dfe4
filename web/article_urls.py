"""Article ids in URLs: any characters, slashes included, all percent-encoded in links."""

from urllib.parse import quote

from werkzeug.routing import BaseConverter


class ArticleIdConverter(BaseConverter):
    """Takes the rest of the path as the id, as servers hand `%2F` on as a plain slash."""

    part_isolating = False
    regex = r"[\s\S]+"

    def to_url(self, value: str) -> str:
        """Return `value` percent-encoded as one path segment."""
        return quote(value, safe="")
