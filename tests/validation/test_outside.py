"""Voices and modal senses, measured on other people's coded sets."""

import gzip
import json

import pandas as pd
import pytest

from analysis import InputError
from analysis.corpus import syntax
from analysis.measures.claims import cues
from analysis.validation import outside

TEXT = "Jane Doe said the door was open to all. It rained."


def article(text, *attributions):
    keys = ("source", "cue", "content")
    spans = [
        {key: [[text.index(one), text.index(one) + len(one)]] for key, one in zip(keys, words, strict=True)}
        for words in attributions
    ]
    return {"doc": "d", "text": text, "attributions": spans}


# ---- whose words these are


def test_the_characters_of_what_is_said_and_the_head_of_its_source_are_counted(codebook):
    coded = article(TEXT, ("Jane Doe", "said", "the door was open to all"))
    (row,) = outside.attributions([coded], codebook).to_dict("records")
    letters = len("thedoorwasopentoall")
    # The full stop is found and was not coded; white space counts on neither side.
    assert row == {"doc": "d", "coded": letters, "found": letters + 1, "both": letters, "matched": 1, "right": 1}


def test_another_source_is_wrong_and_content_that_was_not_found_is_not_matched(codebook):
    wrong = article(TEXT, ("door", "said", "was open to all"))
    missed = article(TEXT, ("Jane Doe", "said", "It rained"))
    found = outside.attributions([wrong, missed], codebook)
    assert found["matched"].tolist() == [1, 0]
    assert found["right"].tolist() == [0, 0]


def test_a_source_that_is_left_out_asks_for_no_head(codebook):
    coded = article(TEXT, ("Jane Doe", "said", "the door was open to all"))
    coded["attributions"][0]["source"] = []
    (row,) = outside.attributions([coded], codebook).to_dict("records")
    assert (row["both"], row["matched"]) == (19, 0)


def test_the_scores_are_sums_over_articles():
    columns = ["doc", "coded", "found", "both", "matched", "right"]
    table = pd.DataFrame([("a", 10, 10, 5, 2, 1), ("b", 10, 0, 0, 0, 0), ("c", 20, 10, 10, 2, 2)], columns=columns)
    scores = outside.score_attributions(table).set_index("measure")
    assert scores["score"].round(3).to_dict() == {"precision": 0.75, "recall": 0.375, "f1": 0.5, "source head": 0.75}
    assert scores["n"].to_dict() == {"precision": 20, "recall": 40, "f1": 60, "source head": 4}
    assert scores["n_documents"].to_dict() == {"precision": 2, "recall": 3, "f1": 3, "source head": 2}


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (json.dumps({"doc": "d", "text": TEXT}), "no field 'attributions'"),
        ("an article", "no JSON"),
        ("[1]", "list in place of an object"),
    ],
)
def test_a_line_that_is_no_article_is_named(tmp_path, line, said):
    path = tmp_path / "set.jsonl.gz"
    with gzip.open(path, "wt", encoding="utf-8") as lines:
        lines.write(json.dumps(article(TEXT)) + "\n" + line + "\n")
    with pytest.raises(InputError, match=rf"set\.jsonl\.gz: line 2: {said}"):
        outside.read_attributions(path)


def test_voices_find_what_people_coded_as_attributed(codebook, gold_folder, capsys):
    path = gold_folder / "polnear_dev.jsonl.gz"
    scores = outside.score_attributions(outside.attributions(outside.read_attributions(path), codebook))
    with capsys.disabled():
        print(f"\n{scores.round(3).to_string()}")
    reached = scores.set_index("measure")["score"]
    # Asked: .74 and .80. Reached: .796 and .816.
    assert reached["f1"] >= 0.74
    assert reached["source head"] >= 0.80


# ---- what is a duty


@pytest.mark.parametrize(
    ("sentence", "duty"),
    [
        ("The envoy must open the door.", True),
        ("The envoy must have opened the door.", False),
        ("The envoy must not know of it.", True),
        ("The envoy must know of it by now.", False),
        ("The envoy must be so scared.", False),
        ("The envoy must be joking.", False),
        ("The door must be opened.", True),
        ("The envoy should open the door.", True),
        ("The envoy should have opened the door.", True),
        ("The envoy should have arrived by now.", False),
        ("This should help the envoy.", False),
        ("Waiting a day should help the envoy.", False),
        ("The envoy should be able to open it.", False),
        ("Should you need the envoy, call.", False),
        ("If the envoy should call, open the door.", False),
        ("How should the envoy open the door?", True),
    ],
)
def test_must_and_should_are_duties_or_guesses(codebook, sentence, duty):
    (parse,) = syntax.parse([sentence], codebook)
    modal = next(token for token in parse.doc if token.lower_ in ("must", "should"))
    assert cues.is_duty(modal, codebook.roles) is duty


def test_a_table_of_modals_is_read_and_scored(codebook, tmp_path):
    path = tmp_path / "modals.tsv"
    lines = ["modal\tsense\tsentence", "must\tde\tWe must go .", 'must\tep\tHe must have gone , he " said .']
    path.write_text("\n".join([*lines, "should\tep\tIt should rain .", ""]), encoding="utf-8")
    found = outside.modal_senses(outside.read_modals(path), codebook)
    assert found["coded"].tolist() == [True, False, False]
    assert found["found"].tolist() == [True, False, True]
    scores = outside.score_senses(found).set_index("modal")
    assert scores["score"].round(3).to_dict() == {"must": 1.0, "should": 0.0, "all": 0.667}
    assert scores["always"].round(3).to_dict() == {"must": 0.5, "should": 0.0, "all": 0.333}


def test_other_columns_and_a_sentence_without_its_modal_are_errors(codebook, tmp_path):
    path = tmp_path / "modals.tsv"
    path.write_text("verb\tsense\tsentence\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"modals\.tsv: line 1: columns are verb, sense, sentence; expected modal"):
        outside.read_modals(path)
    table = pd.DataFrame([("must", "de", "We go .")], columns=outside.COLUMNS)
    with pytest.raises(InputError, match=r"row 1: modal 'must' does not stand in the sentence"):
        outside.modal_senses(table, codebook)


def test_must_and_should_are_told_apart_as_people_did(codebook, gold_folder, capsys):
    table = outside.read_modals(gold_folder / "modal_sense_dev.tsv")
    asked = table[table["modal"].isin(["must", "should"])]
    scores = outside.score_senses(outside.modal_senses(asked, codebook))
    with capsys.disabled():
        print(f"\n{scores.round(3).to_string()}")
    # Asked: .90. Reached: .951; calling each of them a duty gives .907.
    assert scores.set_index("modal")["score"]["all"] >= 0.90
