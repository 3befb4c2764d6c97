# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
import yaml

from ansible_collections.frontline.entra.plugins.module_utils._entra._phone_methods import PhoneMethod, Phones
from ansible_collections.frontline.entra.plugins.module_utils._options import GRAPH, USERS
from ansible_collections.frontline.entra.plugins.module_utils._results._outcomes import Outcome
from ansible_collections.frontline.entra.plugins.module_utils._task import Task
from ansible_collections.frontline.entra.plugins.modules import phone_method_info
from ansible_collections.frontline.entra.plugins.modules.phone_method_info import SPEC, digest, make_inquiry
from ansible_collections.frontline.entra.tests.unit.plugins.modules.test_sms_sign_in import Host

PHONES = Phones((PhoneMethod("mobile", "+1 2065550101", "ready"), PhoneMethod("office")))


def inquiry(**options):
    task = Task(SPEC, Host(), {**SPEC.defaults, **options}, set(options))
    task.require_valid()
    return make_inquiry(task)


@pytest.mark.parametrize(("show", "number"), [(False, "********01"), (True, "+1 2065550101")])
def test_numbers_are_masked_by_default(show, number):
    view = inquiry(users=["a@x"], show_numbers=show).view

    assert view.facts(PHONES, PHONES).more == {
        "phone_number": number,
        "phones": [{"phone_type": "mobile", "phone_number": number}, {"phone_type": "office", "phone_number": None}],
    }
    assert view.facts(None, None).more == {"phone_number": None, "phones": None}


def test_options_become_an_inquiry():
    found = inquiry(users=["a@x"], groups=["G"], exclude_users=["b@x"], tolerate=["user_not_found"], run_timeout=5.0)

    assert found.subjects.scope[:4] == (["a@x"], ["G"], ["b@x"], [])
    assert (list(found.tolerate), found.run_timeout) == (["user_not_found"], 5.0)


def test_the_digest_counts_types_of_phones():
    phones = [{"phone_type": "mobile"}, {"phone_type": "office"}]
    found = [
        Outcome("a@x", None, "unchanged", more={"phones": phones}),
        Outcome("b@x", None, "unchanged", more={"phones": [{"phone_type": "mobile"}]}),
        Outcome("c@x", None, "failed", reason="user_not_found", more={"phones": None}),
        Outcome("d@x", None, "skipped"),
    ]

    assert digest(found)[:3] == (
        found,
        {"phone_types": {"mobile": 2, "alternateMobile": 0, "office": 1}},
        "4 users: 2 with a mobile phone, 1 failed.",
    )


def test_the_documentation_and_its_fragments_have_every_option():
    documentation = yaml.safe_load(phone_method_info.DOCUMENTATION)
    shared = {name for group in (GRAPH, USERS) for name in group.options}
    assert shared | set(documentation["options"]) == set(SPEC.options)
    for name, option in documentation["options"].items():
        assert {**option, "description": None} == {**SPEC.options[name], "description": None}
