"""What Benchmarks/staff/measure found, as a table."""

from __future__ import annotations

from typing import Any, Dict

RATIO_PROMISE = 2
OPENING_PROMISE_SECONDS = 60
OPENING_PROMISE_BYTES = 1_500_000_000
SEARCH_PROMISE_MILLISECONDS = 300


def row(what: str, value: str, promise: str, kept: bool) -> None:
    print(f"{what:<44} {value:>22}   {promise:<18} {'kept' if kept else 'open'}")


def show(results: Dict[str, Any]) -> None:
    sizes, load = results["sizes"], " to ".join(f"{value:.1f}" for value in results["load"])
    print(f"\nThe staff side: {sizes['messages']} messages of {sizes['contacts']} contacts, "
          f"{sizes['store_bytes'] / 1e9:.2f} GB, load {load}\n")
    print(f"{'request':<16} {'silad ms':>9} {'p95':>7} {'CPU':>7}   {'plain ms':>9} {'p95':>7} {'CPU':>7}   "
          f"{'ratio':>6} {'CPU':>6}   promise   {'service ms':>10} {'rows ms':>8} {'ratio':>6}")
    for what, found in results["requests"].items():
        ours, plain, rows = found["silad"], found["plain"], found["rows only"]
        kept = found["ratio"] <= RATIO_PROMISE
        print(f"{what:<16} {ours['median_ms']:>9.3f} {ours['p95_ms']:>7.3f} {ours['cpu_ms']:>7.3f}   "
              f"{plain['median_ms']:>9.3f} {plain['p95_ms']:>7.3f} {plain['cpu_ms']:>7.3f}   "
              f"{found['ratio']:>6.2f} {found['cpu_ratio']:>6.2f}   {RATIO_PROMISE}, {'kept' if kept else 'open'}   "
              f"{found['service']['median_ms']:>10.3f} {rows['median_ms']:>8.3f} {found['service_ratio']:>6.2f}")
    print()
    opening, search = results["opening"], results["search"]
    row(f"opened and indexed, {opening['items']} items",
        f"{opening['seconds']:.1f} s, CPU {opening['cpu_seconds']:.1f} s", f"{OPENING_PROMISE_SECONDS} s",
        opening["seconds"] <= OPENING_PROMISE_SECONDS)
    row("the agent's memory at most", f"{opening['peak_bytes'] / 1e6:.0f} MB",
        f"{OPENING_PROMISE_BYTES / 1e9:.1f} GB", opening["peak_bytes"] <= OPENING_PROMISE_BYTES)
    print(f"{'CPU time of silad meanwhile':<44} {opening['daemon_cpu_seconds']:>20.1f} s")
    row("search, median and longest", f"{search['median_ms']:.1f} ms, {search['max_ms']:.1f} ms",
        f"{SEARCH_PROMISE_MILLISECONDS} ms", search["max_ms"] <= SEARCH_PROMISE_MILLISECONDS)
    row("the command sila search, median and longest",
        f"{search['command_median_ms']:.0f} ms, {search['command_max_ms']:.0f} ms",
        f"{SEARCH_PROMISE_MILLISECONDS} ms", search["command_max_ms"] <= SEARCH_PROMISE_MILLISECONDS)
