# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import sys
from types import SimpleNamespace

import pytest

from ansible_collections.frontline.entra.plugins.plugin_utils import _place
from ansible_collections.frontline.entra.plugins.plugin_utils._place import SWITCH, can_work_here, load

PYTHON = "ansible_python_interpreter"
BLOCK = {"ansible_delegated_vars": {"db1": {PYTHON: "/usr/bin/other"}, "localhost": {PYTHON: sys.executable}}}


class Action:
    """The part of an action plugin that is used."""

    def __init__(self, *, environment=None, transport="local", become=None, **task):
        self._task = SimpleNamespace(**{"async_val": 0, "timeout": 0, "delegate_to": None, **task})
        self._connection = SimpleNamespace(transport=transport, become=become)
        self._templar = SimpleNamespace(template=lambda value: sys.executable if value == "{{ ours }}" else value)
        self._environment = environment or {}

    def _compute_environment_string(self, found):
        found.update(self._environment)


@pytest.fixture(autouse=True)
def in_a_worker(monkeypatch):
    monkeypatch.setattr(_place.multiprocessing, "parent_process", object)
    get = SimpleNamespace(get_config_value=lambda _key, variables: variables.get(PYTHON, "auto"))
    monkeypatch.setattr(_place.constants, "config", get)


@pytest.mark.parametrize(
    ("keywords", "variables", "here"),
    [
        ({}, {}, True),
        ({"transport": "ssh"}, {}, False),
        ({"become": object()}, {}, False),
        ({"async_val": 60}, {}, False),
        ({"timeout": 60}, {}, False),
        ({"environment": {"A": "b"}}, {}, False),
        ({}, {SWITCH: True}, True),
        ({}, {SWITCH: "yes"}, True),
        ({}, {SWITCH: " "}, True),
        ({}, {SWITCH: None}, True),
        ({}, {SWITCH: False}, False),
        ({}, {SWITCH: "no"}, False),
        ({}, {SWITCH: "perhaps"}, False),
        ({}, {PYTHON: ""}, True),
        ({}, {PYTHON: "auto_silent"}, True),
        ({}, {PYTHON: sys.executable}, True),
        ({}, {PYTHON: "{{ ours }}"}, True),
        ({}, {PYTHON: "/usr/bin/other"}, False),
        ({"delegate_to": "localhost"}, {PYTHON: "/usr/bin/other", **BLOCK}, True),
        ({"delegate_to": "db1"}, BLOCK, False),
    ],
)
def test_a_process_of_its_own_is_needed_only_for_some_keywords(keywords, variables, here):
    assert can_work_here(Action(**keywords), variables) is here


def test_the_process_of_ansible_playbook_is_not_used(monkeypatch):
    monkeypatch.setattr(_place.multiprocessing, "parent_process", lambda: None)
    assert not can_work_here(Action(), {})


def test_a_module_is_loaded_with_its_libraries():
    loaded = load("report")
    assert loaded.is_complete and "src" in loaded.spec.options
    assert load("sms_sign_in").is_complete


@pytest.mark.parametrize("error", [ImportError("gone"), RuntimeError("broken")])
def test_a_module_whose_libraries_are_not_here(monkeypatch, error):
    def require(*_libraries):
        raise error

    monkeypatch.setattr(_place, "require", require)
    assert not load.__wrapped__("sms_sign_in").is_complete


def test_a_module_that_cannot_be_imported():
    assert load("no_such_module") is None
