"""The picture of reliability is a small, whole SVG."""

from xml.etree import ElementTree

from earmark.score.refusal import Bin
from earmark.score.reliability import SIDE, draw


def test_a_panel_a_measurement_with_a_point_a_bin():
    told = [Bin(0.01, 0.0, 10), Bin(0.25, 0.25, 10), Bin(1.0, 1.0, 10)]

    root = ElementTree.fromstring(draw([("100 <recordings>", "clips", told)] * 4))

    circles = [one for one in root.iter() if one.tag.endswith("circle")]
    assert len(circles) == 12
    assert [float(circles[1].get(axis)) for axis in ("cx", "cy")] == [SIDE / 2, SIDE / 2]
    assert (float(circles[2].get("cx")), float(circles[2].get("cy"))) == (SIDE, 0)
    assert "100 <recordings>" in "".join(root.itertext())


def test_the_same_bins_give_the_same_text():
    told = [Bin(0.1, 0.2, 5)]

    assert draw([("a", "b", told)]) == draw([("a", "b", told)])
