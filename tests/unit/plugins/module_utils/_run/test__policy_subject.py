# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from urllib.parse import unquote

import pytest

from ansible_collections.frontline.entra.plugins.module_utils._errors import EntraError
from ansible_collections.frontline.entra.plugins.module_utils._goals._sms_policy import POLICY, Directory
from ansible_collections.frontline.entra.plugins.module_utils._run._policy_subject import PolicySubject
from ansible_collections.frontline.entra.tests.unit.plugins.module_utils.fakes import (
    START,
    DrivenWorkers,
    client,
    error,
    per_item,
)

A, B, GONE = (f"{digit * 8}-0000-4000-8000-000000000000" for digit in "abc")
SMS = "/policies/authenticationMethodsPolicy/authenticationMethodConfigurations/sms"
FORBIDDEN = (403, error("Authorization_RequestDenied", "Insufficient privileges."))


def body():
    target = {"targetType": "group", "isUsableForSignIn": True}
    include = [{**target, "id": A}, {**target, "id": "all_users"}, {**target, "id": GONE, "targetType": "user"}]
    return {"state": "enabled", "includeTargets": include, "excludeTargets": [{"targetType": "group", "id": GONE}]}


class Tenant:
    """Answers about the policy and its groups; `answers` take the place of some."""

    def __init__(self, **answers):
        self.asked = []
        self.first = lambda path: None
        self._answers = {
            "policy": (200, body()),
            "whole": (200, {"policyMigrationState": "migrationComplete"}),
            "groups": {A: "Frontline", B: "Kiosk"},
            **answers,
        }

    def reply(self, _call, method, path):
        path = unquote(path)
        self.asked.append((method, path))
        if path == SMS:
            return self._answers["policy"]
        if path == "/policies/authenticationMethodsPolicy":
            return self._answers["whole"]
        groups = self._answers["groups"]
        if groups is None:
            return FORBIDDEN
        if path.startswith("/groups?$filter"):
            found = [one for one, name in groups.items() if f"'{name}'" in path]
            return 200, {"value": [{"id": one, "displayName": groups[one]} for one in found]}
        identifier = path.removeprefix("/groups/").partition("?")[0]
        if identifier in groups:
            return 200, {"id": identifier, "displayName": groups[identifier]}
        return 404, error("Request_ResourceNotFound", "No such group.")

    def gather(self, *names):
        workers = DrivenWorkers()
        graph, _session = client(
            per_item(lambda call, method, path: self.first(path) or self.reply(call, method, path)), workers
        )
        self.warnings, self.directory = [], Directory()
        subject = PolicySubject(self.directory, names)
        assert list(subject.known) == [POLICY]
        assert subject.gather(graph, None, self.warnings.append) == [POLICY]
        self.seconds = workers.now() - START
        return self.directory


def test_names_of_groups_are_looked_up_both_ways():
    tenant = Tenant()
    assert tenant.gather("Kiosk") == Directory({"Kiosk": B}, {A: "Frontline", B: "Kiosk"}, "migrationComplete")
    assert tenant.warnings == []
    assert {method for method, _path in tenant.asked} == {"GET"}
    assert len([path for _method, path in tenant.asked if path.startswith("/groups/")]) == 3


def test_an_unknown_group_name_ends_the_run():
    with pytest.raises(EntraError) as caught:
        Tenant().gather("No such group")
    assert caught.value.reason == "group_not_found"


def test_unreadable_names_are_one_warning():
    tenant = Tenant(groups=None)
    assert tenant.gather().names == {}
    (warning,) = tenant.warnings
    assert "shown by id" in warning and "Grant GroupMember.ReadBasic.All or GroupMember.Read.All. Graph said" in warning


def test_names_that_the_service_does_not_show_are_given_up_soon():
    tenant = Tenant()
    tenant.first = lambda path: (503, None) if path.startswith("/groups/") else None
    assert tenant.gather().names == {}
    (warning,) = tenant.warnings
    assert "their names could not be read. The service was too busy." in warning
    assert tenant.seconds < 30


def test_a_policy_for_all_users_needs_no_directory():
    for_all = {"state": "enabled", "excludeTargets": [], "includeTargets": body()["includeTargets"][1:2]}
    tenant = Tenant(policy=(200, {"value": for_all}), groups=None)
    assert tenant.gather() == Directory(migration_state="migrationComplete")
    assert tenant.warnings == []


@pytest.mark.parametrize(
    ("whole", "state", "words"),
    [
        ((200, {"policyMigrationState": "preMigration"}), "preMigration", "not complete (state preMigration)"),
        ((200, {"policyMigrationState": "migrationInProgress"}), "migrationInProgress", "(state migrationInProgress)"),
        ((200, {}), None, "(state unknown)"),
        ((403, error("accessDenied", "No.")), None, "Grant Policy.Read.AuthenticationMethod or Policy.Read.All."),
        ((404, error("resourceNotFound", "No.")), None, "could not be read. Graph said: 404"),
    ],
)
def test_older_settings_may_allow_text_messages_too(whole, state, words):
    tenant = Tenant(whole=whole)
    assert tenant.gather().migration_state == state
    (warning,) = tenant.warnings
    assert words in warning
    assert warning.endswith(
        "Until it is complete, the older settings for multifactor authentication and password reset may allow text"
        " messages as well."
    )


def test_optional_reads_are_given_up_soon():
    tenant = Tenant(whole=(503, None))
    assert tenant.gather().migration_state is None
    (warning,) = tenant.warnings
    assert "could not be read. Graph said: 503." in warning
    assert tenant.seconds < 30


def test_a_policy_read_after_retries_is_shown_with_names():
    replies = iter([(429, None, {"Retry-After": "60"})])
    tenant = Tenant()
    tenant.first = lambda path: next(replies, None) if path == SMS else None
    assert tenant.gather().names == {A: "Frontline"}
    assert tenant.seconds >= 60 and tenant.warnings == []


def test_a_throttled_read_of_the_migration_state_is_given_up():
    tenant = Tenant(whole=(429, None, {"Retry-After": "5"}))
    assert tenant.gather().names == {A: "Frontline"}
    (warning,) = tenant.warnings
    assert "could not be read. The service was too busy. Until" in warning
    assert tenant.seconds < 30


@pytest.mark.parametrize("policy", [(403, error("accessDenied", "No.")), (200, {"state": "enabled"})])
def test_a_policy_that_cannot_be_read_is_left_to_the_run(policy):
    tenant = Tenant(policy=policy)
    assert tenant.gather() == Directory()
    assert tenant.warnings == []
