"""Clients on raw sockets: well-behaved ones that measure, and those that dribble."""

import asyncio
import contextlib
import itertools
import json
import time
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

QUESTION = {"question": "Who is the captain of the ferry Halden?"}
PROBE = b"GET /livez HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
CUT, REFUSED = 0, -1
"""Statuses of requests that got no whole response, and of those that found nobody listening."""
_TIMEOUT_S = 60.0


def ask_request(body: dict[str, Any] | None = None) -> bytes:
    """Return the bytes of a question."""
    content = json.dumps(body or QUESTION).encode()
    head = (
        "POST /api/v1/ask HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(content)}\r\n\r\n"
    )
    return head.encode() + content


@dataclass(slots=True)
class Reply:
    """A response; `status` is CUT when it did not come whole."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def closes(self) -> bool:
        """Whether the connection ends with this response."""
        return self.status <= 0 or self.headers.get("connection", "").lower() == "close"


class Line:
    """One connection that is kept alive as long as the server lets it."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def send(self, request: bytes) -> Reply:
        """Send `request` and read the whole response."""
        try:
            if self._streams is None:
                self._streams = await asyncio.open_connection("127.0.0.1", self._port)
        except OSError:
            return Reply(REFUSED)
        reader, writer = self._streams
        try:
            async with asyncio.timeout(_TIMEOUT_S):
                writer.write(request)
                await writer.drain()
                reply = await _read_reply(reader)
        except (OSError, EOFError, ValueError, TimeoutError):
            reply = Reply(CUT)
        if reply.closes:
            await self.close()
        return reply

    async def close(self) -> None:
        """Hang up."""
        if self._streams:
            self._streams[1].close()
            with contextlib.suppress(OSError):
                await self._streams[1].wait_closed()
            self._streams = None


async def once(port: int, request: bytes) -> Reply:
    """Send one request on a line of its own."""
    line = Line(port)
    reply = await line.send(request)
    await line.close()
    return reply


async def _read_reply(reader: asyncio.StreamReader) -> Reply:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:])}
    status = int(head[0].split()[1])
    if headers.get("transfer-encoding", "").lower() == "chunked":
        body = b""
        while size := int(await reader.readuntil(b"\r\n"), 16):
            body += (await reader.readexactly(size + 2))[:-2]
        await reader.readuntil(b"\r\n")
        return Reply(status, headers, body)
    if "content-length" in headers:
        return Reply(status, headers, await reader.readexactly(int(headers["content-length"])))
    return Reply(status, headers | {"connection": "close"}, await reader.read())


@dataclass(slots=True)
class Load:
    """What a load of many clients saw: statuses, and the times of all responses in seconds."""

    statuses: Counter[int] = field(default_factory=Counter)
    times: list[float] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def rate(self) -> float:
        """Responses a second."""
        return len(self.times) / self.seconds if self.seconds else 0.0

    def percentile(self, share: float) -> float:
        """Return the time that `share` of the responses stayed under, in seconds."""
        ordered = sorted(self.times)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("inf")

    def note(self, reply: Reply, seconds: float) -> None:
        """Count one response."""
        self.statuses[reply.status] += 1
        if reply.status > 0:
            self.times.append(seconds)

    def shown(self) -> str:
        """Return statuses and counts in a few words."""
        names = {CUT: "cut", REFUSED: "refused"}
        counted = sorted(self.statuses.items())
        return ", ".join(f"{names.get(status, status)}: {number:,}" for status, number in counted)


async def clients(port: int, *requests: bytes, number: int, seconds: float, pause_s: float = 0.0) -> Load:
    """Let `number` clients send `requests` in turn, over and over for `seconds`, each waiting for its response."""
    load, began, turns = Load(), time.perf_counter(), itertools.cycle(requests)

    async def one() -> None:
        line = Line(port)
        while time.perf_counter() - began < seconds:
            sent = time.perf_counter()
            reply = await line.send(next(turns))
            load.note(reply, time.perf_counter() - sent)
            if pause_s or reply.status <= 0:
                await asyncio.sleep(pause_s or 0.05)
        await line.close()

    await asyncio.gather(*(one() for _ in range(number)))
    load.seconds = time.perf_counter() - began
    return load


async def arrivals(port: int, *requests: bytes, rate: float, seconds: float) -> Load:
    """Send `rate` requests a second whether or not earlier ones were answered, each on a line of its own."""
    load, began, turns = Load(), time.perf_counter(), itertools.cycle(requests)

    async def one() -> None:
        sent = time.perf_counter()
        load.note(await once(port, next(turns)), time.perf_counter() - sent)

    running: set[asyncio.Task[None]] = set()
    for number in range(int(rate * seconds)):
        await asyncio.sleep(max(0.0, began + number / rate - time.perf_counter()))
        task = asyncio.create_task(one())
        running.add(task)
        task.add_done_callback(running.discard)
    await asyncio.gather(*running)
    load.seconds = time.perf_counter() - began
    return load


@contextlib.asynccontextmanager
async def dribblers(
    port: int, start: bytes, *, number: int, every_s: float = 0.5
) -> AsyncIterator[Counter[str]]:
    """Keep `number` connections that send `start` and then a byte at a time, never a whole request.

    Gives how many were opened and how many the server has closed so far.
    """
    seen: Counter[str] = Counter()

    async def one() -> None:
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            seen["refused"] += 1
            return
        seen["open"] += 1
        try:
            writer.write(start)
            while not reader.at_eof():
                await asyncio.sleep(every_s)
                writer.write(b"a")
                await writer.drain()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(reader.read(1000), 0.001)
            seen["closed"] += 1
        except OSError:
            seen["closed"] += 1
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    tasks = [asyncio.create_task(one()) for _ in range(number)]
    async with asyncio.timeout(30):
        while seen["open"] + seen["refused"] < number:
            await asyncio.sleep(0.05)
    try:
        yield seen
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
