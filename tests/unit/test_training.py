"""Reading of training data, windows, groups and losses: what can be checked without training anything."""

import math
import random

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from embeddings.answer_calibration import AnswerFeatures
from embeddings.reader_network import LAYERS, Logits, ReaderNetwork
from embeddings.reader_windows import CLS, CONTEXT_TOKENS, SEP, WINDOW_TOKENS, Tokens, tile, window_starts
from embeddings.training.calibrate import SIGNS, features_of, fit_probability, fit_ranking
from embeddings.training.candidates import Asked
from embeddings.training.evaluate import ReadQuestion
from embeddings.training.examples import (
    Collection,
    Question,
    add_squad_open,
    find_answer,
    join_words,
    load_examples,
    read_splits,
)
from embeddings.training.group_parts import TokenisedCollection, token_span
from embeddings.training.groups import GroupMaker, names_and_numbers
from embeddings.training.negatives import holds_answer, mine_negatives
from embeddings.training.scores import auroc, calibration_error, exact, f1
from embeddings.training.short_groups import SHORT_TOKENS, ShortGroups
from embeddings.training.train import (
    Recipe,
    Trainer,
    collate,
    half_precision,
    losses,
    plan_batches,
    rate_factor,
)
from embeddings.weight_packing import pack, unpack
from tests.unit.shared_folder import needs_shared, shared_folder


def word_tokens(text):
    """One token a word, numbered by its letters, as the fake tokenizer of these tests."""
    places, at = [], 0
    for word in text.split():
        at = text.index(word, at)
        places.append((at, at + len(word)))
        at += len(word)
    return Tokens([1000 + sum(map(ord, text[a:b])) % 500 for a, b in places], places)


@pytest.fixture
def tiny():
    """Three passages, an answerable, an adversarial and a sentence-only question."""
    collection = Collection()
    war = (
        "The treaty was signed in Paris by both kings . " * 12
        + "Its clauses were kept by Queen Anne in 1713 ."
    )
    first = collection.add_passage(war, "squadshifts_new_wiki")
    second = collection.add_passage(
        "Steam engines were built in Cornwall by Newcomen . " * 30, "squadshifts_new_wiki"
    )
    third = collection.add_passage("Ice forms caves .", "wikiqa")
    fourth = collection.add_passage("Ice is cold .", "wikiqa")
    answer = war.index("Queen Anne")
    collection.questions += [
        Question("Who kept the clauses ?", first, ((answer, answer + 10),), "squadshifts_new_wiki"),
        Question("Who broke the clauses ?", first, (), "squad_open"),
        Question("how do ice caves form ?", third, (), "wikiqa", sentence_only=True, others=(fourth,)),
    ]
    questions = [word_tokens(q.text) for q in collection.questions]
    passages = [word_tokens(p) for p in collection.passages]
    return TokenisedCollection(collection, questions, passages, [[second], [second], [fourth]])


def groups_of(data, seed):
    return GroupMaker(data, lambda number, chance: None, seed).epoch()


@given(st.integers(0, 3000), st.integers(60, 140))
def test_windows_hold_every_token_and_fit(count, room):
    starts = window_starts(count, room)
    held = {token for start in starts for token in range(start, min(count, start + room))}
    assert held == set(range(count))
    assert starts == sorted(set(starts))


@given(st.integers(0, 90), st.integers(0, 700), st.integers(0, 90))
def test_tiles_are_framed_and_never_too_long(asked, count, before):
    question = Tokens([7] * asked, [(0, 1)] * asked)
    windows = tile(question, Tokens(list(range(2000, 2000 + count)), [(0, 1)] * count), [8] * before)
    for window in windows:
        assert window.ids[0] == CLS
        assert window.ids[-1] == SEP
        assert len(window.ids) <= WINDOW_TOKENS
        body = window.ids[window.offset : window.offset + window.count]
        assert body == list(range(2000 + window.first, 2000 + window.first + window.count))
        assert set(window.ids[: window.offset]) <= {7, 8, CLS, SEP}


def test_a_short_passage_is_read_with_the_end_of_what_stands_before_it():
    question, passage = Tokens([7] * 10, [(0, 1)] * 10), Tokens([2000] * 30, [(0, 1)] * 30)
    (window,) = tile(question, passage, [5, *[8] * CONTEXT_TOKENS])
    assert window.ids == [CLS, *[7] * 10, SEP, *[8] * CONTEXT_TOKENS, SEP, *[2000] * 30, SEP]
    assert (window.offset, window.first, window.count) == (13 + CONTEXT_TOKENS, 0, 30)
    assert len(tile(question, Tokens([2000] * 120, [(0, 1)] * 120), [8] * 90)[0].ids) == WINDOW_TOKENS
    assert tile(question, passage, [8] * 3) == tile(question, passage)


