"""Text on a terminal, with right-to-left scripts beside left-to-right ones."""

from __future__ import annotations

import shutil
import textwrap
from typing import List

# Unicode Bidirectional Algorithm (UAX #9 §2.4): an isolate takes its direction from its first
# strong letter and leaves the direction of the line around it alone.
FIRST_STRONG_ISOLATE, POP_ISOLATE = "\u2068", "\u2069"


def isolate(text: str) -> str:
    return f"{FIRST_STRONG_ISOLATE}{text}{POP_ISOLATE}"


def message(who: str, text: str, note: str = "") -> List[str]:
    """A message as lines: who wrote it, then the text, wrapped to the terminal."""
    width = min(100, shutil.get_terminal_size((88, 24)).columns) - 14
    lines: List[str] = []
    for paragraph in text.splitlines() or [""]:
        lines += textwrap.wrap(paragraph, max(20, width)) or [""]
    first = f"  {who:>8}  {isolate(lines[0])}"
    rest = [f"  {'':>8}  {isolate(line)}" for line in lines[1:]]
    tail = [f"  {'':>8}  ({note})"] if note else []
    return [first, *rest, *tail]
