"""Clients that send their request a byte at a time, or never read the response."""

import asyncio

from tests.faults.clients import PROBE, QUESTION, arrivals, ask_request, clients, dribblers
from tests.faults.rows import BUSY_MACHINE_S, Result, Row
from tests.faults.server_process import running

HEADER = b"POST /api/v1/ask HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: "
BODY = (
    b"POST /api/v1/ask HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    b"Content-Length: 60000\r\n\r\n{"
)
_LIMIT_S = 1.0


async def probe_among(port: int, start: bytes, *, number: int, seconds: float) -> tuple[float, str]:
    """Return the p99 of probes and questions among `number` dribbling clients, and what was seen."""
    async with dribblers(port, start, number=number) as seen:
        probes, asks = await asyncio.gather(
            clients(port, PROBE, number=4, seconds=seconds, pause_s=0.01),
            arrivals(port, ask_request(QUESTION), rate=10, seconds=seconds),
        )
        still = seen["open"] - seen["closed"]
    good = set(probes.statuses) == set(asks.statuses) == {200}
    p99 = max(probes.percentile(0.99), asks.percentile(0.99)) if good else float("inf")
    return p99, f"{number} clients ({still} held), p99 {p99 * 1000:.0f} ms, probes {probes.shown()}"


def _row(name: str, what: str, start: bytes) -> Row:
    def try_it(quick: bool) -> Result:
        with running() as server:
            p99, seen = asyncio.run(
                probe_among(server.port, start, number=120 if quick else 500, seconds=2 if quick else 20)
            )
            return Result(p99 <= (BUSY_MACHINE_S if quick else _LIMIT_S) and server.stop() == 0, seen)

    return Row(name, f"500 clients that dribble {what}: p99 of others at most 1 s", try_it)


async def _read_late(port: int, number: int) -> int:
    """Ask on many lines at once, read nothing until all are asked; return how many answers came whole."""
    request = ask_request()
    lines = [await asyncio.open_connection("127.0.0.1", port) for _ in range(number)]
    for _, writer in lines:
        writer.write(request)
    await asyncio.sleep(1)
    probes = await clients(port, PROBE, number=1, seconds=0.5)
    assert set(probes.statuses) == {200}, probes.shown()
    whole = 0
    for reader, writer in lines:
        head = await reader.readuntil(b"\r\n\r\n")
        whole += head.startswith(b"HTTP/1.1 200")
        writer.close()
        await writer.wait_closed()
    return whole


def try_late_readers(quick: bool) -> Result:
    """Leave answers unread for a while."""
    number = 20
    with running() as server:
        whole = asyncio.run(_read_late(server.port, number))
    return Result(whole == number, f"{whole} of {number} answers came whole")


ROWS = [
    _row("slow-headers", "their headers", HEADER),
    _row("slow-bodies", "their bodies", BODY),
    Row(
        "late-readers",
        "Clients that read late keep nobody else waiting and get their answers",
        try_late_readers,
    ),
]
