"""The sentence in its context, read by a small neural encoder for one actor at a time.

The actor asked about is one mark, every other actor another, so that who is named cannot matter. The base is
all-MiniLM-L6-v2 (Wang et al. 2020; Reimers & Gurevych 2019), trained on data/gold by `python -m training.encoder`;
the model card is data/models/README.md.
"""

from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

import numpy as np
import onnxruntime
from tokenizers import Tokenizer

from analysis import InputError
from analysis.measures.claims import Line, Passage

FOLDER = Path(__file__).resolve().parents[3] / "data" / "models"
MODEL, VOCABULARY = FOLDER / "claims.onnx", FOLDER / "claims.tokenizer.json"
# Word pieces of the sentence that are read, and of those before it: fewer where the actor is named in the sentence.
MAX_SENTENCE, MAX_NEAR, MAX_FAR = 112, 56, 110
# Entries of the vocabulary that no text uses: the actor asked about, and any other.
ASKED, OTHER = "[unused0]", "[unused1]"
FIRST, BREAK, PERSON, SELF = "[CLS]", "[SEP]", "leader", "we"

# A word piece's number, or the code of an actor.
Piece = int | str


@cache
def vocabulary() -> Tokenizer:
    """The word pieces of the base model.

    Raises InputError where the file is missing.
    """
    if not VOCABULARY.is_file():
        raise InputError(f"{VOCABULARY}: no such file; restore it from the repository")
    words = Tokenizer.from_file(str(VOCABULARY))
    # The base model's own settings fill every text up to one length.
    words.no_padding()
    words.no_truncation()
    return words


@cache
def session() -> onnxruntime.InferenceSession:
    """The model, loaded once, on one core: the work is spread over processes.

    Raises InputError where the file is missing or is no model.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    # The weights, whole numbers in the file, are made floats once and for all, not each time they are used.
    options.add_session_config_entry("session.disable_quant_qdq", "1")
    try:
        return onnxruntime.InferenceSession(str(MODEL), options, providers=["CPUExecutionProvider"])
    except Exception as error:
        # onnxruntime has an exception for each kind of failure, and no common parent for them.
        raise InputError(f"{MODEL}: cannot be loaded ({error}); restore it from the repository") from None


@cache
def _number(entry: str) -> int:
    return vocabulary().token_to_id(entry)


def read(document: Sequence[Passage], asked: Sequence[Sequence[str]]) -> Iterator[dict[str, np.ndarray]]:
    """For each passage of a document: actor asked about -> the log-odds of each frame."""
    known: dict[str, list[Piece]] = {}
    for passage, actors in zip(document, asked, strict=True):
        for line in [passage.line, *passage.before] if actors else []:
            if line.text not in known:
                known[line.text], _ = pieces(line)
        before = [known[line.text] for line in passage.before] if actors else []
        yield score(before, known.get(passage.line.text, []), passage.row.home, actors)


def pieces(line: Line) -> tuple[list[Piece], list[tuple[int, int]]]:
    """The word pieces of a sentence, an actor's code for each of its names, and where each stands in it."""
    found: list[Piece] = []
    places: list[tuple[int, int]] = []
    at = 0
    for name in [*line.names, None]:
        start = name.start if name else len(line.text)
        if line.text[at:start].strip():
            words = vocabulary().encode(line.text[at:start], add_special_tokens=False)
            found += words.ids
            places += [(at + first, at + past) for first, past in words.offsets]
        if name:
            marks: list[Piece] = [name.actor, _number(PERSON)] if name.kind == "person" else [name.actor]
            found += marks
            places += [(name.start, name.end)] * len(marks)
            at = name.end
    return found[:MAX_SENTENCE], places[:MAX_SENTENCE]


def pair(before: Sequence[list[Piece]], sentence: list[Piece], home: str, actor: str) -> tuple[list[int], int]:
    """What the model is given for one actor: numbers of word pieces, and how many of them are context.

    `before` has the sentences before, the nearest first.
    """
    limit = MAX_NEAR if actor in sentence else MAX_FAR
    context: list[Piece] = []
    for earlier in before:
        if context and len(context) + len(earlier) > limit:
            break
        context = earlier + context
    opening = [_number(SELF), home] if home else []
    first = [_number(FIRST), *opening, *context[-limit:], _number(BREAK)]
    marks = {actor: _number(ASKED)}
    both = [*first, *sentence, _number(BREAK)]
    return [marks.get(piece, _number(OTHER)) if isinstance(piece, str) else piece for piece in both], len(first)


def score(
    before: Sequence[list[Piece]], sentence: list[Piece], home: str, actors: Sequence[str]
) -> dict[str, np.ndarray]:
    """Actor -> the log-odds of each frame; one actor at a time: together they would have to be padded."""
    return {actor: _score(*pair(before, sentence, home, actor)) for actor in actors}


def _score(numbers: list[int], n_context: int) -> np.ndarray:
    given = np.array([numbers], dtype=np.int64)
    segments = (np.arange(given.shape[1]) >= n_context)[None].astype(np.int64)
    (odds,) = session().run(None, {"pieces": given, "segments": segments})
    return odds[0].astype(float)