def test_the_positive_window_marks_the_answers_tokens(tiny):
    for seed in range(20):
        group = next(g for g in groups_of(tiny, seed) if g[0].starts)
        window = group[0].window
        (start,), (end,) = group[0].starts, group[0].ends
        words = [
            tiny.collection.passages[0][slice(*tiny.passages[0].places[window.first + token - window.offset])]
            for token in (start, end)
        ]
        assert words == ["Queen", "Anne"]
        assert group[0].no_answer == 0.0
        assert {e.no_answer for e in group[1:]} == {1.0}


def test_short_groups_are_cut_to_whole_sentences(tiny):
    seen = set()
    for seed in range(60):
        group = ShortGroups(tiny, random.Random(seed)).group(0, tiny.collection.questions[0])
        for example in group:
            window = example.window
            source = tiny.passages[0 if example.starts or window.ids[-2] == tiny.passages[0].ids[-1] else 1]
            body = window.ids[window.offset : window.offset + window.count]
            assert window.count <= SHORT_TOKENS
            if example.starts:
                assert body == source.ids[window.first : window.first + window.count]
                seen.add(window.ids[window.offset - 2] == source.ids[window.first - 1])
    assert seen == {True, False}  # with what stands before, and without


def test_negative_windows_never_hold_the_answer(tiny):
    answer = set(tiny.passages[0].ids[-5:-3])
    for seed in range(40):
        for group in groups_of(tiny, seed):
            for example in group[1:]:
                if group[0].starts:
                    window = example.window
                    assert not answer <= set(window.ids[window.offset :])


def test_the_same_seed_gives_the_same_epoch(tiny):
    assert groups_of(tiny, 5) == groups_of(tiny, 5)


def test_adversarial_questions_stay_out_of_the_ranking(tiny):
    lone = [g for g in groups_of(tiny, 0) if len(g) == 1]
    assert {(e.no_answer, e.ranked) for g in lone for e in g} == {(1.0, False)}


def test_losses_reward_the_right_scores(tiny):
    batch = collate(groups_of(tiny, 1), torch.device("cpu"))
    assert not batch.passage[~batch.real].any()
    rows, length = batch.ids.shape
    flat = Logits(torch.zeros(rows, length), torch.zeros(rows, length), torch.zeros(rows), torch.zeros(rows))
    ranking = torch.full((rows,), -9.0)
    ranking[batch.first] = 9.0
    good = Logits(batch.starts * 40, batch.ends * 40, ranking, torch.where(batch.no_answer > 0.5, 9.0, -9.0))
    worse, better = losses(flat, batch), losses(good, batch)
    assert worse["no_answer"].item() == pytest.approx(math.log(2))
    members = batch.members[batch.span_groups]
    choices = (batch.passage & members.any(0)[:, None]).sum().item()
    assert worse["span"].item() == pytest.approx(math.log(choices), rel=1e-4)
    assert all(better[name].item() < 1e-3 for name in worse)


def test_batches_hold_every_group_once(tiny):
    groups = groups_of(tiny, 3) * 50
    batches = plan_batches(groups, 8, seed=1)
    assert sorted(id(g) for batch in batches for g in batch) == sorted(id(g) for g in groups)
    assert all(sum(map(len, batch)) <= 8 + 3 for batch in batches)


def test_the_rate_rises_stays_and_falls():
    recipe = Recipe(steps=1000, warmup=100, decay_share=0.3)
    factors = [rate_factor(step, recipe) for step in range(1000)]
    assert factors[0] == 0.01
    assert set(factors[100:700]) == {1.0}
    assert factors[-1] < 0.01
    assert factors[700:] == sorted(factors[700:], reverse=True)


