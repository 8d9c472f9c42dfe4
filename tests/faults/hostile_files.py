"""Files made to break parsers: every one of them is read or named, in time and within the memory allowed."""

import json
import random
import re
import tempfile
import time
import zipfile
from collections.abc import Callable
from contextlib import closing
from io import BytesIO
from pathlib import Path

from qa_service.parsing import Skipped
from qa_service.parsing.bounded import MEMORY_MIB, BoundedParser
from qa_service.parsing.draft import Draft
from tests.faults.rows import Result, Row

SAMPLES = Path(__file__).resolve().parents[1] / "articles"
PROMISED_S = 10.0  # from asking for a file to its articles or the word that it was given up
_TOKENS = (
    b"<", b">", b"<p>", b"<table><tr><td>", b"<rss>", b"<item>", b"<description>", b"<![CDATA[", b"]]>", b"&#xD800;",
    b"<!ENTITY a '&a;&a;'>", b"&a;", b"{", b"[", b'{"title": "T", "text": "', b'"}\n', b"\\ud800", b"\\u0000", b"\x00",
    b"\xff\xfe", b"\xef\xbb\xbf", b"\r", b"\n\n", b"\xed\xa0\x80", b"\xe2\x80\xae", b"\xcc\x81" * 50, b"--b\n", b"# ",
    b"Content-Type: multipart/mixed; boundary=b\n\n", b"obj<</Kids[2 0 R]/Parent 2 0 R>>endobj ", b"stream\n",
    b"%PDF-1.7\n", b"PK\x03\x04", b"---\n", b"title: &a [*a, *a]\n", b"Some words of a story. ",
)  # fmt: skip
_SUFFIXES = (".txt", ".md", ".html", ".pdf", ".docx", ".eml", ".rss", ".xml", ".jsonl")


def _bomb(unpacked_mib: int) -> bytes:
    data = BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("[Content_Types].xml", "word/document.xml"):
            archive.writestr(name, b"<a>" * ((unpacked_mib << 20) // 3))
    return data.getvalue()


def _entities(levels: int) -> bytes:
    rows = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, levels))
    return f'<!DOCTYPE r [<!ENTITY e0 "lol">{rows}]><rss><channel><item><title>&e{levels - 1};'.encode()


# The worst of each kind, by name; what is large is made when its turn comes.
KNOWN: dict[str, Callable[[], bytes]] = {
    "line.txt": lambda: b"a" * (100 << 20),
    "line.jsonl": lambda: b'{"title": "T", "text": "' + b"a" * (100 << 20),
    "line.html": lambda: b"<p>" + b"a " * (8 << 20),
    "deep.jsonl": lambda: b"[" * 100_000 + b"]" * 100_000,
    "deep-objects.jsonl": lambda: b'{"a":' * 100_000,
    "deep.html": lambda: b"<div>" * 200_000 + b"words",
    "tables.html": lambda: b"<table><tr><td>" * 100_000,
    "attributes.html": lambda: b"<p " + b"a=b " * 1_000_000 + b">words",
    "deep.xml": lambda: b"<rss>" + b"<a>" * 200_000,
    "entities.xml": lambda: _entities(12),
    "entities.html": lambda: _entities(12),
    "quotes.md": lambda: b"> " * 200_000 + b"words",
    "brackets.md": lambda: b"[a](" * 200_000,
    "bomb.docx": lambda: _bomb(600),
    "tags.docx": lambda: _bomb(100),
    "parts.eml": lambda: b"Subject: x\n" + b"Content-Type: multipart/mixed; boundary=b\n\n--b\n" * 20_000,
    "page-loop.pdf": lambda: (
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
        b"2 0 obj<</Type/Pages/Kids[2 0 R 2 0 R]/Count 9999>>endobj\ntrailer<</Root 1 0 R>>"
    ),
    "length-loop.pdf": lambda: (
        b"%PDF-1.4\n1 0 obj<</Length 1 0 R>>stream\nx\nendstream endobj\n"
        b"trailer<</Root 1 0 R/Prev 9>>\nstartxref\n9\n%%EOF"
    ),
    "zeros.txt": lambda: bytes(16 << 20),
    "utf-16.txt": lambda: b"\xff\xfe" + b"\x00\xd8" * 1_000,
    "marks.txt": lambda: ("a" + "\u0301\u0316" * 400_000).encode(),
    "right-to-left.txt": lambda: ("\u202e" * 1_000 + "words \u2066" * 1_000).encode(),
}  # fmt: skip


