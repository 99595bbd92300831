"""Draw which folder imports which, from the code, as docs/images/architecture.svg.

    .venv/bin/python -m scripts.draw_architecture

Folders stand in the order of the contracts in pyproject.toml. A number says how many modules of the
row's folder import the column's. Each may import only what stands below it, so every number lies
above the diagonal.
"""

from __future__ import annotations

import ast
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PICTURE = ROOT / "docs/images/architecture.svg"

CELL = 25
"""Pixels: the height of a row, the width of a column."""

NAMES = 150
BARS = 90
HEADINGS = 110
MARGIN = 16
PIXELS_A_MODULE = 3

FILLS = {"web": "#1d70b8", "training": "#6f6f6f", "workflows": "#b58840", "engine": "#00703c"}
INK, FAINT, PAPER = "#0b0c0c", "#d8dadc", "#ffffff"


@dataclass(frozen=True)
class Room:
    """A folder of the product, or a module that stands alone among them."""

    name: str
    modules: tuple[str, ...]

    @property
    def house(self) -> str:
        return self.name.partition(".")[0]


def rooms() -> list[Room]:
    """Return the folders in the order of the contracts, the highest first."""
    modules = _modules()
    return [
        Room(name, tuple(each for each in modules if each == name or each.startswith(f"{name}.")))
        for name in _names_in_order()
    ]


def _names_in_order() -> list[str]:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    layered = [each for each in settings["tool"]["importlinter"]["contracts"] if "layers" in each]
    inside = {each["containers"][0]: each["layers"] for each in layered if "containers" in each}
    [outside] = [each["layers"] for each in layered if "containers" not in each]
    # Of two that stand side by side, the one that imports some nouns of the other comes first.
    houses = [name for layer in outside for name in reversed(layer.split(" | "))]
    return [
        f"{house}.{name}" if name else house
        for house in houses
        for layer in inside.get(house, [""])
        for name in layer.split(" | ")
    ]


def _modules() -> dict[str, Path]:
    """Return module -> its file. What holds nothing but a package's existence is none."""
    return {
        ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): file
        for house in FILLS
        for file in sorted((ROOT / house).rglob("*.py"))
        if file.stat().st_size and "versions" not in file.parts
    }


def imports(all_rooms: list[Room]) -> Counter[tuple[str, str]]:
    """Return (room, other room) -> how many modules of the first import the second."""
    modules = _modules()
    home = {module: room.name for room in all_rooms for module in room.modules}
    found: Counter[tuple[str, str]] = Counter()
    for module, file in modules.items():
        if module not in home:
            continue
        targets = {home[each] for each in _imported(file, modules) if each in home}
        found.update((home[module], target) for target in targets - {home[module]})
    return found


def _imported(file: Path, modules: dict[str, Path]) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield inner if inner in modules else node.module


def draw() -> str:
    """Return the picture as SVG."""
    shown = rooms()
    counts = imports(shown)
    left, top = MARGIN + NAMES + BARS, MARGIN + HEADINGS
    width, height = left + CELL * len(shown) + MARGIN, top + CELL * len(shown) + MARGIN
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}" font-family="Arial, Helvetica, sans-serif" '
        f'font-size="13" fill="{INK}" role="img" aria-labelledby="title">',
        '<title id="title">Which folder imports which: every number lies above the diagonal'
        "</title>",
        f'<rect width="{width}" height="{height}" fill="{PAPER}"/>',
        f'<text x="{MARGIN}" y="{top - 12}" font-weight="bold">folder</text>',
        f'<text x="{MARGIN + NAMES}" y="{top - 12}" font-weight="bold">modules</text>',
    ]
    for number, room in enumerate(shown):
        lines += _heading(room, left + CELL * number, top, bottom=height - MARGIN)
        lines += _row(room, top + CELL * number, right=width - MARGIN)
    for row, room in enumerate(shown):
        x, y = left + CELL * row, top + CELL * row
        lines.append(_box(x, y, CELL, CELL, FILLS[room.house]))
        for column, other in enumerate(shown):
            if many := counts[room.name, other.name]:
                lines += _mark(room, other, many, left + CELL * column, y)
    return "\n".join([*lines, "</svg>", ""])


def _heading(room: Room, x: int, top: int, *, bottom: int) -> list[str]:
    middle = x + CELL // 2 + 4
    return [
        f'<line x1="{x}" y1="{top}" x2="{x}" y2="{bottom}" stroke="{FAINT}"/>',
        f'<text transform="translate({middle} {top - 8}) rotate(-60)">{_short(room)}</text>',
    ]


def _row(room: Room, y: int, *, right: int) -> list[str]:
    base, fill = y + CELL - 8, FILLS[room.house]
    bar = PIXELS_A_MODULE * len(room.modules)
    return [
        f'<line x1="{MARGIN}" y1="{y}" x2="{right}" y2="{y}" stroke="{FAINT}"/>',
        f'<text x="{MARGIN}" y="{base}">{room.name}</text>',
        _box(MARGIN + NAMES, y + 6, bar, CELL - 12, fill),
        f'<text x="{MARGIN + NAMES + bar + 4}" y="{base}">{len(room.modules)}</text>',
    ]


def _mark(room: Room, other: Room, many: int, x: int, y: int) -> list[str]:
    words = f"{room.name} imports {other.name}: {many}"
    return [
        f"<g><title>{words}</title>",
        f'<circle cx="{x + CELL / 2}" cy="{y + CELL / 2}" r="10" fill="{FILLS[other.house]}" '
        'fill-opacity="0.16"/>',
        f'<text x="{x + CELL / 2}" y="{y + CELL - 8}" text-anchor="middle">{many}</text></g>',
    ]


def _box(x: int, y: int, width: int, height: int, fill: str) -> str:
    return f'<rect x="{x}" y="{y}" width="{width}" height="{height}" fill="{fill}"/>'


def _short(room: Room) -> str:
    return room.name.rpartition(".")[2]


def main() -> None:
    PICTURE.write_text(draw(), "utf-8")


if __name__ == "__main__":
    main()
