# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import re

import yaml

from ansible_collections.frontline.entra.plugins.doc_fragments import registered
from ansible_collections.frontline.entra.plugins.module_utils._domain import _reasons as reasons
from ansible_collections.frontline.entra.plugins.module_utils._entra._authentication_methods import METHODS
from ansible_collections.frontline.entra.plugins.module_utils._goals._sms_sign_in import STATES
from ansible_collections.frontline.entra.plugins.module_utils._options import GRAPH, REGISTERED, USERS
from ansible_collections.frontline.entra.plugins.modules import sms_sign_in, sms_sign_in_info
from ansible_collections.frontline.entra.plugins.modules.sms_sign_in_info import SPEC

WRITES = {"too_many_changes", "not_available_in_cloud"}
"""Reasons of a run that only a module that writes has."""


def named(description):
    return set(re.findall(r"(?<!R)V\((\w+)\)", " ".join(description)))


def test_the_documentation_and_its_fragments_have_every_option():
    documentation = yaml.safe_load(sms_sign_in_info.DOCUMENTATION)
    own = {name: {**option, "description": None} for name, option in documentation["options"].items()}
    assert own == {name: {**SPEC.options[name], "description": None} for name in own}
    shared = {name for group in (GRAPH, USERS, REGISTERED) for name in group.options}
    assert shared | set(own) == set(SPEC.options)
    fragment = yaml.safe_load(registered.ModuleDocFragment.DOCUMENTATION)["options"]
    assert {name: {**option, "description": None} for name, option in fragment.items()} == {
        "registered": {**REGISTERED.options["registered"], "description": None}
    }


def test_the_documentation_names_every_state_and_method():
    own = yaml.safe_load(sms_sign_in_info.DOCUMENTATION)["options"]
    assert named(own["states"]["description"]) == set(STATES)
    assert named(own["usable_methods"]["description"]) == set(METHODS)
    other = yaml.safe_load(sms_sign_in.DOCUMENTATION)["options"]["require_methods"]["description"]
    assert named(other) == {*METHODS, reasons.NO_OTHER_METHOD}


def test_the_documentation_names_every_reason_and_no_other():
    returned = yaml.safe_load(sms_sign_in_info.RETURN)
    of_a_run = {reason.name for reason in reasons.ALL.values() if reason.of == reasons.RUN}
    assert named(returned["reason"]["description"]) == of_a_run - WRITES
    assert named(returned["users"]["contains"]["reason"]["description"]) <= set(reasons.ALL)