def test_a_resumed_run_ends_where_an_unbroken_one_does(tiny, tmp_path):
    def trainer(name):
        torch.manual_seed(0)
        (tmp_path / name).mkdir()
        return Trainer(
            ReaderNetwork(2000), Recipe(steps=4, windows=4, warmup=1), torch.device("cpu"), tmp_path / name
        )

    def epoch(number):
        return groups_of(tiny, number)

    whole, first, second = trainer("whole"), trainer("first"), trainer("second")
    whole.run(epoch, lambda step, found: None)
    first.run(epoch, lambda step, found: first.save() if step == 2 else None)
    second.load(tmp_path / "first" / "latest.safetensors")
    assert second.step == 2
    second.run(epoch, lambda step, found: None)
    for (name, one), (_, other) in zip(
        whole.network.named_parameters(), second.network.named_parameters(), strict=True
    ):
        torch.testing.assert_close(one, other, msg=name)


def test_the_backbones_embeddings_and_frozen_layers_do_not_move(tiny, tmp_path):
    torch.manual_seed(0)
    trainer = Trainer(ReaderNetwork(2000), Recipe(warmup=1, frozen_layers=1), torch.device("cpu"), tmp_path)
    before = {name: p.detach().clone() for name, p in trainer.network.named_parameters()}
    trainer.train_step(groups_of(tiny, 0))
    moved = {name.split(".")[1] if name.startswith("layers") else name.split(".")[0]
             for name, p in trainer.network.named_parameters() if not torch.equal(p, before[name])}  # fmt: skip
    assert moved == {*map(str, range(1, LAYERS)), "pool", "judge", "span"}


@settings(max_examples=30)
@given(st.integers(0, 2**31 - 1), st.floats(0.001, 100))
def test_packed_weights_come_back_within_half_a_step(seed, size):
    generator = torch.Generator().manual_seed(seed)
    weights = {
        "a.weight": torch.randn(5, 9, generator=generator) * size,
        "a.bias": torch.randn(5, generator=generator),
    }
    packed = unpack(pack({name: tensor.numpy() for name, tensor in weights.items()}))
    back = {name: torch.from_numpy(array) for name, array in packed.items()}
    step = weights["a.weight"].abs().amax(1, keepdim=True) / 127
    assert bool(((back["a.weight"] - weights["a.weight"]).abs() <= step * 0.501).all())
    torch.testing.assert_close(back["a.bias"], weights["a.bias"], rtol=1e-3, atol=1e-3)
    assert back.keys() == weights.keys()


def test_weights_of_zeros_survive_packing():
    assert not unpack(pack({"w": np.zeros((3, 4), dtype=np.float32)}))["w"].any()


def test_an_answer_is_found_where_the_questions_words_are():
    text = "In 1944 rain fell. The bridge over the river was destroyed in 1944 by the army."
    start, end = find_answer(text, "1944", "When was the bridge destroyed?", reach=25)
    assert (text[start:end], start > 10) == ("1944", True)
    assert find_answer(text, "1945", "When?") is None


@given(st.lists(st.sampled_from(["it", "'s", "(", "10", ")", ",", ".", "n't", "do", "%"]), max_size=12))
def test_joined_words_stand_where_they_are_said_to(words):
    text, places = join_words(words)
    assert [text[start:end] for start, end in places] == words


def test_names_and_numbers_leave_the_first_word_out():
    assert names_and_numbers("Did the Duke of York sell 40 ships?") == ["Duke of York", "40"]


def test_a_token_span_touches_all_of_the_answer():
    tokens = word_tokens("alpha beta gamma")
    assert token_span(tokens, 6, 12) == (1, 2)
    assert token_span(tokens, 5, 6) is None


def test_negatives_hold_no_answer_and_are_kept(tmp_path):
    collection = Collection()
    rows = [collection.add_passage(f"{text} was the capital of the kingdom", "nq_oracle")
            for text in ("Buda", "Vienna long ago", "Buda once more", "Prague")]  # fmt: skip
    collection.questions.append(
        Question("what was the capital of the kingdom", rows[0], ((0, 4),), "nq_oracle")
    )
    mined = mine_negatives(collection, None, tmp_path / "negatives.json")
    assert sorted(mined[0]) == [rows[1], rows[3]]
    assert mine_negatives(collection, None, tmp_path / "negatives.json") == mined
    assert holds_answer(collection.passages[rows[2]], ["buda"])


def test_scores_by_hand():
    assert f1("the Yuan dynasty", ["Yuan"]) == pytest.approx(2 / 3)
    assert exact("The Yuan.", ["yuan"])
    assert not exact("Yuan dynasty", ["yuan"])
    assert f1("nothing alike", ["yuan"]) == 0
    assert auroc([3.0, 1.0], [2.0, 0.0]) == 0.75
    assert calibration_error([0.95, 0.95], [True, False]) == pytest.approx(0.45)


