"""The command line: python -m analysis build | figures | validate."""

import argparse
import sys
from collections import Counter
from pathlib import Path

from analysis import InputError, codebook, contracts, workbench
from analysis.validation import gold, scores


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

    validate = commands.add_parser("validate", help="score the claims against coded text")
    validate.add_argument("--gold", type=Path, default=gold.FOLDER, metavar="DIR", help="default: data/gold")
    validate.add_argument("--tables", type=Path, default=contracts.FOLDER, metavar="DIR", help="default: data/tables")
    validate.set_defaults(run=_validate)
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


def _validate(options: argparse.Namespace) -> int:
    claims, sentences, documents = (
        contracts.read(name, options.tables) for name in ("claims", "sentences", "documents")
    )
    own = options.tables / "codebook"
    everything = gold.read(options.gold)
    coded = everything.within(documents["doc_id"])
    gold.check_codes(coded, codebook.read(own if own.is_dir() else codebook.FOLDER))
    n_coded, n_known = (some.units["doc_id"].nunique() for some in (everything, coded))
    if not n_known:
        raise InputError(f"{options.gold}: none of its {n_coded} articles is in {options.tables}; name other tables")
    print(f"{n_known:,} of {n_coded:,} coded articles of {options.gold} are in {options.tables}")
    for heading, table in scores.report(coded, claims, sentences, documents).items():
        print(f"\n{heading}\n{table.to_string()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
