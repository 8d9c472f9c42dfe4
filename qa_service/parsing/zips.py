"""Zip archives, looked at before they are unpacked."""

import zipfile
from pathlib import Path

from qa_service.parsing.draft import Unreadable

_MOST_PARTS = 10_000
LARGEST_UNPACKED = 256 << 20


def check_zip(path: Path) -> None:
    """Refuse an archive that is none, is encrypted, or would unpack to very much.

    Sizes are those that the archive states; `zipfile` unpacks no more than a part states.

    Raises:
        Unreadable: with the reason.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, EOFError) as error:
        raise Unreadable(f"no zip archive, or a damaged one: {str(error)[:80]}") from None
    if any(part.flag_bits & 1 for part in parts):
        raise Unreadable("encrypted; save it without a password")
    unpacked = sum(part.file_size for part in parts)
    if len(parts) > _MOST_PARTS or unpacked > LARGEST_UNPACKED:
        raise Unreadable(
            f"{len(parts):,} parts that unpack to {unpacked >> 20:,} MiB;"
            f" at most {_MOST_PARTS:,} parts and {LARGEST_UNPACKED >> 20} MiB are read"
        )
