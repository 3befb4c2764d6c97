# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""See integration/test_lint.py for what ansible-lint makes of it."""

from __future__ import annotations

import pytest
from ansible.module_utils import basic

from ansible_collections.frontline.entra.plugins.modules import phone_method
from ansible_collections.frontline.entra.plugins.plugin_utils import _lint


@pytest.fixture
def checked(monkeypatch):
    """The argument specs that were given to AnsibleModule."""
    specs = []
    monkeypatch.setattr(basic, "AnsibleModule", lambda argument_spec, **_more: specs.append(argument_spec))
    return specs


def test_the_options_of_the_module_are_checked_when_main_is_called(checked):
    main = _lint.options_check("phone_method")
    assert checked == []

    main()
    assert checked == [phone_method.SPEC.options]


def test_a_module_that_cannot_be_imported_here_is_not_checked(checked):
    _lint.options_check("no_such_module")()
    assert checked == []
