"""The command line: python -m analysis build | figures | validate | sample | agreement."""

import argparse
import sys
from collections import Counter
from pathlib import Path

import pandas as pd

from analysis import InputError, codebook, contracts, workbench
from analysis.measures.claims.readers import READERS
from analysis.validation import agreement, coding, gold, scores


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
        print("stopped; no table was changed. A build goes on from here when it is started again", file=sys.stderr)
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
    build.add_argument("--reader", choices=READERS, default=READERS[0], help="who finds the claims; default: fast")
    where = build.add_mutually_exclusive_group()
    where.add_argument("--workers", type=int, default=1, metavar="N", help="processes on this machine; default: 1")
    where.add_argument("--scheduler", default="", metavar="ADDRESS", help="a running dask cluster, tcp://host:port")
    build.set_defaults(run=_build)

    figures = commands.add_parser("figures", help="run the notebooks on the tables")
    figures.add_argument("--tables", type=Path, default=contracts.FOLDER, metavar="DIR", help="default: data/tables")
    figures.add_argument("--out", type=Path, metavar="DIR", help="default: notebooks/ and figures/ themselves")
    figures.set_defaults(run=_figures)

    validate = commands.add_parser("validate", help="score the claims against coded text")
    validate.add_argument("--gold", type=Path, default=gold.FOLDER, metavar="DIR", help="default: data/gold")
    validate.add_argument("--tables", type=Path, default=contracts.FOLDER, metavar="DIR", help="default: data/tables")
    validate.set_defaults(run=_validate)

    _add_coding(commands)
    return parser


def _add_coding(commands: argparse._SubParsersAction) -> None:
    sample = commands.add_parser("sample", help="sentences for people to code, drawn with known probabilities")
    sample.add_argument("--tables", type=Path, default=contracts.FOLDER, metavar="DIR", help="default: data/tables")
    sample.add_argument(
        "--texts", nargs="+", type=Path, metavar="DIR", help="kept texts, or the articles; default: text/ in the tables"
    )
    sample.add_argument("--out", required=True, type=Path, metavar="DIR", help="where the files for the coder go")
    sample.add_argument("--n", required=True, type=int, help="about how many sentences")
    sample.add_argument("--by", choices=coding.STRATA, default=coding.STRATA[0], help="same number from each; group")
    sample.add_argument("--seed", type=int, default=1, help="another seed, another sample; default: 1")
    sample.set_defaults(run=_sample)

    agree = commands.add_parser("agreement", help="how far two coders of one sample agree, and where they do not")
    agree.add_argument("first", type=Path, metavar="FILE", help="sample.csv, filled in, or Label Studio's JSON export")
    agree.add_argument("second", type=Path, metavar="FILE", help="the same sample, coded by another")
    agree.add_argument("--out", type=Path, metavar="CSV", help="where the disagreements go; default: they are printed")
    agree.add_argument("--gold", type=Path, metavar="DIR", help="write both codings as one, for `validate --gold DIR`")
    agree.add_argument("--codebook", type=Path, default=codebook.FOLDER, metavar="DIR", help="default: data/codebook")
    agree.set_defaults(run=_agreement)


def _build(options: argparse.Namespace) -> int:
    how = {name: getattr(options, name) for name in workbench.Options._fields}
    built = workbench.build(options.source, options.out, codebook.read(options.codebook), **how)
    for refusal in built.refused:
        print(f"refused: {refusal}", file=sys.stderr)
    print(f"{built.read} articles read, {len(built.refused)} refused; tables in {built.folder}")
    for reason, n in sorted(Counter(refusal.reason for refusal in built.refused).items()):
        print(f"  {n} refused: {reason}")
    return 0


def _figures(options: argparse.Namespace) -> int:
    # Imported only when asked for: a build, and each of its workers, needs neither Jupyter nor matplotlib.
    from analysis import notebooks

    for path in notebooks.figures(options.tables, options.out):
        print(path)
    return 0


def _validate(options: argparse.Namespace) -> int:
    claims, sentences, documents = (
        contracts.read(name, options.tables) for name in ("claims", "sentences", "documents")
    )
    everything = gold.read(options.gold)
    coded = everything.within(documents["doc_id"])
    gold.check_codes(coded, _own_book(options.tables))
    n_coded, n_known = (some.units["doc_id"].nunique() for some in (everything, coded))
    if not n_known:
        raise InputError(f"{options.gold}: none of its {n_coded} articles is in {options.tables}; name other tables")
    print(f"{n_known:,} of {n_coded:,} coded articles of {options.gold} are in {options.tables}")
    for heading, table in scores.report(coded, claims, sentences, documents).items():
        print(f"\n{heading}\n{table.to_string()}")
    return 0


def _sample(options: argparse.Namespace) -> int:
    book = _own_book(options.tables)
    documents, sentences = (contracts.read(name, options.tables) for name in ("documents", "sentences"))
    drawn = coding.sample(documents, sentences, options.n, options.seed, options.by)
    drawn = coding.with_text(drawn, documents, options.texts or [options.tables / "text"], book)
    for path in coding.write(drawn, options.out, book):
        print(path)
    print(f"{len(drawn)} sentences in {drawn['doc_id'].nunique()} passages:")
    for stratum, held in drawn.groupby("stratum"):
        counts = held.iloc[0]
        print(f"  {stratum}: {len(held)}, from {counts['docs_drawn']} of {counts['docs_in_frame']} articles")
    print("sample.csv and sample.json hold article text: they are for the coders, not for a repository")
    return 0


def _agreement(options: argparse.Namespace) -> int:
    book = codebook.read(options.codebook)
    first, second = (coding.read_coded(path, book) for path in (options.first, options.second))
    coded = agreement.pair(first, second)
    print(f"{len(coded.units)} sentences that both read ({len(first.units)} and {len(second.units)})")
    print(agreement.compare(coded, book.actors["actor"].tolist()).round(3).to_string(index=False, na_rep=""))
    apart = agreement.disagreements(coded)
    print(f"{len(apart)} disagreements{f' in {options.out}' if options.out else ':' if len(apart) else ''}")
    if options.out:
        _save(apart, options.out)
    elif len(apart):
        print(apart.to_string(index=False))
    if options.gold:
        for name, table in zip(("units", "claims"), agreement.gold(coded), strict=True):
            print(_save(table, options.gold / f"sample_{name}.csv"))
    return 0


def _own_book(tables: Path) -> codebook.Codebook:
    """The codebook that stands beside the tables, where they were built with one of their own."""
    own = tables / "codebook"
    return codebook.read(own if own.is_dir() else codebook.FOLDER)


def _save(table: pd.DataFrame, path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(contracts.as_csv(table).encode("utf-8"))
    return path


if __name__ == "__main__":
    sys.exit(main())
