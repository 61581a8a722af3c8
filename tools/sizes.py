"""Print what is larger than we like it; a size is a question, never a failure."""

from __future__ import annotations

import ast
from pathlib import Path
from statistics import median, quantiles

SOURCE = Path(__file__).parents[1] / "src"
FILE_LINES, FUNCTION_LINES = 350, 50
Function = ast.FunctionDef | ast.AsyncFunctionDef


def main() -> None:
    """Print the files and functions over the limits, and how long they are in general."""
    lengths = []
    for path in sorted(SOURCE.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        name = path.relative_to(SOURCE).as_posix()
        if text.count("\n") > FILE_LINES:
            print(f"long file: {name} has {text.count(chr(10))} lines")
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, Function):
                length = (node.end_lineno or node.lineno) - node.lineno + 1
                lengths.append(length)
                if length > FUNCTION_LINES:
                    print(f"long function: {name}:{node.lineno} {node.name} has {length} lines")
    ninth = quantiles(lengths, n=10)[-1]
    print(
        f"{len(lengths)} functions: median {median(lengths):.0f} lines, one in ten over {ninth:.0f}"
    )


if __name__ == "__main__":
    main()
