import signal
import threading

import pytest

from earmark.lab.stop import SIGNALS, Stop


@pytest.mark.parametrize("number", SIGNALS)
def test_a_first_signal_only_asks(number):
    with Stop() as stop:
        assert not stop.asked
        signal.raise_signal(number)

        assert stop.asked


def test_a_second_ctrl_c_interrupts_at_once():
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # some shells ignore it
    with Stop():
        signal.raise_signal(signal.SIGINT)

        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)

    signal.signal(signal.SIGINT, before)


def test_signals_do_what_they_did_once_it_is_over():
    before = [signal.getsignal(number) for number in SIGNALS]

    with Stop():
        assert [signal.getsignal(number) for number in SIGNALS] != before

    assert [signal.getsignal(number) for number in SIGNALS] == before


def test_in_another_thread_nothing_changes():
    seen = []

    def enter():
        with Stop() as stop:
            seen.append((stop.asked, signal.getsignal(signal.SIGINT)))

    before = signal.getsignal(signal.SIGINT)
    thread = threading.Thread(target=enter)
    thread.start()
    thread.join()

    assert seen == [(False, before)]
