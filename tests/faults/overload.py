"""Three times more questions than the server can answer."""

import asyncio
import time

from tests.faults.clients import PROBE, Line, Load, arrivals, ask_request, clients, once
from tests.faults.rows import BUSY_MACHINE_S, Result, Row
from tests.faults.server_process import running

ASK_S, AT_ONCE = 0.05, 4
SATURATION = AT_ONCE / ASK_S
"""Questions a second that the paced service can answer."""
_ALLOWED = {200, 429, 503}
_BACK_WITHIN_S = 10.0


async def overload(port: int, *, rate: float, seconds: float) -> tuple[Load, Load, float]:
    """Send three times `rate`; return what the questions and probes of /livez saw, and the seconds to recovery."""
    asks, probes = await asyncio.gather(
        arrivals(port, ask_request(), rate=3 * rate, seconds=seconds),
        clients(port, PROBE, number=1, seconds=seconds, pause_s=0.02),
    )
    return asks, probes, await recovery(port)


async def recovery(port: int) -> float:
    """Return the seconds until ten questions in a row are answered."""
    began, answered, line = time.perf_counter(), 0, Line(port)
    while answered < 10 and time.perf_counter() - began < 60:
        answered = answered + 1 if (await line.send(ask_request())).status == 200 else 0
    await line.close()
    return time.perf_counter() - began


async def _refusal_names_a_time(port: int) -> bool:
    replies = await asyncio.gather(*(once(port, ask_request()) for _ in range(40)))
    refused = [reply for reply in replies if reply.status != 200]
    return bool(refused) and all(int(reply.headers["retry-after"]) > 0 for reply in refused)


def try_overload(quick: bool) -> Result:
    """Overload the server, then see it recover."""
    with running(ask_s=ASK_S, asks_at_once=AT_ONCE, threads=16) as server:
        names_a_time = asyncio.run(_refusal_names_a_time(server.port))
        asks, probes, back_s = asyncio.run(overload(server.port, rate=SATURATION, seconds=3 if quick else 60))
    held = (
        names_a_time
        and set(asks.statuses) <= _ALLOWED
        and asks.statuses[200] >= SATURATION / (4 if quick else 1)
        and set(probes.statuses) == {200}
        and probes.percentile(0.99) <= (BUSY_MACHINE_S if quick else 1)
        and back_s <= _BACK_WITHIN_S
    )
    return Result(
        held,
        f"{3 * SATURATION:.0f} questions a second: {asks.shown()}; answers p99 {asks.percentile(0.99):.2f} s, "
        f"/livez p99 {probes.percentile(0.99) * 1000:.0f} ms, back in {back_s:.1f} s",
    )


ROWS = [
    Row(
        "overload",
        "At 3 times saturation only 200, 429 and 503 with Retry-After; /livez answers within 1 s; back within 10 s",
        try_overload,
    )
]
