"""The unit tests under AddressSanitizer and ThreadSanitizer: what a compiler can see of memory and threads.

Each has a build of its own, in .build/asan and .build/tsan. The C libraries of the system (libsignal-protocol-c, expat,
SQLite, libcurl) come from Debian without instrumentation: of them only what they do through the C library is seen,
copies beyond an allocation, or a block that is freed twice. What Sila and its packages compile themselves, BoringSSL
among it, is seen in full.
"""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Dict, List

from . import toolchain
from .deployment import REPOSITORY

SUPPRESSIONS = REPOSITORY / "Tests" / "Sanitizers"

#: By the sanitizer's name as SwiftPM has it: the folder of its build.
FOLDERS = {"address": "asan", "thread": "tsan"}

#: Says to ThreadSanitizer what it cannot see of Swift's Mutex.
MUTEX = REPOSITORY / ".build" / "tsan" / "mutex.so"

#: What the sanitizers are told.
#: - Leaks are not looked for: types and string literals that Swift's runtime makes once and keeps count as leaked.
#: - The suite goes on after a data race, so that one run shows all; it fails at its end.
OPTIONS = {
    "address": {"ASAN_OPTIONS": "detect_leaks=0:abort_on_error=0:detect_stack_use_after_return=1"},
    "thread": {
        "TSAN_OPTIONS": f"suppressions={SUPPRESSIONS / 'thread.supp'}:halt_on_error=0:exitcode=66",
        "LD_PRELOAD": str(MUTEX),
    },
}

#: Tests that say nothing under a sanitizer, by a pattern of their names, and why.
LEFT_OUT: Dict[str, Dict[str, str]] = {"address": {}, "thread": {}}


def build(kind: str, log: Path) -> None:
    toolchain.build("--build-tests", *_flags(kind), log=log, subject=f"the tests with {kind} sanitizer")
    if kind == "thread":
        clang = Path(toolchain.swift()).resolve().with_name("clang")
        subprocess.run(
            [str(clang), "-shared", "-fPIC", "-O1", "-o", str(MUTEX), str(SUPPRESSIONS / "mutex.c"), "-ldl"], check=True)


def command(kind: str, report: Path) -> List[str]:
    """Runs the tests that `build` made."""
    left_out = [option for name in LEFT_OUT[kind] for option in ("--skip", name)]
    # A sanitizer makes everything several times slower, and takes as much more memory.
    return [toolchain.swift(), "test", "--skip-build", *toolchain.BUILD_FLAGS, *_flags(kind), "--parallel",
            "--experimental-maximum-parallelization-width", "2", "--xunit-output", str(report), *left_out]


def _flags(kind: str) -> List[str]:
    return ["--sanitize", kind, "--scratch-path", str(REPOSITORY / ".build" / FOLDERS[kind])]
