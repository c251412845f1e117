"""All checks in a row: lint, one debug build, unit tests, tests with real servers and clients.

The last line of the output is `N passed, N failed`.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Callable, Dict, List, Tuple

from . import sanitizers, toolchain
from .deployment import REPOSITORY
from .errors import ToolError

RESULTS = REPOSITORY / ".build" / "check"
#: Passed and failed.
Counts = Tuple[int, int]


def packages(options: argparse.Namespace) -> Counts:
    desktop = toolchain.DESKTOP_PACKAGES if options.long else []
    installed = toolchain.install_packages([*toolchain.RUN_PACKAGES, *toolchain.TEST_PACKAGES, *desktop])
    if installed:
        print(f"installed {' '.join(installed)}")
    python = toolchain.peers_python()
    print(f"{toolchain.swift()}; {python}")
    return 0, 0


def lint(_: argparse.Namespace) -> Counts:
    scripts = _files("bash")
    folders = ("Scripts", "Tests/Peers", "Benchmarks/daemon", "Benchmarks/peers", "Benchmarks/staff")
    python = [*_files("python3"), str(REPOSITORY / "Benchmarks" / "plots.py"),
              *sorted(str(path) for folder in folders for path in (REPOSITORY / folder).rglob("*.py"))]
    return _sum(
        _command("swift format", [
            toolchain.swift(), "format", "lint", "--strict", "--recursive", "--parallel",
            "--configuration", ".swift-format", "Sources", "Tests", "Package.swift", "Fuzz/Package.swift",
            "Fuzz/Sources/fuzz/Fuzz.swift"]),
        _command("shellcheck", ["shellcheck", *scripts]),
        _command("pyflakes", [str(toolchain.peers_python()), "-m", "pyflakes", *python]))


def build(_: argparse.Namespace) -> Counts:
    toolchain.build("--build-tests", log=RESULTS / "build.log", subject="Sila and its tests")
    print("the build is complete, no import is undeclared")
    return 1, 0


def unit(_: argparse.Namespace) -> Counts:
    report = RESULTS / "unit.xml"
    # SwiftPM writes the results of Swift Testing beside those of XCTest.
    reports = [report, report.with_name("unit-swift-testing.xml")]
    for path in reports:
        path.unlink(missing_ok=True)
    # A few at a time: with all of them begun at once, those that hash passwords starve those that wait for a server.
    status = _stream([
        toolchain.swift(), "test", "--skip-build", *toolchain.BUILD_FLAGS, "--parallel",
        "--experimental-maximum-parallelization-width", "4", "--xunit-output", str(report)])
    return _from_reports(reports, status, "swift test")


def peers(options: argparse.Namespace) -> Counts:
    report = RESULTS / "peers.xml"
    report.unlink(missing_ok=True)
    environment = {
        "SILA_KILLS": "2000", "SILA_CUTS": "200", "SILA_DAY_MINUTES": "20", "SILA_DESKTOP": "1"} if options.long else {}
    status = _stream(
        [str(toolchain.peers_python()), "-B", "-m", "pytest", "-v", "--no-header", "--durations=5",
         f"--junitxml={report}", "Tests/Peers"], environment)
    return _from_reports([report], status, "pytest")


def fuzz(_: argparse.Namespace) -> Counts:
    # The unit tests have read every corpus already; here new inputs are made.
    status = _stream([sys.executable, "-B", str(REPOSITORY / "Fuzz" / "run"), "--seconds", "30", "--no-record"])
    return (1, 0) if status == 0 else (0, 1)


def address(_: argparse.Namespace) -> Counts:
    return _sanitized("address")


def thread(_: argparse.Namespace) -> Counts:
    return _sanitized("thread")


def _sanitized(kind: str) -> Counts:
    sanitizers.build(kind, RESULTS / f"{kind}-build.log")
    report = RESULTS / f"{kind}.xml"
    reports = [report, report.with_name(f"{kind}-swift-testing.xml")]
    for path in reports:
        path.unlink(missing_ok=True)
    for name, reason in sanitizers.LEFT_OUT[kind].items():
        print(f"left out: {name}, {reason}")
    status = _stream(sanitizers.command(kind, report), sanitizers.OPTIONS[kind])
    return _from_reports(reports, status, f"swift test with {kind} sanitizer")


SECTIONS: Dict[str, Tuple[str, Callable[[argparse.Namespace], Counts]]] = {
    "packages": ("what the tests need", packages),
    "lint": ("style of Swift, shell and Python", lint),
    "build": ("one debug build of everything", build),
    "unit": ("unit tests", unit),
    "peers": ("tests with a real server and independent clients", peers),
    "fuzz": ("new inputs for everything that reads foreign bytes", fuzz),
    "address": ("unit tests with AddressSanitizer", address),
    "thread": ("unit tests with ThreadSanitizer", thread),
}
#: These run with `--long`, or when they are asked for.
LONG_SECTIONS = {"fuzz", "address", "thread"}


# Pieces

def _files(interpreter: str) -> List[str]:
    """Our scripts without an ending, by the interpreter of their first line."""
    candidates = [REPOSITORY / name for name in (
        "quickstart", "check", ".ci/run", "Fuzz/run", "Benchmarks/run", "Benchmarks/page", "Benchmarks/path/table")]
    candidates += [path for path in sorted((REPOSITORY / "Scripts").iterdir()) if path.is_file() and not path.suffix]
    return [
        str(path) for path in candidates
        if path.exists() and interpreter in path.read_text("utf-8", "replace").split("\n", 1)[0]]


def _command(name: str, command: List[str]) -> Counts:
    done = subprocess.run(
        command, cwd=REPOSITORY, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        errors="replace")
    if done.returncode != 0:
        print("\n".join(done.stdout.strip().splitlines()[:60]))
        print(f"{name}: failed")
        return 0, 1
    print(f"{name}: nothing found")
    return 1, 0


def _stream(command: List[str], environment: Dict[str, str] | None = None) -> int:
    sys.stdout.flush()
    return subprocess.run(
        command, cwd=REPOSITORY, stdin=subprocess.DEVNULL, env={**os.environ, **(environment or {})}).returncode


def _from_reports(reports: List[Path], status: int, name: str) -> Counts:
    """The counts of JUnit files. A run that failed without a failed test counts as one failure."""
    passed = failed = 0
    for path in reports:
        try:
            suites = list(ET.parse(path).getroot().iter("testsuite"))
        except (OSError, ET.ParseError):
            continue
        for suite in suites:
            wrong = int(suite.get("failures", 0)) + int(suite.get("errors", 0))
            failed += wrong
            passed += int(suite.get("tests", 0)) - wrong - int(suite.get("skipped", 0) or 0)
    if passed + failed == 0:
        print(f"{name}: no test ran")
        return 0, 1
    if status != 0 and failed == 0:
        print(f"{name} ended with status {status} although no test failed")
        failed = 1
    return passed, failed


def _sum(*counts: Counts) -> Counts:
    return sum(passed for passed, _ in counts), sum(failed for _, failed in counts)


def _section(title: str, body: Callable[[argparse.Namespace], Counts], options: argparse.Namespace) -> Counts:
    print(f"\n== {title}", flush=True)
    began = time.monotonic()
    try:
        counts = body(options)
    except ToolError as error:
        print(f"check: {error}")
        counts = 0, 1
    print(f"-- {title}: {counts[0]} passed, {counts[1]} failed, {time.monotonic() - began:.0f} s", flush=True)
    return counts


def main(arguments: List[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="./check", formatter_class=argparse.RawDescriptionHelpFormatter,
        description="Installs what the tests need, lints, builds once (debug) and runs all tests.\n"
                    "The last line is `N passed, N failed`; the exit status is 1 if anything failed.",
        epilog="sections: " + "; ".join(f"{name}, {title}" for name, (title, _) in SECTIONS.items()))
    parser.add_argument("--only", metavar="SECTION", choices=SECTIONS, action="append",
                        help="run this section alone; may be given several times")
    parser.add_argument("--long", action="store_true",
                        help="2,000 kills instead of 200, 200 cut lines instead of 20, a busy day in 20 minutes instead "
                             "of one; Dino and Gajim, in their windows; fuzzing; sanitizers")
    options = parser.parse_args(arguments)
    RESULTS.mkdir(parents=True, exist_ok=True)
    total: Counts = (0, 0)
    for name, (title, body) in SECTIONS.items():
        if options.only and name not in options.only:
            continue
        if not options.only and name in LONG_SECTIONS and not options.long:
            continue
        counts = _section(title, body, options)
        total = _sum(total, counts)
        if name in ("packages", "build") and counts[1]:
            print(f"\nnothing after this can run without it: {title}")
            break
    print(f"\n{total[0]} passed, {total[1]} failed")
    return 1 if total[1] else 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        print("\ncheck: interrupted", file=sys.stderr)
        sys.exit(130)