def generated(number: int, samples: list[Path]) -> tuple[str, bytes]:
    """Return the name and bytes of a file: tokens in any order, or a sound file that was damaged."""
    chance = random.Random(number)
    sample = chance.choice(samples)
    if number % 2:
        count = int(10 ** chance.uniform(0, 3.5))
        return f"{number}{chance.choice(_SUFFIXES)}", b"".join(chance.choices(_TOKENS, k=count))
    data = bytearray(sample.read_bytes())
    for _ in range(chance.randint(1, 30)):
        place = chance.randrange(len(data) + 1)
        match chance.randrange(3):
            case 0:
                data[place : place + 1] = bytes([chance.randrange(256)])
            case 1:
                data[place:place] = chance.choice(_TOKENS) * chance.randint(1, 200)
            case _:
                del data[place : place + chance.randint(1, 400)]
    suffix = sample.suffix if chance.random() < 0.8 else chance.choice(_SUFFIXES)
    return f"{number}{suffix}", bytes(data)


def samples_in(folder: Path) -> list[Path]:
    """Return small sound files of every format, those that are not in the repository made anew."""
    import docx

    from tests.unit.pdf_writing import column, write_pdf

    document = docx.Document()
    document.add_heading("Last ferry sails", 0)
    document.add_paragraph("The ferry sails on Sunday.")
    document.save(str(folder / "a.docx"))
    (folder / "a.pdf").write_bytes(
        write_pdf([column(60, 740, ["The ferry sails on Sunday,", "they say."])] * 2)
    )
    (folder / "a.jsonl").write_text(
        json.dumps({"title": "T", "text": "Words.\n\nMore.", "authors": ["A"]}) + "\n"
    )
    (folder / "a.eml").write_text("From: a@b.example\nSubject: Ferry\n\nThe ferry sails on Sunday.\n")
    (folder / "a.md").write_text("---\ntitle: T\n---\n# T\n\nWords of *a* story.\n")
    shipped = [path for path in SAMPLES.rglob("*") if path.suffix in _SUFFIXES]
    return sorted(folder.iterdir()) + sorted(shipped)


def peak_mib(parser: BoundedParser) -> float:
    """Return the most memory that the parser's process has had; 0 where that cannot be seen or it was killed."""
    status = Path(f"/proc/{parser._worker._process.pid}/status") if parser._worker else None
    if status is None or not status.exists():
        return 0.0
    found = re.search(r"^VmHWM:\s+(\d+) kB$", status.read_text(), re.MULTILINE)
    return int(found[1]) / 1024 if found else 0.0


def try_hostile(quick: bool) -> Result:
    """Read them one by one; each must end as articles or reasons, in time, and the process within its memory."""
    wrong: list[str] = []
    named = articles = 0
    slowest, most = ("", 0.0), 0.0
    with tempfile.TemporaryDirectory() as place, tempfile.TemporaryDirectory() as made:
        samples = samples_in(Path(made))
        count = 150 if quick else 10_000 - len(KNOWN)
        known = [name for name in KNOWN if not quick or name not in {"line.txt", "line.jsonl", "tags.docx"}]
        with closing(BoundedParser()) as parser:
            for number in range(count + len(known)):
                name, data = (
                    (known[number], KNOWN[known[number]]())
                    if number < len(known)
                    else generated(number, samples)
                )
                path = Path(place) / name
                path.write_bytes(data)
                began = time.monotonic()
                found = list(parser.read(path, name, path.suffix))
                took = time.monotonic() - began
                most = max(most, peak_mib(parser))
                path.unlink()
                slowest = max(slowest, (name, took), key=lambda one: one[1])
                reasons = [item for item in found if isinstance(item, Skipped)]
                named += bool(reasons)
                articles += sum(isinstance(item, Draft) for item in found)
                if not any(isinstance(item, (Skipped, Draft)) for item in found):
                    wrong.append(f"{name}: neither read nor named")
                if took > PROMISED_S:
                    wrong.append(f"{name}: {took:.1f} s")
                if any("crashed" in item.reason for item in reasons):
                    wrong.append(f"{name}: {reasons[0].reason}")
        if most > MEMORY_MIB:
            wrong.append(f"{most:.0f} MiB of memory")
    faults = "; ".join(wrong[:5]) or "none crashed, none was passed over in silence"
    seen = (
        f"{count + len(known):,} files: {named:,} named, {articles:,} articles,"
        f" slowest {slowest[0]} {slowest[1]:.1f} s, at most {most:.0f} MiB; {faults}"
    )
    return Result(not wrong, seen)


ROWS = [
    Row(
        "hostile-files",
        "Hostile files - bombs, loops, depth, damage, encodings - never stop a run: 10,000 files, 0 crashes,"
        " each at most 10 s and 512 MiB, each skipped one named",
        try_hostile,
    )
]
