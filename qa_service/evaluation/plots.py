"""Plots as plain values: shapes in the coordinates of an SVG, drawn by the report's template."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

WIDTH, HEIGHT = 400, 284
_LEFT, _RIGHT, _TOP, _BOTTOM = 44, 14, 34, 46

Attributes = dict[str, str | float]


@dataclass(frozen=True, slots=True)
class Shape:
    """An element of an SVG; `note` becomes its title, which a pointer shows."""

    tag: str
    attributes: Attributes
    text: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Plot:
    """A plot with the words and the table that say the same.

    Attributes:
        name: for the ids of its elements.
        reading: one sentence on how to read it.
        summary: what it shows, for people who do not see it.
        legend: class of the mark and its name.
        head, rows: the table.
    """

    name: str
    title: str
    reading: str
    summary: str
    shapes: tuple[Shape, ...]
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    legend: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True)
class Canvas:
    """Collects shapes; takes data in [x_low, x_high] × [y_low, y_high]."""

    x_high: float = 1.0
    y_high: float = 1.0
    x_low: float = 0.0
    y_low: float = 0.0
    shapes: list[Shape] = field(default_factory=list)

    def x(self, value: float) -> float:
        """Return where `value` lies from the left."""
        inside = WIDTH - _LEFT - _RIGHT
        return round(_LEFT + inside * (value - self.x_low) / (self.x_high - self.x_low), 1)

    def y(self, value: float) -> float:
        """Return where `value` lies from the top."""
        inside = HEIGHT - _TOP - _BOTTOM
        return round(HEIGHT - _BOTTOM - inside * (value - self.y_low) / (self.y_high - self.y_low), 1)

    def axes(
        self,
        x_label: str,
        y_label: str,
        x_ticks: Iterable[float],
        y_ticks: Iterable[float],
        x_text: Callable[[float], str],
        y_text: Callable[[float], str],
    ) -> None:
        """Draw a light line for each tick of y, the ticks' values and the axes' names."""
        for tick in y_ticks:
            self._shape("line", "grid", x1=_LEFT, x2=WIDTH - _RIGHT, y1=self.y(tick), y2=self.y(tick))
            self.text(y_text(tick), _LEFT - 6, self.y(tick) + 4, "tick end")
        for tick in x_ticks:
            self.text(x_text(tick), self.x(tick), HEIGHT - _BOTTOM + 16, "tick middle")
        self.text(x_label, (WIDTH + _LEFT - _RIGHT) / 2, HEIGHT - 8, "axis middle")
        self.text(y_label, 0, 11, "axis")

    def line(self, points: Sequence[tuple[float, float]], css: str) -> None:
        """Draw a line through `points`."""
        self._shape("polyline", f"line {css}", points=self._points(points))

    def area(self, low: Sequence[tuple[float, float]], high: Sequence[tuple[float, float]], css: str) -> None:
        """Fill what lies between two lines."""
        self._shape("polygon", f"area {css}", points=self._points([*low, *reversed(high)]))

    def bar(self, x_start: float, x_end: float, y_start: float, y_end: float, css: str, note: str) -> None:
        """Draw a bar between two values of x and two of y."""
        left, top = self.x(x_start), self.y(max(y_start, y_end))
        width, height = self.x(x_end) - left, self.y(min(y_start, y_end)) - top
        self._shape(
            "rect",
            f"bar {css}",
            note=note,
            x=left,
            y=top,
            width=round(width, 1),
            height=round(height, 1),
            rx=1.5,
        )

    def whisker(self, x: float, low: float, high: float) -> None:
        """Draw an interval of y with its ends."""
        middle, bottom, top = self.x(x), self.y(low), self.y(high)
        path = f"M{middle} {bottom}V{top}M{middle - 4} {bottom}h8M{middle - 4} {top}h8"
        self._shape("path", "whisker", d=path)

    def dot(self, x: float, y: float, css: str, note: str, radius: float = 5) -> None:
        """Draw a point."""
        self._shape("circle", f"dot {css}", note=note, cx=self.x(x), cy=self.y(y), r=radius)

    def upright(self, x: float, css: str) -> None:
        """Draw a line over the whole height at a value of x."""
        self._shape("line", f"line {css}", x1=self.x(x), x2=self.x(x), y1=_TOP - 4, y2=HEIGHT - _BOTTOM)

    def label(self, text: str, x: float, y: float, css: str, right: float = 0, up: float = 0) -> None:
        """Write `text` at a point of the data, moved by some units to the right and up."""
        self.text(text, round(self.x(x) + right, 1), round(self.y(y) - up, 1), css)

    def text(self, text: str, left: float, top: float, css: str) -> None:
        """Write `text` at a place of the drawing."""
        self.shapes.append(Shape("text", {"class": css, "x": left, "y": top}, text=text))

    def _points(self, points: Sequence[tuple[float, float]]) -> str:
        return " ".join(f"{self.x(x)},{self.y(y)}" for x, y in points)

    def _shape(self, tag: str, css: str, *, note: str = "", **attributes: str | float) -> None:
        self.shapes.append(Shape(tag, {"class": css, **attributes}, note=note))
