# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest

from ansible_collections.frontline.entra.plugins.module_utils._graph._client import Job
from ansible_collections.frontline.entra.plugins.module_utils._graph._messages import Request, reply
from ansible_collections.frontline.entra.plugins.module_utils._run._optional import LONGEST_RETRY, briefly, why_unread
from ansible_collections.frontline.entra.tests.unit.plugins.module_utils.fakes import error


class Graph:
    time = 1000.0

    def now(self):
        return self.time


def test_what_is_asked_for_the_first_time_is_always_sent():
    graph = Graph()
    admit = briefly(graph)
    first, again = Job(Request("GET", "/x")), Job(Request("GET", "/x"), again=True)
    assert admit(first) and admit(again)
    graph.time += LONGEST_RETRY
    assert admit(first) and not admit(again)


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (None, " The service was too busy."),
        (reply(200, {}, {"value": "something else"}, None), ""),
        (reply(503, {}, None, None), " Graph said: 503."),
        (
            reply(403, {}, error("accessDenied", "No."), None),
            " Grant Policy.Read.All. Graph said: 403 accessDenied No.",
        ),
    ],
)
def test_a_warning_says_why_nothing_was_shown(answer, says):
    assert why_unread(answer, "Policy.Read.All") == says
