# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The journal over the control interface: filtered and counted."""

from __future__ import annotations

from typing import Any

import pytest
import requests

ANNA = "anna@contoso.example"


@pytest.fixture
def ask(simulator: Any, graph: Any) -> Any:
    """Reads the journal of six requests: two reads, two writes with an effect, one without, one refused."""
    graph.phone(ANNA)
    graph.phone("nobody@contoso.example")
    graph.enable(ANNA)
    graph.disable(ANNA)
    graph.disable(ANNA)
    simulator.inject({"match": {"method": "POST"}, "then": {"status": 503}})
    graph.enable("bob@contoso.example")

    def read(query: str, method: str = "GET") -> requests.Response:
        return graph.session.request(method, f"{simulator.control_url}/journal{query}", timeout=10)

    return read


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", 6),
        ("?kind=graph", 6),
        ("?kind=login", 0),
        ("?kind=login&kind=graph", 6),
        ("?method=post", 4),
        ("?method=GET&method=POST", 6),
        ("?method=GET&status=404", 1),
        ("?status=404&status=503", 2),
        ("?status=4xx", 1),
        ("?status=2XX", 4),
        ("?status=20", 0),
        ("?path=SmsSignIn$", 4),
        ("?path=%2FenableSmsSignIn", 2),
        (f"?user={ANNA.upper()}", 4),
        ("?write=true", 4),
        ("?write=true&effect=true", 2),
        ("?fault=true", 1),
        ("?fault=false&write=true", 3),
        ("?since={third}", 3),
        ("?since=0", 6),
    ],
)
def test_the_journal_is_filtered_and_counted(simulator: Any, ask: Any, query: str, count: int) -> None:
    query = query.format(third=simulator.journal()[2].seq)
    assert len(ask(query).json()) == count
    assert ask(f"{query}{'&' if query else '?'}count=true").json() == {"count": count}


@pytest.mark.parametrize(
    "query",
    ["?colour=red", "?status=many", "?status=6xx", "?path=(", "?since=yesterday", "?write=maybe", "?count=yes"],
)
def test_an_invalid_filter_is_refused(ask: Any, query: str) -> None:
    answer = ask(query)
    assert answer.status_code == 400 and query[1:].partition("=")[0] in answer.json()["error"]
