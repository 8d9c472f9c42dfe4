"""What the server tells the C library of memory."""

import subprocess
import sys

import pytest

PROGRAM = """
import sys, threading
from web.allocator import limit_arenas
taken = {limit} and limit_arenas()
def work():
    kept = [bytearray(30_000) for _ in range(100)]
    done.wait()
done = threading.Barrier(17)
threads = [threading.Thread(target=work) for _ in range(16)]
for thread in threads:
    thread.start()
heaps = sum('rw-p' in line and line.split()[-1] == '0' and int(line[:12], 16) % (64 << 20) == 0
            for line in open('/proc/self/maps'))
done.wait()
print(taken, heaps)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the arenas are glibc's")
def test_threads_share_few_arenas() -> None:
    def arenas(limit: bool) -> tuple[str, int]:
        program = PROGRAM.replace("{limit}", str(limit))
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
        taken, heaps = done.stdout.split()
        return taken, int(heaps)

    assert arenas(limit=False)[1] > 4
    taken, heaps = arenas(limit=True)
    assert taken == "True"
    assert heaps <= 1  # the other arena is the heap of the program itself