@given(
    st.lists(st.integers(0, 5), min_size=1, max_size=20), st.lists(st.integers(0, 5), min_size=1, max_size=20)
)
def test_auroc_counts_pairs(positive, negative):
    pairs = [(p > n) + 0.5 * (p == n) for p in positive for n in negative]
    assert auroc(positive, negative) == pytest.approx(float(np.mean(pairs)))


def read_question(gold, scores):
    rows = tuple(range(len(scores)))
    asked = Asked("Who?", "a", ("x",), gold, rows, tuple(-0.1 * r for r in rows), tuple(0.5 for _ in rows))
    return ReadQuestion(asked, np.array(scores, dtype=float), ("x",) * len(rows), "x", np.array(scores[gold]))


def test_the_ranking_learns_which_score_finds_the_paragraph():
    chance = np.random.default_rng(0)
    read = []
    for _ in range(200):
        scores = chance.normal(size=(8, 4))
        gold = int(np.argmax(scores[:, 0] + chance.normal(size=8) * 0.3))
        read.append(read_question(gold, scores.tolist()))
    mix, retrieval = fit_ranking(read)
    assert mix.ranking > 1
    assert 0 <= mix.span < 0.3 * mix.ranking
    assert -0.3 * mix.ranking < mix.no_answer <= 0
    assert retrieval >= 0
    found = [features_of(r, mix, retrieval, lambda read, chosen: (0.5, 1.0)) for r in read]
    assert np.mean([best == r.asked.gold for r, (best, _) in zip(read, found, strict=True)]) > 0.7
    for one, (best, features) in zip(read, found, strict=True):
        _, _, answered, share = one.scores[best]
        assert features == AnswerFeatures(share, -answered, 0.5, sentence=0.5, mismatch=1.0)


def test_the_confidence_is_calibrated_and_never_falls_with_better_evidence():
    chance = np.random.default_rng(1)
    inputs = chance.normal(size=(4000, 5)) * [1, 4, 0.1, 2, 3]
    truth = 1 / (1 + np.exp(-(0.5 + inputs[:, 0] - 0.3 * inputs[:, 1] - 2 * inputs[:, 2])))
    labels = (chance.random(4000) < truth).astype(float)
    intercept, weights = fit_probability(inputs, labels, SIGNS)
    assert weights[0] == pytest.approx(1, abs=0.15)
    assert weights[1] == pytest.approx(-0.3, abs=0.06)
    assert weights[2] == pytest.approx(0, abs=1e-3)  # the data would have it negative
    probabilities = 1 / (1 + np.exp(-(intercept + inputs @ np.array(weights))))
    assert calibration_error(probabilities, labels) < 0.04


def test_splits_share_no_article():
    splits = read_splits()
    names = [name for articles in splits.values() for name in articles]
    assert sorted(splits) == ["calibrate", "test", "train"]
    assert len(names) == len(set(names)) == 16


@needs_shared
def test_training_reads_only_the_training_articles():
    collection = Collection()
    add_squad_open(collection, shared_folder(), read_splits()["train"])
    held_out = Collection()
    for split in ("calibrate", "test"):
        add_squad_open(held_out, shared_folder(), read_splits()[split])
    assert not set(collection.passages) & set(held_out.passages)
    assert not {q.text for q in collection.questions if q.answers} & {
        q.text for q in held_out.questions if q.answers
    }


@needs_shared
def test_all_training_sets_are_read_with_answers_in_place():
    collection = load_examples(shared_folder())
    assert len(collection.questions) > 30_000
    for question in random.Random(0).sample(collection.questions, 500):
        text = collection.passages[question.passage]
        assert all(0 <= start < end <= len(text) for start, end in question.answers)


def test_half_numbers_are_used_only_where_the_cpu_has_them(tmp_path):
    info = tmp_path / "cpuinfo"
    for flags, kind in (
        ("avx2 fma", torch.float32),
        ("avx512_bf16", torch.bfloat16),
        ("amx_bf16", torch.bfloat16),
    ):
        info.write_text(f"flags : {flags}\n")
        with half_precision(torch.device("cpu"), info):
            assert torch.mm(torch.ones(2, 2), torch.ones(2, 2)).dtype == kind
    with half_precision(torch.device("cpu"), tmp_path / "missing"):
        assert torch.mm(torch.ones(2, 2), torch.ones(2, 2)).dtype == torch.float32
