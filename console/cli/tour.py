"""`nexus-console tour`: a picture of every screen in every state, with the clock standing still."""

from __future__ import annotations

import argparse
import os
from pathlib import Path


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    tour = subparsers.add_parser("tour", help="take pictures of every screen")
    tour.add_argument(
        "--out", type=Path, required=True, metavar="DIR", help="folder for the pictures and index.json"
    )
    tour.add_argument(
        "--themes",
        type=_themes,
        default=("light", "dark"),
        help="light, dark or both, with a comma (default: both)",
    )
    tour.add_argument(
        "--only", default="", metavar="WORD", help="keep only pictures whose name contains WORD"
    )
    tour.set_defaults(func=take)


def take(args: argparse.Namespace) -> int:
    """Take the pictures and say how many there are."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    from console.app import App
    from console.tour.pictures import take_pictures

    taken = take_pictures(args.out.absolute(), App, themes=args.themes, only=args.only)
    print(f"{len(taken)} pictures are in {args.out.absolute()}.")
    return 0


def _themes(text: str) -> tuple[str, ...]:
    chosen = tuple(word.strip() for word in text.split(","))
    if not chosen or any(word not in ("light", "dark") for word in chosen):
        raise argparse.ArgumentTypeError(f"{text!r} is not light, dark or light,dark")
    return chosen
