"""Limits that a parsing process sets itself before it reads anything."""

import sys

if sys.platform != "win32":
    import resource


def limit_process(memory_mib: int) -> None:
    """Limit this process's address space, and let it write no files and no core.

    Where the system has no such limits, or does not keep them (macOS knows none of the address space),
    time is limited all the same, by the process that waits.
    """
    if sys.platform == "win32":
        return
    wanted = ((resource.RLIMIT_CORE, 0), (resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_AS, memory_mib << 20))
    for limit, most in wanted:
        hard = resource.getrlimit(limit)[1]
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        try:
            resource.setrlimit(limit, (most, most))
        except (ValueError, OSError):
            continue
