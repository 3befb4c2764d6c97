# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest

from ansible_collections.frontline.entra.plugins.module_utils._run._rereads import Patience, Rereads


class Clock:
    """A clock that jumps to the next read."""

    def __init__(self):
        self.time = 1000.3

    def now(self):
        return self.time


def moments(clock, rereads, name="anna", state="blocked"):
    """The times of all reads of a subject that stays as it is, in seconds from now."""
    began, found = clock.time, []
    while True:
        moment = rereads.moment(name, state)
        if moment is None:
            return found
        clock.time = moment
        found.append(round(moment - began, 1))


def waiting(seconds, deadline=None):
    clock = Clock()
    return clock, Rereads(Patience(seconds, "policy_timeout", "blocked".__eq__), clock.now, deadline)


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (1, [1.7]),
        (10, [2.7, 6.7, 10.7]),
        (120, [2.7, 6.7, 14.7, 30.7, 60.7, 90.7, 120.7]),
    ],
)
def test_pauses_grow_and_the_last_read_is_at_the_end(seconds, expected):
    assert moments(*waiting(seconds)) == expected


def test_a_state_that_cannot_pass_counts_at_once():
    clock, rereads = waiting(60)
    assert rereads.moment("anna", "ready") is None
    assert rereads.moment("anna", "blocked") is not None
    assert rereads.moment("anna", "ready") is None


def test_each_subject_gets_the_whole_time_and_reads_are_batched():
    clock, rereads = waiting(10)
    first = rereads.moment("anna", "blocked")
    clock.time += 0.4
    assert rereads.moment("ben", "blocked") == first
    clock.time += 100
    assert moments(clock, rereads, "cleo")[-1] >= 10


def test_a_run_with_a_timeout_keeps_half_of_its_time():
    assert moments(*waiting(600, deadline=1000.3 + 100))[-1] == 50
    assert moments(*waiting(600, deadline=1000.3)) == []
