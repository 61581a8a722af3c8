"""What a pair costs the matchers that must see both sides: milliseconds on one core, as a table.

    python tools/pair_speed.py [--width 128] [--tokens 32] [--batch 16] [--rounds 15]

Every row of `MATCHERS` that is not separable and stands alone, as its defaults are, and some
others: to learn (all pairs of a batch, forward and backward, by the loss of the scores and of the
gists), to score all pairs of a batch, and to score stored tokens of one text with a batch, as
search does. The matchers take turns; times are the processor's and the least of the rounds, so
that a busy machine says nearly the same, and beside each stands how often `words` would fit into
it.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from time import process_time
from typing import Any

import torch

from earmark.lab.losses import nt_xent
from earmark.lab.matchers import MATCHERS, Widths, new_matcher
from earmark.lab.sides import Side, Stream

TEXT, AUDIO = 256, 384  # how wide the towers are
BESIDE, ENSEMBLE = "words", "ensemble"
OTHERS: dict[str, tuple[str, dict[str, Any]]] = {
    "coattention, single": ("coattention", {"kind": "single"}),
    "coattention, stacking": ("coattention", {"kind": "stacking"}),
    "factors, three levels": ("factors", {"levels": 2}),
}
Work = Callable[[], object]


def main() -> int:
    """Time each matcher in turn, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--width", type=int, default=128)
    parser.add_argument("--tokens", type=int, default=32, help="of each side")
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--rounds", type=int, default=15)
    args = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    text, audio = (_side(args.batch, args.tokens, width) for width in (TEXT, AUDIO))
    audio["captions"] = _side(args.batch, args.tokens, TEXT)["main"]
    works = {
        name: _works(matcher, text, audio) for name, matcher in _matchers(width=args.width).items()
    }
    took = _in_turns(works, args.rounds)
    pairs = (args.batch**2, args.batch**2, args.batch)
    print(f"width {args.width}, {args.tokens} tokens a side, batches of {args.batch}, ms a pair\n")
    print("| matcher | learning | × | scoring | × | one text, stored tokens | × |")
    print("|---|---|---|---|---|---|---|")
    for name, times in took.items():
        each = zip(times, pairs, took[BESIDE], strict=True)
        cells = [f"{1000 * t / n:.3f} | {t / beside:.1f}" for t, n, beside in each]
        print(f"| {name} | {' | '.join(cells)} |")
    return 0


def _matchers(*, width: int) -> dict[str, Any]:
    """Those that are not separable, `words` first."""
    known = [name for name in MATCHERS if name != ENSEMBLE]  # which costs what its members cost
    named: dict[str, tuple[str, dict[str, Any]]] = {
        name: (name, {}) for name in sorted(known, key=lambda name: name != BESIDE)
    }
    named_widths = {"main": TEXT}, {"main": AUDIO, "captions": TEXT}
    widths = Widths(*named_widths, (TEXT, TEXT), (AUDIO, AUDIO))
    made = {
        name: new_matcher(matcher, widths, width=width, **settings)
        for name, (matcher, settings) in (named | OTHERS).items()
    }
    return {name: matcher for name, matcher in made.items() if not matcher.separable}


def _side(batch: int, tokens: int, width: int) -> Side:
    real = torch.ones(batch, tokens, dtype=torch.bool)
    x = torch.randn(batch, tokens, width)
    return {"main": Stream(x, real, (x, x), torch.ones(real.shape))}


def _works(matcher: Any, text: Side, audio: Side) -> list[Work]:  # noqa: ANN401 - a module and a Matcher
    """Learning, scoring, and reranking, each as something to call."""
    match = torch.eye(len(text["main"].x), dtype=torch.bool)
    with torch.no_grad():
        said, heard = matcher.text_tokens(text), matcher.audio_tokens(audio)
    one = said.x[:1].expand_as(said.x), said.real[:1].expand_as(said.real)

    def learn() -> None:
        matcher.train().zero_grad()
        loss = nt_xent(matcher(text, audio).scores, match)
        gists = matcher.text_gist(text) @ matcher.audio_gist(audio).T
        (loss + nt_xent(gists, match)).backward()

    def score() -> None:
        with torch.no_grad():
            matcher.eval()(text, audio)

    def rerank() -> None:
        with torch.no_grad():
            matcher.eval().pair(*one, heard.x, heard.real)

    return [learn, score, rerank]


def _in_turns(works: dict[str, list[Work]], rounds: int) -> dict[str, list[float]]:
    """Run all of them so many times: the least seconds of each."""
    least = {name: [float("inf")] * len(each) for name, each in works.items()}
    for number in range(rounds + 1):
        for name, each in works.items():
            for place, work in enumerate(each):
                began = process_time()
                work()
                if number > 0:  # the first ones wait for memory
                    least[name][place] = min(least[name][place], process_time() - began)
    return least


if __name__ == "__main__":
    raise SystemExit(main())
