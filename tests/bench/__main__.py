"""`dev.py bench`: measures every registered row and prints one table.

Rows live in bench_*.py beside this file; see framework.py for how to add one.
"""

from __future__ import annotations

import argparse
import json
import sys

from tests.bench.framework import Bench, chosen, discover, machine, measure, table


def main(arguments: list[str] | None = None) -> int:
    """Measure what the command line asks for; 0 unless a row could not be measured."""
    parser = argparse.ArgumentParser(
        prog="dev.py bench", description="Measure, beside a reference in the same run."
    )
    parser.add_argument("words", nargs="*", metavar="NAME", help="a row's name, or a part of names")
    parser.add_argument("--rounds", type=int, help="this many rounds instead of each row's own number")
    parser.add_argument("--json", action="store_true", help="one JSON object a line instead of the table")
    parser.add_argument("--list", action="store_true", help="only name the rows")
    args = parser.parse_args(arguments)
    rows = chosen(args.words, discover())
    if not rows:
        print("No row has such a name.", file=sys.stderr)
        return 1
    if args.list:
        for one in rows:
            print(f"{one.name}: {one.what}")
        return 0
    # With --json only objects go to stdout, each as soon as it is known.
    progress = sys.stderr if args.json else sys.stdout
    bench = Bench()
    results = []
    try:
        for number, one in enumerate(rows, 1):
            print(f"{number} of {len(rows)}: {one.name}", file=progress, flush=True)
            results.append(measure(bench, one, args.rounds))
            if args.json:
                print(json.dumps(results[-1].as_json()), flush=True)
        settings = bench.settings()
    finally:
        bench.close()
    if not args.json:
        print(f"\n{table(results)}")
    print(f"\n{machine()}\n{settings}", file=progress)
    return 0


if __name__ == "__main__":
    sys.exit(main())
