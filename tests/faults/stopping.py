"""SIGTERM under load: what runs is finished, streams too, and nothing new is begun."""

import asyncio
import signal
from collections import Counter

from tests.faults.clients import CUT, Line, Load, Reply, ask_request, once
from tests.faults.rows import Result, Row
from tests.faults.server_process import Server, running

_ASK = ask_request()
_STREAM = ask_request({"question": "Who is the captain of the ferry Halden?", "stream": True})
_CLIENTS = 6


async def stop_under_load(server: Server, *, seconds: float) -> Counter[int]:
    """Ask and stream on several lines, send SIGTERM after `seconds`, and return the statuses of all replies."""
    seen = Load()
    tasks = [
        asyncio.create_task(_until_refused(server.port, stream=number % 2 == 1, seen=seen))
        for number in range(_CLIENTS)
    ]
    await asyncio.sleep(seconds)
    server.process.send_signal(signal.SIGTERM)
    await asyncio.gather(*tasks)
    await asyncio.to_thread(server.process.wait, 60)
    return seen.statuses


async def _until_refused(port: int, *, stream: bool, seen: Load) -> None:
    line = Line(port)
    while True:
        reply = await line.send(_STREAM if stream else _ASK)
        if reply.status < 0:
            break
        seen.note(reply if not stream or is_whole(reply) else Reply(CUT), 0)
        if reply.status == CUT:
            break
    await line.close()


def is_whole(reply: Reply) -> bool:
    """Whether a stream came to its end."""
    return reply.status == 200 and b"event: done" in reply.body


def try_restarts(quick: bool) -> Result:
    """Start, load and stop the server again and again."""
    rounds, total = 2 if quick else 100, Counter[int]()
    for _ in range(rounds):
        with running(ask_s=0.2, asks_at_once=8) as server:
            total += asyncio.run(stop_under_load(server, seconds=0.6))
            if server.process.returncode != 0:
                return Result(False, f"ended with {server.process.returncode}")
    held = total[CUT] == 0 and set(total) == {200}
    return Result(
        held, f"{rounds} restarts, {total.total():,} requests, half of them streams, {total[CUT]} cut"
    )


def try_a_long_answer(quick: bool) -> Result:
    """Stop while one answer and one stream still take a while."""
    takes_s = 1.0 if quick else 10.0
    with running(ask_s=takes_s, asks_at_once=4) as server:
        replies = asyncio.run(long_answers(server, takes_s))
        code = server.process.wait(60)
    held = code == 0 and replies[0].status == 200 and is_whole(replies[1])
    return Result(
        held, f"{replies[0].status}, stream {'whole' if is_whole(replies[1]) else 'cut'}, exit {code}"
    )


async def long_answers(server: Server, takes_s: float) -> list[Reply]:
    """Ask plainly and as a stream, send SIGTERM meanwhile, and return both replies."""
    asking = [asyncio.create_task(once(server.port, request)) for request in (_ASK, _STREAM)]
    await asyncio.sleep(takes_s / 3)
    server.process.send_signal(signal.SIGTERM)
    return list(await asyncio.gather(*asking))


def try_the_limit_of_patience(quick: bool) -> Result:
    """Stop while an answer takes longer than the server waits for."""
    with running(ask_s=30, drain_s=0.5) as server:
        replies = asyncio.run(long_answers(server, 1.0))
        code = server.process.wait(20)
    return Result(code == 0 and replies[0].status == CUT, f"status {replies[0].status}, exit {code}")


ROWS = [
    Row(
        "stop-restarts", "100 restarts under load by SIGTERM, streams included: 0 requests cut", try_restarts
    ),
    Row(
        "stop-long-answers",
        "An answer and a stream that run at SIGTERM are finished, 10 s long",
        try_a_long_answer,
    ),
    Row(
        "stop-in-time",
        "What outlasts QA_DRAIN_S is cut and the process ends",
        try_the_limit_of_patience,
    ),
]
