import numpy as np

from earmark.scenes.constraints import holds
from earmark.scenes.draw import Plan, draw_scene
from earmark.scenes.grammar import draw_caption, new_grammar
from earmark.scenes.matching import doubts, matches
from scenes.fake_bank import fake_bank
from scenes.hand_made import bed, caption, event, scene


def test_the_quick_way_finds_what_the_plain_way_finds():
    bank, grammar = fake_bank(), new_grammar(test=True)
    scenes = [draw_scene(bank, Plan(), seed=seed) for seed in range(150)]
    captions = [draw_caption(one, grammar, bank, seed=n) for n, one in enumerate(scenes)]

    found = matches(captions, scenes)

    plain = [[holds(words, one) for one in scenes] for words in captions]
    np.testing.assert_array_equal(found, plain)
    assert found.diagonal().all()


def test_a_sibling_sound_is_in_doubt_and_not_right():
    drizzle = scene(event("drizzle", 1, 4, group="rain"), event("dog", 6, 8))
    storm = scene(event("storm", 1, 4, group="rain"), event("dog", 6, 8))
    wordings = [
        caption("before drizzle dog"),
        caption("heard dog"),
        caption("heard dog", "without storm"),
    ]

    assert matches(wordings, [drizzle, storm]).tolist() == [
        [True, False],
        [True, True],
        [True, False],
    ]
    assert doubts(wordings, [drizzle, storm]).tolist() == [
        [False, True],
        [False, False],
        [True, False],
    ]


def test_the_order_of_scenes_and_captions_is_kept():
    scenes = [scene(event("dog", 1, 3)), scene(event("cat", 1, 3)), scene(background=bed("cat"))]

    found = matches([caption("heard cat"), caption("heard dog")], scenes)

    assert found.tolist() == [[False, True, True], [True, False, False]]


def test_a_sound_that_no_scene_has_matches_nothing():
    assert not matches([caption("heard yak")], [scene(event("dog", 1, 3))]).any()


def test_no_captions_give_no_rows():
    assert matches([], [scene(event("dog", 1, 3))]).shape == (0, 1)
