"""The command line: python -m analysis build | figures."""

import argparse
import sys
from collections import Counter
from pathlib import Path

from analysis import InputError, codebook, contracts, workbench


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns the exit status: 0 done, 2 input that cannot be used."""
    options = _parser().parse_args(arguments)
    try:
        return options.run(options)
    except InputError as error:
        print(f"error: {error}", file=sys.stderr)
    except OSError as error:
        print(f"error: {error.filename}: {error.strerror}", file=sys.stderr)
    except KeyboardInterrupt:
        print("stopped; nothing was written", file=sys.stderr)
        return 130
    return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m analysis", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    build = commands.add_parser("build", help="articles to the four tables")
    build.add_argument("source", nargs="+", type=Path, help="saved page, table of articles, or folder of these")
    build.add_argument("--out", required=True, type=Path, metavar="DIR", help="where the tables go")
    build.add_argument("--codebook", type=Path, default=codebook.FOLDER, metavar="DIR", help="default: data/codebook")
    build.add_argument("--keep-text", action="store_true", help="keep the texts that the offsets index, in DIR/text")
    build.set_defaults(run=_build)

    figures = commands.add_parser("figures", help="run the notebooks on the tables")
    figures.add_argument("--tables", type=Path, default=contracts.FOLDER, metavar="DIR", help="default: data/tables")
    figures.add_argument("--out", type=Path, metavar="DIR", help="default: notebooks/ and figures/ themselves")
    figures.set_defaults(run=_figures)
    return parser


def _build(options: argparse.Namespace) -> int:
    built = workbench.build(options.source, options.out, codebook.read(options.codebook), options.keep_text)
    for refusal in built.refused:
        print(f"refused: {refusal}", file=sys.stderr)
    print(f"{built.read} articles read, {len(built.refused)} refused; tables in {built.folder}")
    for reason, n in sorted(Counter(refusal.reason for refusal in built.refused).items()):
        print(f"  {n} refused: {reason}")
    return 0


def _figures(options: argparse.Namespace) -> int:
    for path in workbench.figures(options.tables, options.out):
        print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
