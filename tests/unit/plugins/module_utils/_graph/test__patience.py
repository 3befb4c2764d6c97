# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import random

import pytest

from ansible_collections.frontline.entra.plugins.module_utils._graph._patience import (
    LEAST_THROTTLED,
    LONGEST_OUTAGE,
    LONGEST_PAUSE,
    MOST_READS,
    MOST_WRITES,
    Failures,
    Served,
)

BEGAN, NOW = 100.0, 110.0


def met(times, others_served=0, since=BEGAN):
    """A request that failed so often, with others served before the first of these failures."""
    trouble, served = Failures(since, 0), Served()
    for number in range(times):
        served.count += number < others_served
        trouble.note(served)
    return trouble


def test_failures_before_which_others_were_served_are_counted():
    trouble = met(5, others_served=2)
    assert (trouble.times, trouble.others_served) == (5, 2)
    trouble.note(Served(2, NOW), beside=True)
    assert (trouble.times, trouble.others_served) == (6, 3)


@pytest.mark.parametrize(
    ("times", "others_served", "served", "now", "alone", "believed"),
    [
        # too early
        (4, 4, Served(9, NOW), NOW, True, False),
        # no request was served
        (5, 0, Served(0, 0.0), NOW, False, True),
        # others are served repeatedly
        (5, 3, Served(9, NOW), NOW, False, True),
        (5, 2, Served(9, NOW), NOW, False, False),
        # no other request waits, and others were served while this one failed
        (5, 1, Served(9, NOW), NOW, True, True),
        (5, 0, Served(9, NOW), NOW, True, False),
        # an outage, and its end
        (50, 0, Served(9, NOW), NOW + LONGEST_OUTAGE - 1, True, False),
        (5, 0, Served(9, NOW), NOW + LONGEST_OUTAGE, False, True),
        # calls that take as long as the outage
        (2, 1, Served(9, NOW), NOW + LONGEST_OUTAGE, True, True),
        (2, 1, Served(9, NOW), NOW + LONGEST_OUTAGE, False, False),
        (2, 0, Served(9, NOW), NOW + LONGEST_OUTAGE, True, False),
    ],
)
def test_conditions_for_a_final_failure(times, others_served, served, now, alone, believed):
    assert met(times, others_served).is_conclusive(now, served, False, lambda: alone) is believed


@pytest.mark.parametrize(("writes", "most"), [(False, MOST_READS), (True, MOST_WRITES)])
def test_attempts_of_reads_and_writes(writes, most):
    tried = [met(times, 3).is_conclusive(NOW, Served(9, NOW), writes, lambda: False) for times in range(most + 1)]
    assert tried == [False] * most + [True]


@pytest.mark.parametrize(
    ("times", "others_served", "count", "lasted", "alone", "believed"),
    [
        (5, 5, 9, LEAST_THROTTLED, False, True),
        (4, 4, 9, LEAST_THROTTLED, False, False),
        (5, 5, 9, LEAST_THROTTLED - 1, False, False),
        (9, 4, 9, LEAST_THROTTLED, False, False),
        # no other request waits
        (5, 1, 9, LEAST_THROTTLED, True, True),
        (5, 0, 9, LEAST_THROTTLED, True, False),
        (5, 0, 9, LONGEST_OUTAGE, True, True),
        (5, 0, 9, LONGEST_OUTAGE, False, False),
        # no request was served: the gate ends the run
        (99, 0, 0, LONGEST_OUTAGE, True, False),
    ],
)
def test_conditions_for_a_finally_throttled_request(times, others_served, count, lasted, alone, believed):
    trouble = met(times, others_served, since=NOW - lasted)
    assert trouble.throttled_for_good(NOW, Served(count, NOW), lambda: alone) is believed


def test_the_pause_grows_up_to_a_limit():
    jitter = random.Random(1)
    pauses = [met(times).pause(False, jitter) for times in range(1, 12)]
    assert all(0.75 * full <= pause <= 1.25 * full for pause, full in zip(pauses, (0.5, 1, 2, 4)))
    assert max(pauses) == LONGEST_PAUSE


@pytest.mark.parametrize(("others_served", "waits"), [(0, False), (2, False), (3, True)])
def test_a_throttled_request_waits_by_itself_only_if_it_is_singled_out(others_served, waits):
    assert (met(5, others_served).pause(True, random.Random(1)) > 0) is waits
