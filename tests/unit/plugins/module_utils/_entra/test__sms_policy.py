# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest

from ansible_collections.frontline.entra.plugins.module_utils._entra._sms_policy import (
    Change,
    Policy,
    PolicyTarget,
    Provider,
    change_request,
    migration_request,
    new_target,
    parse_migration_state,
    parse_policy,
    policy_request,
    reason_of,
)
from ansible_collections.frontline.entra.plugins.module_utils._graph._messages import OK, Reply, no_reply, reply

SMS = "/policies/authenticationMethodsPolicy/authenticationMethodConfigurations/sms"
TYPE = "#microsoft.graph.smsAuthenticationMethodConfiguration"
ONE, TWO = "11111111-0000-4000-8000-00000000000a", "22222222-0000-4000-8000-00000000000b"
BODY = {
    "@odata.context": "https://graph.microsoft.com/v1.0/$metadata#authenticationMethodConfigurations/$entity",
    "@odata.type": TYPE,
    "id": "Sms",
    "state": "enabled",
    "includeTargets@odata.context": "...",
    "includeTargets": [
        {"targetType": "group", "id": TWO.upper(), "isRegistrationRequired": False, "isUsableForSignIn": True},
        {"targetType": "group", "id": ONE, "isUsableForSignIn": False, "colour": "red", "@odata.type": "#x"},
    ],
    "excludeTargets": [{"id": ONE, "targetType": "user"}],
}
POLICY = Policy(
    "enabled",
    (
        PolicyTarget(ONE, "group", False, {"colour": "red"}),
        PolicyTarget(TWO, "group", True, {"isRegistrationRequired": False}),
    ),
    (PolicyTarget(ONE, "user"),),
)


def ok(body):
    return Reply(200, body=body)


@pytest.mark.parametrize("body", [BODY, {"value": BODY}], ids=["plain", "wrapped"])
def test_a_policy_is_read_with_and_without_a_wrapper(body):
    assert parse_policy(ok(body)) == POLICY


def test_the_order_of_targets_does_not_matter():
    turned = {**BODY, "includeTargets": BODY["includeTargets"][::-1]}
    assert parse_policy(ok(turned)) == parse_policy(ok(BODY))


@pytest.mark.parametrize(
    "change",
    [
        {"state": None},
        {"state": True},
        {"includeTargets": None},
        {"excludeTargets": {}},
        {"includeTargets": ["all_users"]},
        {"includeTargets": [{"targetType": "group"}]},
        {"excludeTargets": [{"id": ONE, "targetType": None}]},
        {"includeTargets@odata.nextLink": "https://x"},
        {"excludeTargets@odata.nextLink": "https://x"},
    ],
)
def test_a_body_without_both_lists_is_not_a_policy(change):
    assert parse_policy(ok({**BODY, **change})) is None


@pytest.mark.parametrize("body", [None, [], "text", {}, {"value": []}, {"value": [BODY]}])
def test_a_body_without_a_policy(body):
    assert parse_policy(ok(body)) is None


@pytest.mark.parametrize("value", [None, "true", 1])
def test_only_a_boolean_shows_whether_a_target_is_usable_for_sign_in(value):
    target = {"targetType": "group", "id": ONE, "isUsableForSignIn": value}
    assert parse_policy(ok({**BODY, "includeTargets": [target]})).include == (PolicyTarget(ONE),)


@pytest.mark.parametrize(
    ("settings", "provider"),
    [
        (None, None),
        ("none", None),
        ({"url": "https://x", "appId": ONE}, Provider(None, None)),
        ({"isEvaluationModeEnabled": True, "migrationPercentage": 20}, Provider(True, 20)),
        ({"isEvaluationModeEnabled": "yes", "migrationPercentage": "20"}, Provider(None, None)),
    ],
)
def test_the_telephony_provider_is_known_without_its_url(settings, provider):
    assert parse_policy(ok({**BODY, "telecomProviderSettings": settings})).provider == provider


@pytest.mark.parametrize(
    ("change", "body"),
    [
        (Change(), {}),
        (Change(state="disabled"), {"state": "disabled"}),
        (
            Change(include=POLICY.include),
            {
                "includeTargets": [
                    {"targetType": "group", "id": ONE, "colour": "red", "isUsableForSignIn": False},
                    {"targetType": "group", "id": TWO, "isRegistrationRequired": False, "isUsableForSignIn": True},
                ]
            },
        ),
        (Change(exclude=POLICY.exclude), {"excludeTargets": [{"targetType": "user", "id": ONE}]}),
        (Change(include=(), exclude=()), {"includeTargets": [], "excludeTargets": []}),
    ],
)
def test_a_change_sends_only_its_parts(change, body):
    request = change_request(change)
    assert (request.method, request.path, request.writes) == ("PATCH", SMS, True)
    assert request.body == {"@odata.type": TYPE, **body}


def test_a_new_include_target_has_all_members_of_the_documented_form():
    target = new_target(ONE, include=True)._replace(sign_in=True)
    assert change_request(Change(include=(target,))).body["includeTargets"] == [
        {"targetType": "group", "id": ONE, "isRegistrationRequired": False, "isUsableForSignIn": True}
    ]
    assert change_request(Change(exclude=(new_target(TWO, include=False),))).body["excludeTargets"] == [
        {"targetType": "group", "id": TWO}
    ]


def test_reads():
    assert policy_request()[:2] == ("GET", SMS)
    assert migration_request()[:2] == ("GET", "/policies/authenticationMethodsPolicy")


@pytest.mark.parametrize(
    ("body", "state"),
    [
        ({"policyMigrationState": "migrationInProgress"}, "migrationInProgress"),
        ({"policyMigrationState": None}, None),
        ({}, None),
        ([], None),
    ],
)
def test_the_state_of_the_migration(body, state):
    assert parse_migration_state(ok(body)) == state


def refused(status, code):
    return reply(status, {}, {"error": {"code": code, "message": ""}}, "ours")


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (refused(403, "accessDenied"), "forbidden"),
        (refused(403, "Authorization_RequestDenied"), "forbidden"),
        (refused(404, "resourceNotFound"), "service_error"),
        (refused(400, "badRequest"), "service_error"),
        (refused(429, "TooManyRequests"), "throttled"),
        (refused(503, "serviceNotAvailable"), "service_error"),
        (no_reply("dropped", "It broke.", "ours"), "service_error"),
    ],
)
def test_reasons_of_refusals(answer, reason):
    assert answer.verdict != OK
    assert reason_of(answer) == reason
