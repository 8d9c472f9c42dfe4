"""How much of the archive one reindex may drop: an unmounted folder must not empty it."""

import math
from collections.abc import Callable, Set

from qa_service.errors import TooMuchDeleted
from qa_service.generation_changes import Changes

_SHOWN = 3


def refusal(
    changes: Changes, before: int, max_deleted: float, expendable: Callable[[], Set[str]]
) -> TooMuchDeleted | None:
    """Return why these changes must not be published, or None when they may be.

    An article that goes on under another id is not dropped.

    Args:
        before: how many articles answer now.
        max_deleted: share of them that may go, in [0, 1].
        expendable: ids of articles that nobody misses, asked for only when it matters.
    """
    if len(changes.removed) <= max_deleted * before:
        return None
    unmissed = expendable()
    lost = [article_id for article_id in changes.removed if article_id not in unmissed]
    counted = before - (len(changes.removed) - len(lost))
    if not lost or len(lost) <= max_deleted * counted:
        return None
    shown = ", ".join(lost[:_SHOWN]) + (", …" if len(lost) > _SHOWN else "")
    return TooMuchDeleted(
        f"This would drop {len(lost):,} of {counted:,} articles ({len(lost) / counted:.0%}, more than"
        f" {max_deleted:.0%}): {shown}. The index is left as it was. Is a folder empty, unmounted or not named?"
        f" Name every source; if they are to go, confirm with --max-deleted {_enough(len(lost), counted)}%."
    )


def _enough(lost: int, before: int) -> int:
    """Return the whole percentage that allows it."""
    return math.ceil(100 * lost / before)


def no_article_is_expendable() -> Set[str]:
    """Return no ids."""
    return frozenset()
