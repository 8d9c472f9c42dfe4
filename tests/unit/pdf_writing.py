"""Small PDF files for the tests, written by hand so that every line stands where the test wants it."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Text:
    x: float
    y: float
    words: str
    size: float = 10
    bold: bool = False


PICTURE = "picture"
"""Stands for a page that is one picture, as a scanner makes them."""

_WIDTH, _HEIGHT = 595, 842


def column(x: float, top: float, lines: Sequence[str], *, pitch: float = 12) -> list[Text]:
    """Return lines beneath one another; one that begins with two spaces is indented."""
    return [
        Text(x + 5 * (len(line) - len(line.lstrip())), top - pitch * number, line.lstrip())
        for number, line in enumerate(lines)
    ]


def write_pdf(pages: Sequence[Sequence[Text] | str], info: str = "") -> bytes:
    """Return a PDF of pages; `info` is the inside of its information dictionary."""
    kids = " ".join(f"{10 + 2 * number} 0 R" for number in range(len(pages)))
    objects = {
        1: "<</Type/Catalog/Pages 2 0 R>>",
        2: f"<</Type/Pages/Kids[{kids}]/Count {len(pages)}>>",
        3: "<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>",
        4: "<</Type/Font/Subtype/Type1/BaseFont/Helvetica-Bold/Encoding/WinAnsiEncoding>>",
        5: _stream(
            "/Type/XObject/Subtype/Image/Width 1/Height 1/ColorSpace/DeviceGray/BitsPerComponent 8", "x"
        ),
        6: f"<<{info}>>",
    }
    for number, page in enumerate(pages):
        drawn = "q 595 0 0 842 0 0 cm /I Do Q" if isinstance(page, str) else "\n".join(map(_drawn, page))
        objects[10 + 2 * number] = (
            f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 {_WIDTH} {_HEIGHT}]/Contents {11 + 2 * number} 0 R"
            "/Resources<</Font<</R 3 0 R/B 4 0 R>>/XObject<</I 5 0 R>>>>>>"
        )
        objects[11 + 2 * number] = _stream("", drawn)
    return assemble(objects)


def assemble(objects: dict[int, str]) -> bytes:
    """Return a file of numbered objects; 1 is the catalogue, 6 the information dictionary."""
    data, places = b"%PDF-1.4\n", {}
    for number, body in objects.items():
        places[number] = len(data)
        data += f"{number} 0 obj\n{body}\nendobj\n".encode("cp1252")
    table = "".join(f"{number} 1\n{place:010} 00000 n \n" for number, place in places.items())
    start = len(data)
    info = "/Info 6 0 R" if 6 in objects else ""
    end = f"xref\n0 1\n0000000000 65535 f \n{table}trailer\n<</Size {max(objects) + 1}/Root 1 0 R{info}>>\n"
    return data + f"{end}startxref\n{start}\n%%EOF\n".encode()


def _stream(head: str, body: str) -> str:
    return f"<<{head}/Length {len(body.encode('cp1252'))}>>\nstream\n{body}\nendstream"


def _drawn(text: Text) -> str:
    words = text.words.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
    return f"BT /{'B' if text.bold else 'R'} {text.size} Tf {text.x} {text.y} Td ({words}) Tj ET"
