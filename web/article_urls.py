"""Article ids in URLs: any characters, slashes included."""

from werkzeug.routing import BaseConverter


class ArticleIdConverter(BaseConverter):
    """Takes the rest of the path as the id, as servers hand `%2F` on as a plain slash."""

    part_isolating = False
    regex = r"[\s\S]+"
