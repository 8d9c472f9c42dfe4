"""One writer at a time: the lock on a data folder."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from qa_service.errors import GenerationError, WriterBusy


@contextmanager
def writer_lock(data_dir: Path) -> Iterator[None]:
    """Hold the data folder for writing; the lock dies with its process.

    Raises:
        WriterBusy: another process writes.
        GenerationError: the folder cannot be written.
    """
    try:
        # For their owner's eyes alone; folders that people made keep the modes that they were given.
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        (data_dir / "generations").mkdir(mode=0o700, exist_ok=True)
        descriptor = os.open(data_dir / "writer.lock", os.O_RDWR | os.O_CREAT, 0o666)
    except OSError as error:
        raise unwritable(data_dir, error) from error
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise WriterBusy(
                f"Another reindex is writing to {data_dir}. Wait for it to end, then try again."
            ) from None
        except OSError as error:
            raise unwritable(data_dir, error) from error
        yield
    finally:
        os.close(descriptor)


def unwritable(data_dir: Path, error: OSError) -> GenerationError:
    """Return the error for a data folder that refuses to be written."""
    return GenerationError(
        f"Cannot write to the data folder {data_dir}: {error.strerror}."
        " Free some space, mend its permissions or set QA_DATA_DIR."
    )
