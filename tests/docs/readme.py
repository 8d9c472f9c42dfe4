"""Makes the parts of the README that follow from the code; run as a module to write them."""

import ast
import re
from pathlib import Path

from qa_service.settings import settings_table

ROOT = Path(__file__).resolve().parents[2]
README = ROOT / "README.md"
PACKAGES = ("web", "qa_service", "embeddings")


def file_map() -> str:
    """Return a table with a line for each module: its path and the first line of its docstring."""
    lines = ["| file | what it is for |", "|---|---|"]
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
            purpose = docstring.splitlines()[0] if docstring else ""
            lines.append(f"| `{path.relative_to(ROOT).as_posix()}` | {purpose} |")
    return "\n".join(lines)


def generated(text: str) -> str:
    """Return the README's text with its generated parts made anew."""
    for name, part in (("settings", settings_table()), ("files", file_map())):
        pattern = re.compile(rf"(<!-- {name}: [^>]*-->\n).*?(<!-- /{name} -->)", re.DOTALL)
        text = pattern.sub(lambda match, part=part: f"{match[1]}\n{part}\n\n{match[2]}", text)
    return text


if __name__ == "__main__":
    README.write_text(generated(README.read_text(encoding="utf-8")), encoding="utf-8")
