"""A tree of reasoning on the terminal."""

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from tocsin.match.explain import Explanation


def print_tree(node: "Explanation", first: str = "", rest: str = "") -> None:
    """Print a tree, each line below the one that it belongs to."""
    mark = "" if node.truth is None else f"[{node.truth.name}] "
    click.echo(f"{first}{mark}{node.text}")
    for place, child in enumerate(node.below):
        last = place == len(node.below) - 1
        print_tree(child, rest + ("└─ " if last else "├─ "), rest + ("   " if last else "│  "))
