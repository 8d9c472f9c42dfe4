"""Measures how often undeclared Cyrillic bytes are read rightly, by two readers: `python -m tests.bench.encodings`."""

from charset_normalizer import from_bytes

from qa_service.parsing.charsets import decoded
from qa_service.parsing.draft import Unreadable

LENGTHS = (30, 60, 200)
LIBRARY_KNOWS = ["cp1251", "koi8_r", "cp1252"]  # what the rules choose among
TEXT = (
    "Старый мост через реку закрыли на ремонт до конца осени. Жители левого берега добираются на работу в обход,"
    " и дорога занимает почти час. Инженеры нашли трещины в двух опорах ещё весной, но деньги выделили только в"
    " августе. Глава района Юлия Шмелёва обещает, что к декабрю по мосту снова пойдут автобусы."
)


def main() -> None:
    """Print a table; both read every stretch of the same text."""
    print("| characters | encoding | stretches | rules | charset-normalizer |\n|---|---|---|---|---|")
    for length in LENGTHS:
        stretches = [TEXT[at : at + length] for at in range(len(TEXT) - length + 1)]
        for encoding in ("koi8-r", "cp1251"):
            ours = sum(_by_rules(text.encode(encoding)) == text for text in stretches)
            theirs = sum(_by_library(text.encode(encoding)) == text for text in stretches)
            print(f"| {length} | {encoding} | {len(stretches)} | {ours} | {theirs} |")


def _by_rules(data: bytes) -> str | None:
    try:
        return decoded(data).text
    except Unreadable:
        return None


def _by_library(data: bytes) -> str | None:
    best = from_bytes(data, cp_isolation=LIBRARY_KNOWS).best()
    return None if best is None else str(best)


if __name__ == "__main__":
    main()
