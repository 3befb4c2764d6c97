# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest

from ansible_collections.frontline.entra.plugins.module_utils._domain._targets import Target
from ansible_collections.frontline.entra.plugins.module_utils._goals._goal import WRITE, Step
from ansible_collections.frontline.entra.plugins.module_utils._graph._messages import reply
from ansible_collections.frontline.entra.plugins.module_utils._run._case import Case
from ansible_collections.frontline.entra.plugins.module_utils._run._delays import Delays
from ansible_collections.frontline.entra.plugins.module_utils._run._names import Names


def written(reads=1, writes=1, setback=None):
    """A user whose write was accepted at 0 seconds."""
    case = Case(Target("anna@contoso.example", id="aaaaaaaa-0000-4000-8000-000000000000"), None, Step(WRITE))
    case.attempt.accepted_at, case.attempt.reads, case.attempt.writes = 0.0, reads, writes
    case.attempt.setback = setback
    return case


@pytest.fixture
def delays():
    return Delays(60.0, Names(60.0))


def next_reads(delays):
    """Seconds until the first read and until the second, of a user written to now."""
    return delays.until_first_read(written(0), 0.0, None), delays.until_next_read(written(), 0.0)


def test_reads_come_later_the_longer_writes_took_to_show(delays):
    assert next_reads(delays) == (0.0, 1.0)
    delays.learn(written(reads=3), 8.0)
    assert next_reads(delays) == (1.0, 2.0)
    delays.learn(written(reads=3), 8.0)
    assert next_reads(delays) == (1.75, 3.5)

    for _user in range(1000):
        delays.learn(written(), 0.0)
    first, second = next_reads(delays)
    assert 0.5 < first < 0.75 and 1.0 < second < 1.5


@pytest.mark.parametrize("case", [written(3, writes=2), written(3, setback=reply(503, {}, None, None))])
def test_a_write_with_a_setback_shows_nothing_about_delays(delays, case):
    delays.learn(case, 8.0)
    assert next_reads(delays) == (0.0, 1.0)
