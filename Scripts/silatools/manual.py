"""Man pages and completions of a program, made from what it says of itself."""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any, Dict, Iterator, List, Tuple

from . import toolchain
from .deployment import REPOSITORY
from .errors import ToolError

PROGRAMS = ["sila", "silad"]
#: Shell → where completions are looked for below a prefix.
COMPLETIONS = {
    "bash": "share/bash-completion/completions/{}", "zsh": "share/zsh/site-functions/_{}",
    "fish": "share/fish/vendor_completions.d/{}.fish",
}
Command = Dict[str, Any]


def generate(binaries: Path, prefix: Path) -> List[Path]:
    """Writes everything below `prefix`, as it is installed under `/usr/local`. Returns the files."""
    written = []
    for program in PROGRAMS:
        path = binaries / program
        top = json.loads(_run(path, "--experimental-dump-help"))["command"]
        version = _run(path, "--version").split()[-1]
        for names, command in _commands(top, []):
            written.append(_write(prefix / f"share/man/man1/{'-'.join(names)}.1", _page(names, command, version)))
        for shell, place in COMPLETIONS.items():
            written.append(_write(prefix / place.format(program), _run(path, "--generate-completion-script", shell)))
    return written


def _run(program: Path, *arguments: str) -> str:
    if not program.exists():
        raise ToolError(f"{program} is not built: run swift build")
    done = subprocess.run(
        [str(program), *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
    if done.returncode != 0:
        raise ToolError(f"{program.name} {' '.join(arguments)} failed: {done.stderr.strip()}")
    return done.stdout


def _write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def _commands(command: Command, above: List[str]) -> Iterator[Tuple[List[str], Command]]:
    """The command and all below it that are shown."""
    names = [*above, command["commandName"]]
    yield names, command
    for below in command.get("subcommands", []):
        if below.get("shouldDisplay", True) and below["commandName"] != "help":
            yield from _commands(below, names)


def _page(names: List[str], command: Command, version: str) -> str:
    """One page in the man(7) macros."""
    title = "-".join(names)
    lines = [
        f".TH {_quoted(title.upper())} 1 \"\" {_quoted(f'Sila {version}')} \"Sila\"",
        ".SH NAME", f"{_text(title)} \\- {_text(command.get('abstract', ''))}",
        ".SH SYNOPSIS", *_synopsis(names, command),
    ]
    discussion = command.get("discussion", "")
    before, sections = _split(discussion)
    if before:
        lines += [".SH DESCRIPTION", *_paragraphs(before)]
    arguments = [argument for argument in command.get("arguments", []) if argument.get("shouldDisplay", True)]
    if arguments:
        lines.append(".SH OPTIONS")
        for argument in arguments:
            lines += [".TP", _label(argument), *_paragraphs(_meaning(argument))]
    shown = [below for below in command.get("subcommands", [])
             if below.get("shouldDisplay", True) and below["commandName"] != "help"]
    if shown:
        lines.append(".SH COMMANDS")
        for below in shown:
            page = f"{title}-{below['commandName']}"
            lines += [".TP", f"\\fB{_text(below['commandName'])}\\fR",
                      f"{_text(below.get('abstract', ''))} See \\fB{_text(page)}\\fR(1)."]
    for heading, text in sections:
        lines += [f".SH {_quoted(heading)}", *_paragraphs(text)]
    also = [f"\\fB{_text('-'.join(names[:-1]))}\\fR(1)"] if len(names) > 1 else []
    if also:
        lines += [".SH SEE ALSO", ", ".join(also)]
    return "\n".join(lines) + "\n"


def _split(discussion: str) -> Tuple[str, List[Tuple[str, str]]]:
    """Text before the first heading, and what stands under each heading (a line in capitals)."""
    parts = re.split(r"^([A-Z][A-Z ]{3,})$", discussion, flags=re.M)
    pairs = list(zip(parts[1::2], parts[2::2]))
    return parts[0].strip(), [(heading.strip(), text.strip("\n")) for heading, text in pairs]


def _paragraphs(text: str) -> List[str]:
    """Blocks of text. Lines that are indented keep their breaks."""
    lines: List[str] = []
    for index, block in enumerate(block for block in re.split(r"\n\s*\n", text) if block.strip()):
        if index:
            lines.append(".PP")
        if all(line.startswith("  ") for line in block.splitlines() if line.strip()):
            lines += _indented(block)
        else:
            lines += [_text(line.strip()) for line in block.splitlines()]
    return lines


def _indented(block: str) -> List[str]:
    """Short lines as they are. One long line is filled; statuses in it ("0 done; 64 command line; ...") stand
    below each other."""
    rows = block.splitlines()
    if len(rows) > 1 or len(rows[0]) <= 72:
        return [".nf", *(_text(row) for row in rows), ".fi"]
    parts = [re.fullmatch(r"(\d+) (.+)", part.strip().rstrip(".")) for part in rows[0].split("; ")]
    if not all(parts):
        return [_text(rows[0].strip())]
    return [line for part in parts if part for line in (".TP", f"\\fB{part[1]}\\fR", _text(part[2]))]


def _synopsis(names: List[str], command: Command) -> List[str]:
    parts = [f"\\fB{_text(' '.join(names))}\\fR"]
    for argument in command.get("arguments", []):
        name = argument.get("preferredName", {}).get("name", "")
        if not argument.get("shouldDisplay", True) or name in ("help", "version"):
            continue
        label = _label(argument, short=True) + (" ..." if argument["isRepeating"] else "")
        parts.append(f"[{label}]" if argument["isOptional"] else label)
    if command.get("subcommands"):
        parts.append("\\fIcommand\\fR")
    return [" ".join(parts)]


def _label(argument: Dict[str, Any], *, short: bool = False) -> str:
    if argument["kind"] == "positional":
        return f"\\fI{_text(argument.get('valueName', 'value'))}\\fR"
    names = [argument["preferredName"]] if short else argument["names"]
    dashed = [("-" if name["kind"] == "short" else "--") + name["name"] for name in names]
    label = ", ".join(f"\\fB{_text(name)}\\fR" for name in dashed)
    return f"{label} \\fI{_text(argument.get('valueName', 'value'))}\\fR" if argument["kind"] == "option" else label


def _meaning(argument: Dict[str, Any]) -> str:
    text = argument.get("abstract", "") or argument.get("discussion", "")
    default = argument.get("defaultValue")
    values = argument.get("allValues") or argument.get("allValueStrings") or []
    if values:
        text += f" One of: {', '.join(values)}."
    return text + (f" Default: {default}." if default not in (None, "", "false") else "")


def _text(text: str) -> str:
    """Escaped for roff: backslashes, hyphens that must stay hyphens, a leading dot or quote."""
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return "\\&" + text if text[:1] in (".", "'") else text


def _quoted(text: str) -> str:
    return '"' + _text(text).replace('"', '\\(dq') + '"'


def main(arguments: List[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="Scripts/manual", description="Writes man pages and completions for bash, zsh and fish.",
        epilog="To install them for everybody: sudo Scripts/manual --prefix /usr/local")
    parser.add_argument("--prefix", type=Path, default=REPOSITORY / ".build" / "manual",
                        help="where to write (.build/manual)")
    options = parser.parse_args(arguments)
    try:
        if "SILA_BIN_DIR" not in os.environ:
            toolchain.build(log=REPOSITORY / ".build" / "manual-build.log")
        binaries = Path(os.environ.get("SILA_BIN_DIR", REPOSITORY / ".build" / "debug"))
        written = generate(binaries, options.prefix)
    except (ToolError, OSError) as error:
        print(f"manual: {error}", file=sys.stderr)
        return 1
    print(f"{len(written)} files below {options.prefix}; read one with: man -M {options.prefix}/share/man sila")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
