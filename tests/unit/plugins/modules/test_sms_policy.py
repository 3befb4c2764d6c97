# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import re

import pytest
import yaml

from ansible_collections.frontline.entra.plugins.module_utils._domain import _reasons as reasons
from ansible_collections.frontline.entra.plugins.module_utils._options import GRAPH
from ansible_collections.frontline.entra.plugins.modules import sms_policy, sms_policy_info

OF_A_POLICY = {"unverified", "throttled", "service_error"}
"""Reasons of one subject that the one policy can have."""


def documented(options):
    """Documented options in the form of a spec."""
    shown = {}
    for name, option in options.items():
        option = {key: value for key, value in option.items() if key != "description"}
        if "suboptions" in option:
            option["options"] = documented(option.pop("suboptions"))
        shown[name] = option
    return shown


def specified(options):
    rules = ("mutually_exclusive", "required_one_of")
    return {
        name: {
            key: specified(value) if key == "options" else value for key, value in option.items() if key not in rules
        }
        for name, option in options.items()
    }


def test_the_documentation_has_every_option():
    own = {name: option for name, option in sms_policy.SPEC.options.items() if name not in GRAPH.options}
    assert documented(yaml.safe_load(sms_policy.DOCUMENTATION)["options"]) == specified(own)
    assert set(sms_policy_info.SPEC.options) == set(GRAPH.options)
    assert "options" not in yaml.safe_load(sms_policy_info.DOCUMENTATION)


@pytest.mark.parametrize("module", [sms_policy, sms_policy_info])
def test_the_documentation_names_reasons_that_exist(module):
    returned = yaml.safe_load(module.RETURN)
    named = set(re.findall(r"V\((\w+)\)", " ".join(returned["reason"]["description"])))
    of_runs = {reason.name for reason in reasons.ALL.values() if reason.of == reasons.RUN}
    assert named - of_runs <= OF_A_POLICY
    assert OF_A_POLICY - named == ({"unverified"} if module is sms_policy_info else set())
