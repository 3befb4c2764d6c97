# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading phone numbers: masked by default, and never written."""

from __future__ import annotations

import json

import pytest
import yaml

from ansible_collections.frontline.entra.plugins.modules import phone_method_info
from integration.tenants import READY, make_user, tenant

TENANT = tenant(
    make_user("anna", 1, sms_sign_in=True),
    make_user("ben", 2, alternate_mobile="+1 2065550152", office="+1 2065550162x7"),
    make_user("carl"),
    make_user("dora", 4),
    groups=[{"name": "Frontline", "members": ["anna@contoso.example", "carl@contoso.example"]}],
)
ANNA, BEN, CARL, DORA = (f"{name}@contoso.example" for name in ("anna", "ben", "carl", "dora"))


def phones(**numbers):
    return [{"phone_type": phone_type, "phone_number": number} for phone_type, number in numbers.items()]


@pytest.mark.covers("R3")
@pytest.mark.parametrize("check_mode", [True, False])
def test_all_phones_of_users_are_read_and_masked(simulator, module, check_mode):
    result = module("phone_method_info", users=[ANNA, BEN, CARL], check_mode=check_mode)

    assert result["reason"] is None and not result["changed"] and simulator.writes() == []
    assert {one["user"]: one["phones"] for one in result["users"]} == {
        ANNA: phones(mobile="********01"),
        BEN: phones(mobile="********02", alternateMobile="********52", office="********62"),
        CARL: [],
    }
    assert {one["user"]: one["state"] for one in result["users"]} == {
        ANNA: READY,
        BEN: "notEnabled",
        CARL: "noMobilePhone",
    }
    assert result["msg"] == "3 users: 2 with a mobile phone."
    assert result["summary"] == {
        "total": 3,
        "failed": 0,
        "reasons": {},
        "phone_types": {"mobile": 2, "alternateMobile": 1, "office": 1},
    }
    assert "20655501" not in json.dumps(result)


def test_show_numbers_shows_whole_numbers(module):
    result = module("phone_method_info", users=[BEN], show_numbers=True)

    assert result.user("ben")["phones"] == phones(
        mobile="+1 2065550102", alternateMobile="+1 2065550152", office="+1 2065550162x7"
    )
    assert result.user("ben")["phone_number"] == "+1 2065550102"


@pytest.mark.covers("R3")
def test_numbers_masked_by_the_service_stay_masked(simulator, module):
    simulator.switch("masks_for_all", True)

    result = module("phone_method_info", users=[ANNA, CARL], show_numbers=True)

    assert result.user("anna")["phones"] == phones(mobile="+1 XXXXXXXX01")


def test_groups_files_and_excludes_select_the_users(simulator, module, tmp_path):
    path = tmp_path / "users.txt"
    path.write_text(f"{BEN}\n{DORA}\n")

    result = module("phone_method_info", groups=["Frontline"], users_from=str(path), exclude_users=[DORA])

    assert sorted(one["user"] for one in result["users"]) == [ANNA, BEN, CARL]


def test_an_unreadable_user_fails_and_the_others_are_read(simulator, module):
    users = [ANNA, "nobody@contoso.example"]

    failed = module("phone_method_info", users=users)
    tolerated = module("phone_method_info", users=users, tolerate=["user_not_found"])

    assert failed["reason"] == "some_users_failed" and failed["msg"] == "2 users: 1 with a mobile phone, 1 failed."
    assert failed["users"][0]["reason"] == "user_not_found" and failed["users"][0]["phones"] is None
    assert failed.user("anna")["phones"] == phones(mobile="********01")
    assert tolerated["reason"] is None and tolerated["summary"]["failed"] == 0


@pytest.mark.parametrize(("status", "code"), [(403, "accessDenied"), (500, "generalException")])
def test_a_fault_of_one_user_does_not_affect_others(simulator, module, status, code):
    simulator.inject({"match": {"user": BEN}, "times": None, "then": {"status": status, "code": code}})

    result = module("phone_method_info", users=[ANNA, BEN, CARL])

    assert result["summary"]["failed"] == 1 and result["users"][0]["user"] == BEN
    assert result.user("anna")["state"] == READY


def test_reading_needs_only_the_permission_to_read(simulator, module):
    token = simulator.token(roles=["UserAuthMethod-Phone.Read.All"])

    result = module("phone_method_info", users=[ANNA], client_secret=None, access_token=token)
    refused = module("phone_method_info", users=[ANNA], client_secret=None, access_token=simulator.token(roles=[]))

    assert result["reason"] is None
    assert refused["reason"] == "permission_missing" and "UserAuthMethod-Phone.Read.All" in refused["msg"]


@pytest.mark.commands
def test_the_examples_run_and_print_no_number(simulator, playbook, options):
    tasks = yaml.safe_load(phone_method_info.EXAMPLES)
    given = {f"entra_{name}": options[name] for name in ("tenant_id", "client_id", "client_secret")}
    connection = {name: options[name] for name in ("graph_url", "authority_host", "ca_path")}
    shown = {"ansible.builtin.assert": {"that": ["anna.users[0].phones[0].phone_number == '+1 20655501' ~ '01'"]}}
    play = {
        "hosts": "localhost",
        "gather_facts": False,
        "module_defaults": {"group/frontline.entra.graph": connection},
        "vars": given,
        "tasks": [*tasks, {**shown, "no_log": True}],
    }

    played = playbook(yaml.safe_dump([play]), "-vvvv")

    assert played.returncode == 0, played.output
    assert "2065550101" not in played.output.replace(" ", "") and simulator.writes() == []
