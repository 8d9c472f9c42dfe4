"""Keeps the server's memory small: as it comes, glibc gives threads arenas of their own and keeps what they freed."""

import ctypes

# mallopt(3): how many arenas there may be, from which size on a piece is given back when freed, and how much
# free memory may stay at the end of the heap.
_ARENA_MAX, _MMAP_THRESHOLD, _TRIM_THRESHOLD = -8, -3, -1
_SETTINGS = ((_ARENA_MAX, 2), (_MMAP_THRESHOLD, 1 << 20), (_TRIM_THRESHOLD, 1 << 20))


def limit_arenas() -> bool:
    """Tell the C library so; return whether it took it. Other libraries than glibc are left as they are."""
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):
        return False
    taken = [mallopt(name, value) for name, value in _SETTINGS]
    return taken == [1] * len(_SETTINGS)
