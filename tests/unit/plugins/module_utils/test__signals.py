# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import os
import signal
import time

import pytest

from ansible_collections.frontline.entra.plugins.module_utils._errors import Interrupted
from ansible_collections.frontline.entra.plugins.module_utils._signals import StopSignals


def tell(number):
    os.kill(os.getpid(), number)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_ends_at_once_what_has_nothing_to_prove(number):
    with pytest.raises(Interrupted, match=number.name), StopSignals():
        tell(number)
        time.sleep(5)


def test_what_has_something_to_prove_is_given_its_seconds():
    asked = []
    start = time.monotonic()
    with pytest.raises(Interrupted, match="told to stop"), StopSignals() as signals:
        signals.ask = lambda why: asked.append(why) or 0.1
        tell(signal.SIGTERM)
        # Whoever repeats it does not make it shorter.
        tell(signal.SIGINT)
        time.sleep(5)
    assert 0.1 <= time.monotonic() - start < 4
    assert asked == ["The task was told to stop (SIGTERM)."] * 2


def test_what_is_over_is_not_interrupted():
    with StopSignals() as signals:
        signals.ask = lambda why: None
        tell(signal.SIGTERM)


def test_what_ends_in_time_is_not_interrupted():
    answers = iter([0.05, None])
    with StopSignals() as signals:
        signals.ask = lambda why: next(answers)
        tell(signal.SIGTERM)
        time.sleep(0.1)


def test_the_handlers_of_before_come_back():
    handlers = [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT, signal.SIGALRM)]
    with StopSignals():
        assert signal.getsignal(signal.SIGTERM) not in handlers
    assert [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT, signal.SIGALRM)] == handlers
    assert signal.getitimer(signal.ITIMER_REAL)[0] == 0


def test_a_signal_that_is_ignored_stays_ignored():
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with StopSignals():
            tell(signal.SIGHUP)
    finally:
        signal.signal(signal.SIGHUP, before)
