"""A plain bar chart as SVG, legible on light and dark pages."""

from collections.abc import Mapping
from xml.sax.saxutils import escape

_WIDTH, _ROW, _LEFT, _RIGHT, _TOP = 640, 30, 220, 70, 44
_STYLE = (
    "text{font:13px system-ui,sans-serif;fill:#1c1f22}.t{font-weight:600;font-size:15px}"
    ".b{fill:#9db4ba}.o{fill:#0b5563}"
    "@media(prefers-color-scheme:dark){text{fill:#e8e6e1}.b{fill:#56666b}.o{fill:#6fb7c6}}"
)


def bar_chart(title: str, values: Mapping[str, float], form: str) -> str:
    """Return an SVG with one bar a name, the first one set off; `form` formats the values.

    >>> bar_chart("Speed", {"ours": 2.0, "theirs": 1.0}, "{:.0f}").count("<rect")
    2
    """
    most = max(values.values(), default=0.0) or 1.0
    room = _WIDTH - _LEFT - _RIGHT
    told = "; ".join(f"{name} {form.format(value)}" for name, value in values.items())
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_TOP + _ROW * len(values) + 8}" role="img">',
        f"<title>{escape(f'{title}: {told}')}</title><style>{_STYLE}</style>",
        f'<text class="t" x="12" y="26">{escape(title)}</text>',
    ]
    for number, (name, value) in enumerate(values.items()):
        top, width = _TOP + _ROW * number, max(1.0, room * value / most)
        parts.append(f'<text x="{_LEFT - 10}" y="{top + 15}" text-anchor="end">{escape(name)}</text>')
        kind = "b" if number else "o"
        parts.append(f'<rect class="{kind}" x="{_LEFT}" y="{top}" width="{width:.1f}" height="20" rx="2"/>')
        parts.append(f'<text x="{_LEFT + width + 8:.1f}" y="{top + 15}">{form.format(value)}</text>')
    return "".join(parts) + "</svg>\n"
