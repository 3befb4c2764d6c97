# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest

from ansible_collections.frontline.entra.plugins.module_utils._results._html._text import count, escaped, names, share


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("anna", "anna"),
        ("<&>\"'", "&lt;&amp;&gt;&quot;&#x27;"),
        ("a\r\nb\tc\u2028d", "a  b c d"),
        ("\x00\x1b\x7f\x9f", "\ufffd" * 4),
        ("\u202a\u202e\u2066\u2069", "\ufffd" * 4),
        ("\ud800\udfff\ufffe\uffff", "\ufffd" * 4),
        ("\u05d3\u200f\u200d\U0001f600", "\u05d3\u200f\u200d\U0001f600"),
        ("x" * 500, "x" * 500),
        ("x" * 501, "x" * 499 + "\u2026"),
        ("&" * 501, "&amp;" * 499 + "\u2026"),
    ],
)
def test_a_value_as_text(value, text):
    assert escaped(value) == text


@pytest.mark.parametrize(
    ("part", "total", "text"),
    [
        (0, 0, "0%"),
        (0, 9, "0%"),
        (9, 9, "100%"),
        (1, 3, "33%"),
        (2, 3, "67%"),
        (1, 1000, "below 1%"),
        (999, 1000, "above 99%"),
        (1, 100, "1%"),
    ],
)
def test_a_share(part, total, text):
    assert share(part, total) == text


@pytest.mark.parametrize(("number", "text"), [(0, "0 users"), (1, "1 user"), (1204, "1,204 users")])
def test_a_count(number, text):
    assert count(number, "user", "users") == text


def test_a_list_of_names_is_short():
    assert names([]) == ""
    assert names(["a", "<b"]) == "<bdi>a</bdi>, <bdi>&lt;b</bdi>"
    assert names(list("abcdefg"), 2) == "<bdi>a</bdi>, <bdi>b</bdi> and 5 more"
