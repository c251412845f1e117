"""Plots as SVG: bars beside a promise, and curves over sizes that grow tenfold."""

from __future__ import annotations

import math
from html import escape
from typing import Dict, List, Sequence, Tuple

WIDTH, HEIGHT = 720, 360
LEFT, RIGHT, TOP, BOTTOM = 70, 110, 24, 56
COLOURS = ["#20639b", "#ed8b3b", "#3caea3", "#a33"]

Point = Tuple[float, float]


def lines(series: Dict[str, List[Point]], across: str, up: str) -> str:
    """Curves; both axes logarithmic, so that what grows with the size is a straight line that rises."""
    points = [point for one in series.values() for point in one]
    low, high = math.log10(min(x for x, _ in points)), math.log10(max(x for x, _ in points))
    ticks = scale(min(y for _, y in points), max(y for _, y in points))

    def place(x: float, y: float) -> Point:
        part = (math.log10(x) - low) / (high - low or 1)
        share = (math.log10(y) - math.log10(ticks[0])) / (math.log10(ticks[-1]) - math.log10(ticks[0]))
        return LEFT + part * (WIDTH - LEFT - RIGHT), HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM)

    parts = []
    for tick in ticks:
        y = place(points[0][0], tick)[1]
        parts.append(rule(LEFT, y, WIDTH - RIGHT, y, "#ddd") + text(LEFT - 8, y + 5, f"{tick:g}", "end"))
    for x in sorted({x for x, _ in points}):
        across_at = place(x, ticks[0])[0]
        parts.append(rule(across_at, HEIGHT - BOTTOM, across_at, HEIGHT - BOTTOM + 5, "#888")
                     + text(across_at, HEIGHT - BOTTOM + 20, f"{x:,.0f}", "middle"))
    for colour, (name, one) in zip(COLOURS, series.items()):
        places = [place(x, y) for x, y in one]
        joined = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        parts.append(f'<polyline points="{joined}" fill="none" stroke="{colour}" stroke-width="2.5"/>')
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{colour}"/>' for x, y in places]
        parts.append(text(places[-1][0] + 10, places[-1][1] + 5, name, "start", colour))
    return svg(parts, across, up)


def bars(groups: Sequence[Tuple[str, Sequence[float], float]], names: Sequence[str], up: str) -> str:
    """For each group its values, and a line at what is promised."""
    most = max([value for _, values, _ in groups for value in values] + [wanted for _, _, wanted in groups]) * 1.15
    width = (WIDTH - LEFT - RIGHT) / len(groups)
    bar = width / (len(names) + 1.5)

    def height(value: float) -> float:
        return HEIGHT - BOTTOM - value / most * (HEIGHT - TOP - BOTTOM)

    parts = [rule(LEFT, height(0), WIDTH - RIGHT, height(0), "#888")]
    for number, (group, values, wanted) in enumerate(groups):
        start = LEFT + number * width + bar * 0.75
        for place, value in enumerate(values):
            x = start + place * bar
            parts.append(f'<rect x="{x:.1f}" y="{height(value):.1f}" width="{bar * 0.9:.1f}" '
                         f'height="{height(0) - height(value):.1f}" fill="{COLOURS[place]}"/>')
            parts.append(text(x + bar * 0.45, height(value) - 5, f"{value:.2f}", "middle"))
        end = start + len(values) * bar
        parts.append(rule(start - 8, height(wanted), end, height(wanted), COLOURS[3], 2))
        parts.append(text(end + 6, height(wanted) + 5, f"{wanted:g}", "start", COLOURS[3]))
        parts.append(text(start + len(values) * bar / 2, HEIGHT - BOTTOM + 20, group, "middle"))
    for place, name in enumerate(names):
        parts.append(text(WIDTH - RIGHT + 6, TOP + 20 + place * 20, name, "start", COLOURS[place]))
    return svg(parts, "", up)


def scale(least: float, most: float) -> List[float]:
    """Round values from below the least to above the most."""
    power = math.floor(math.log10(least))
    values = [step * 10.0 ** exponent for exponent in range(power, math.floor(math.log10(most)) + 2) for step in (1, 2, 5)]
    first = max(index for index, value in enumerate(values) if value <= least)
    last = min(index for index, value in enumerate(values) if value >= most)
    return values[first:max(last, first + 1) + 1]


def rule(x1: float, y1: float, x2: float, y2: float, colour: str, width: float = 1) -> str:
    return (f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}" '
            f'stroke-width="{width:g}"/>')


def text(x: float, y: float, words: str, anchor: str, colour: str = "#333") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}">{escape(words)}</text>'


def svg(parts: Sequence[str], across: str, up: str) -> str:
    labels = [text(LEFT + (WIDTH - LEFT - RIGHT) / 2, HEIGHT - 12, across, "middle"),
              f'<text transform="translate(18 {HEIGHT / 2}) rotate(-90)" text-anchor="middle" fill="#333">'
              f'{escape(up)}</text>']
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" '
            f'height="{HEIGHT}" font-family="sans-serif" font-size="13">' + "".join([*parts, *labels]) + "</svg>")
