# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import datetime

import pytest

from ansible_collections.frontline.entra.plugins.plugin_utils import _plain
from ansible_collections.frontline.entra.plugins.plugin_utils._plain import plain, untrusted


def itself(value):
    return value


class Tagged(str):
    """A text of Ansible, which str() may return as it is."""

    __str__ = itself


class Vaulted:
    """A value that str() decrypts."""

    def __str__(self):
        return "decrypted"


@pytest.fixture(autouse=True)
def vaulted(monkeypatch):
    monkeypatch.setattr(_plain, "Vaulted", Vaulted)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        (True, True),
        (3, 3),
        (1.5, 1.5),
        ("Zo\u00eb \udce9", "Zo\u00eb \udce9"),
        (Tagged("text"), "text"),
        (Vaulted(), "decrypted"),
        (("a", [Vaulted()]), ["a", ["decrypted"]]),
        ({Tagged("a"): {1: None, False: 2}}, {"a": {"1": None, "false": 2}}),
        (datetime.date(2026, 11, 26), "2026-11-26"),
    ],
)
def test_values_become_those_that_a_module_gets(value, expected):
    found = plain({"option": value})["option"]
    assert found == expected and repr(found) == repr(expected)


@pytest.mark.parametrize("value", [b"bytes", {"a", "b"}, object()])
def test_values_that_json_cannot_carry_are_refused(value):
    with pytest.raises(TypeError):
        plain({"option": [value]})


def test_the_arguments_are_not_modified():
    arguments = {"a": ["b"]}
    plain(arguments)["a"].append("c")
    assert arguments == {"a": ["b"]}


def test_results_are_not_templates(monkeypatch):
    monkeypatch.setattr(_plain, "mark_untrusted", None)
    assert untrusted({"a": "{{ b }}"}) == {"a": "{{ b }}"}
    monkeypatch.setattr(_plain, "mark_untrusted", lambda value: ("unsafe", value))
    assert untrusted({"a": 1}) == ("unsafe", {"a": 1})
