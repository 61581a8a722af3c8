"""How a hit came about, for whoever asks."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from earmark.search.course import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """What was known of a recording when it was ranked."""

    place: int  # in the shortlist by score alone; 0: only its name brought it in
    score: float
    typical: float  # median of the best scores of all recordings that were searched ...
    spread: float  # ... and how far they lie about it
    among: int  # how many those were
    evidence: float  # share of the query's words in name and tags
    alone: float  # confidence before names, tags and unwanted sounds had their say
    unwanted: dict[str, float] = field(default_factory=dict)  # how likely each is heard as well
    steps: tuple[tuple[str, Place], ...] = ()  # of an order in time: what, and where it was found
    reranked: int = 0  # place that the network which sees both sides gave it; 0: not asked
    calibrated: bool = True

    def as_dict(self) -> dict[str, Any]:
        """Give it as plain JSON values."""
        steps = [{"what": what, **asdict(place)} for what, place in self.steps]
        return {name: getattr(self, name) for name in self.__dataclass_fields__} | {"steps": steps}

    def lines(self) -> list[str]:
        """Say it in sentences."""
        above = (self.score - self.typical) / self.spread if self.spread > 0 else 0.0
        out = [
            f"its best moment scores {self.score:.3f}; half of the {self.among} recordings that "
            f"were searched score under {self.typical:.3f}, so it stands {above:.1f} spreads above",
            f"place {self.place} by score alone"
            if self.place
            else "not among the first by score: its name or tags brought it in",
            f"by its sound alone it is right with a probability of {self.alone:.2f}"
            + ("" if self.calibrated else " (the model is not calibrated: a rough rule)"),
        ]
        if self.evidence:
            out.append(
                f"its name and tags have {self.evidence:.0%} of what the query's words weigh"
            )
        out += [
            f"{what!r} is heard from {place.start:.1f} to {place.end:.1f} s with "
            f"{place.likelihood:.2f}"
            for what, place in self.steps
        ]
        out += [f"{name!r} is heard with {p:.2f} as well" for name, p in self.unwanted.items()]
        if self.reranked:
            out.append(f"the network that sees both sides put it on place {self.reranked}")
        return out
