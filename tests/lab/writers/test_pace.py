"""How often: a made-up clock shows the seconds."""

from earmark.lab.writers.pace import Pace


class Clock:
    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now

    def sleep(self, seconds):
        self.now += seconds


def times(pace, clock, count):
    found = []
    for _ in range(count):
        pace.wait()
        found.append(clock.now)
    return found


def test_turns_come_evenly_and_the_first_at_once():
    clock = Clock()

    assert times(Pace(40, clock, clock.sleep), clock, 3) == [100.0, 101.5, 103.0]


def test_time_that_passed_is_not_waited_for_nor_saved_up():
    clock = Clock()
    pace = Pace(60, clock, clock.sleep)
    pace.wait()
    clock.now += 30

    assert times(pace, clock, 3) == [130.0, 131.0, 132.0]


def test_a_pause_holds_everybody_and_a_shorter_one_does_not_end_it():
    clock = Clock()
    pace = Pace(60, clock, clock.sleep)
    pace.pause(20)
    pace.pause(5)

    assert times(pace, clock, 2) == [120.0, 121.0]
