# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from types import SimpleNamespace

import pytest

from ansible_collections.frontline.entra.plugins.action.sms_sign_in import ActionModule, tell


@pytest.mark.parametrize(
    ("done", "total", "seconds", "throttled", "sent", "line"),
    [
        (0, 500, 0.0, 0, 0, "reading 0 of 500 users"),
        (100, 500, 20.0, 2, 200, "reading 100 of 500 users, 5.0 a second, 1.0% put off, 80 s left"),
        (3000, 50000, 10.0, 0, 3000, "reading 3000 of 50000 users, 300 a second, 0.0% put off, 3 min left"),
        (100, 50000, 20.0, 0, 100, "reading 100 of 50000 users, 5.0 a second, 0.0% put off, 2 h 46 min left"),
        (500, 500, 20.0, 0, 500, "reading 500 of 500 users, 25 a second, 0.0% put off"),
    ],
)
def test_a_line_says_how_far_it_is_and_how_long_it_takes(done, total, seconds, throttled, sent, line):
    step = {"phase": "reading", "done": done, "total": total, "seconds": seconds, "throttled": throttled, "sent": sent}
    assert tell(step) == line


@pytest.mark.parametrize(
    ("given", "task", "transport", "told"),
    [
        ({}, {}, "local", True),
        ({"progress": "yes"}, {}, "local", True),
        ({"progress": False}, {}, "local", False),
        ({"progress": "no"}, {}, "local", False),
        ({}, {"no_log": True}, "local", False),
        ({}, {"async_val": 60}, "local", False),
        ({}, {}, "ssh", False),
    ],
)
def test_only_who_can_see_it_is_told(given, task, transport, told):
    action = ActionModule.__new__(ActionModule)
    action._task = SimpleNamespace(**{"no_log": False, "async_val": 0, **task})
    action._connection = SimpleNamespace(transport=transport)
    assert action._wanted(given) is told
