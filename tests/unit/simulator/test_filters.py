# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""$filter: what is supported, what Graph refuses, and what the simulator does not support."""

from __future__ import annotations

from typing import Any

import pytest

from graph_simulator.errors import GraphError
from graph_simulator.filters import conditions

KNOWN = {"name": str, "mail": str, "flag": bool, "words": list}
VALUES: dict[str, Any] = {"name": "Anna's", "mail": None, "flag": True, "words": ["sms", "Email"]}


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("name eq 'ANNA''s'", True),
        ("name eq 'Ben'", False),
        ("  name   EQ 'anna''s'  ", True),
        ("flag eq true", True),
        ("flag eq false", False),
        ("mail eq null", True),
        ("name eq null", False),
        ("mail eq 'x'", False),
        ("name in ('Ben', 'Anna''s')", True),
        ("name in ('Ben')", False),
        ("startswith(name,'ann')", True),
        ("startsWith(name, 'nna')", False),
        ("startsWith(mail, 'x')", False),
        ("words/any(t:t eq 'email')", True),
        ("words/any(t: t eq 'fax')", False),
        ("name eq 'x' or flag eq true", True),
        ("name eq 'x' and flag eq true", False),
        # "and" binds closer than "or".
        ("flag eq true or name eq 'x' and name eq 'y'", True),
        ("(flag eq true or name eq 'x') and name eq 'y'", False),
        ("(((flag eq true)))", True),
    ],
)
def test_a_filter_matches(text: str, holds: bool) -> None:
    assert conditions(text, KNOWN)(VALUES) is holds


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "name", "name eq", "name eq Ben", "name eq 'x", "name eq 'it's'", "name is 'x'", "flag eq 'true'",
        "name eq true", "words eq 'sms'", "name/any(t: t eq 'x')", "words/any(t: x eq 'sms')", "words/any(t: t eq true)",
        "startsWith(name)", "startsWith(name, true)", "startsWith(name, null)", "(flag eq true", "flag eq true)",
        "flag eq true and", "flag eq true flag eq true", "name in 'x'", "name in ()", "1 eq 'x'", "not",
        f"{'(' * 500}flag eq true{')' * 500}", f"{'not ' * 500}flag eq true",
    ],
)  # fmt: skip
def test_an_invalid_filter_is_refused_as_by_graph(text: str) -> None:
    with pytest.raises(GraphError) as refusal:
        conditions(text, KNOWN)
    assert (refusal.value.status, refusal.value.code) == (400, "Request_UnsupportedQuery")
    assert refusal.value.message == "Invalid filter clause."


@pytest.mark.parametrize(
    "text",
    [
        "name ne 'x'", "name ge 'x'", "not (name eq 'x')", "endsWith(mail, 'x')", "contains(name, 'x') eq true",
        "shoe eq 'x'", "shoe in ('x')", "startsWith(shoe, 'x')", "shoes/any(t: t eq 'x')", "words/any(t: t ne 'x')",
        "flag eq 5", "mail eq 2026-01-01T00:00:00Z", "a/b eq 'x'",
    ],
)  # fmt: skip
def test_an_unsupported_filter_is_not_answered_as_graphs_refusal(text: str) -> None:
    with pytest.raises(GraphError) as refusal:
        conditions(text, KNOWN)
    assert refusal.value.status == 501
    assert "The simulator does not know this filter" in refusal.value.message
