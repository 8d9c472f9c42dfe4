"""Which instructions this machine's CPU knows, as Linux tells it."""

from pathlib import Path

CPU_INFO = Path("/proc/cpuinfo")


def cpu_flags(cpu_info: Path = CPU_INFO) -> set[str] | None:
    """Return the names of the CPU's instruction sets; None where the system does not tell them."""
    try:
        return set(cpu_info.read_text(encoding="utf-8", errors="replace").split())
    except OSError:
        return None
