"""`dev.py bench`: measures every registered row and prints one table.

Rows live in bench_*.py beside this file; see framework.py for how to add one.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from tests.bench.framework import Bench, discover, machine, measure, table


def main(arguments: list[str] | None = None) -> int:
    """Measure what the command line asks for; 0 unless a row could not be measured."""
    parser = argparse.ArgumentParser(
        prog="dev.py bench", description="Measure, beside a reference in the same run."
    )
    parser.add_argument("words", nargs="*", help="only rows whose name contains one of these")
    parser.add_argument("--rounds", type=int, help="this many rounds instead of each row's own number")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the figures there")
    args = parser.parse_args(arguments)
    rows = [one for one in discover() if not args.words or any(word in one.name for word in args.words)]
    if not rows:
        print("No row has such a name.", file=sys.stderr)
        return 1
    bench = Bench()
    results = []
    try:
        for number, one in enumerate(rows, 1):
            print(f"{number} of {len(rows)}: {one.name}", flush=True)
            results.append(measure(bench, one, args.rounds))
        settings = bench.settings()
    finally:
        bench.close()
    print(f"\n{table(results)}\n\n{machine()}\n{settings}")
    if args.json:
        kept = [
            {"name": one.row.name, "p50_ms": one.median, "p95_ms": one.p95, "ratio": one.ratio}
            for one in results
        ]
        args.json.write_text(
            json.dumps({"machine": machine(), "settings": settings, "rows": kept}, indent=2), "utf-8"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
