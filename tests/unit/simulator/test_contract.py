# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The comparison with Microsoft's metadata finds what is wrong: in a document like theirs, and in theirs where known."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from contract import Contract, metadata
from graph_simulator import Simulator
from graph_simulator.exchange import Call, Reply

MOBILE = "3179e48a-750b-4051-897c-87b9720928f7"
PHONES = "/users/anna/authentication/phoneMethods"
SMS = "/policies/authenticationMethodsPolicy/authenticationMethodConfigurations/sms"
SMS_TYPE = "#microsoft.graph.smsAuthenticationMethodConfiguration"
PHONE = {"id": MOBILE, "phoneNumber": "+1 2065550101", "phoneType": "mobile", "smsSignInState": "ready"}


def ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def answers(schema: Any) -> dict[str, Any]:
    return {
        "2XX": {"description": "", "content": {"application/json": {"schema": schema}}},
        "4XX": {"$ref": "#/components/responses/error"},
    }


def takes(name: str) -> dict[str, Any]:
    return {"required": True, "content": {"application/json": {"schema": ref(name)}}}


def thing(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties}


def maybe(name: str) -> dict[str, Any]:
    return {"anyOf": [ref(name), {"type": "object", "nullable": True}]}


TEXT = {"type": "string", "nullable": True}
LIKE_THEIRS = {
    "paths": {
        "/users/{user-id}/authentication/phoneMethods": {
            "get": {"responses": answers(thing(value={"type": "array", "items": ref("phone")}))},
            "post": {"requestBody": takes("phone"), "responses": answers(ref("phone"))},
        },
        "/users/{user-id}/authentication/phoneMethods/{id}/enableSmsSignIn": {
            "post": {"responses": {"204": {"description": ""}, "4XX": {"$ref": "#/components/responses/error"}}}
        },
        "/policies/authenticationMethodsPolicy/authenticationMethodConfigurations/{id}": {
            "get": {"responses": answers(ref("configuration"))},
            "patch": {"requestBody": takes("configuration"), "responses": answers(ref("configuration"))},
        },
    },
    "components": {
        "schemas": {
            "error": thing(error=ref("main")) | {"required": ["error"]},
            "main": thing(code={"type": "string"}, message={"type": "string"}, innerError={"type": "object"})
            | {"required": ["code", "message"]},
            "entity": thing(**{"id": {"type": "string"}, "@odata.type": {"type": "string"}}),
            "state": {"type": "string", "enum": ["notEnabled", "ready"]},
            "kind": {"type": "string", "enum": ["mobile", "office"]},
            "phone": {
                "allOf": [
                    ref("entity"),
                    thing(phoneNumber=TEXT, phoneType=maybe("kind"), smsSignInState=maybe("state")),
                ],
                "x-ms-discriminator-value": "#microsoft.graph.phoneAuthenticationMethod",
            },
            "configuration": {
                "allOf": [ref("entity"), thing(state={"type": "string", "enum": ["enabled", "disabled"]})],
                "x-ms-discriminator-value": "#microsoft.graph.authenticationMethodConfiguration",
                "x-discriminator": {"propertyName": "@odata.type", "mapping": {SMS_TYPE: ref("sms")["$ref"]}},
            },
            "sms": {
                "allOf": [ref("configuration"), thing(includeTargets={"type": "array", "items": ref("target")})],
                "x-ms-discriminator-value": SMS_TYPE,
            },
            "target": {
                "allOf": [ref("entity"), thing(targetType={"type": "string"}, isUsableForSignIn={"type": "boolean"})]
            },
        },
        "responses": {"error": {"description": "", "content": {"application/json": {"schema": ref("error")}}}},
    },
}
REAL = metadata()
TENANT = {
    "apps": [{"client_id": "app", "roles": ["UserAuthMethod-Phone.Read.All"]}],
    "users": [{"name": "new@contoso.example", "mobile": "+1 2065550101", "state": "somethingNew"}],
}


@pytest.fixture(params=["like theirs", *(["theirs"] if REAL else [])])
def judge(request: pytest.FixtureRequest) -> Contract:
    return Contract(REAL if request.param == "theirs" else LIKE_THEIRS)


def call(method: str, path: str, body: Any = None, **more: Any) -> Call:
    return Call("graph", method, path, body=None if body is None else json.dumps(body).encode(), **more)


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        (call("GET", PHONES), Reply(200, {"@odata.context": "https://...", "value": [PHONE]})),
        (call("GET", PHONES), Reply(200, {"value": [{"smsSignInState": None}]})),
        (call("GET", PHONES), Reply(404, {"error": {"code": "x", "message": "", "innerError": {"date": "2026"}}})),
        (call("GET", PHONES), Reply(404, {"error": {"code": "x", "message": "", "innererror": {"date": "2026"}}})),
        (call("POST", "/$batch"), Reply(424, {"responses": []})),
        (call("GET", "/me/authentication/phoneMethods"), Reply(200, {"value": []})),
        (call("POST", PHONES, {"phoneNumber": "+1 2065550101", "phoneType": "mobile"}), Reply(201, PHONE)),
        (call("POST", f"{PHONES}/{MOBILE}/enableSmsSignIn"), Reply(204)),
        (call("POST", f"{PHONES}/{MOBILE}/enableSmsSignIn", {}), Reply(204)),
        (call("PATCH", SMS, {"@odata.type": SMS_TYPE, "includeTargets": []}), Reply(204)),
        (call("GET", SMS), Reply(200, {"@odata.type": SMS_TYPE, "state": "enabled", "includeTargets@odata.context": "https://..."})),
        (call("GET", PHONES, fault="on purpose"), Reply(200, {"anything": True})),
        (call("GET", PHONES), Reply(200, {"anything": True}, drop=True)),
    ],
)  # fmt: skip
def test_calls_that_match_the_metadata_are_accepted(judge: Contract, asked: Call, answered: Reply) -> None:
    judge.see(asked, answered)
    assert judge.violations() == []


@pytest.mark.parametrize(
    ("asked", "answered", "words"),
    [
        # values
        (call("GET", PHONES), Reply(200, {"value": [{**PHONE, "smsSignInState": "holding"}]}), "answer 200 GET .*0..smsSignInState: 'holding' is not one of"),
        (call("GET", PHONES), Reply(200, {"value": [{**PHONE, "phoneNumber": 12065550101}]}), "phoneNumber: 12065550101 is not of type"),
        (call("GET", PHONES), Reply(200, {"value": [{**PHONE, "phoneType": {"kind": "mobile"}}]}), "phoneType: "),
        (call("GET", PHONES), Reply(200, {"value": PHONE}), r"value: .* is not of type 'array'"),
        (call("GET", PHONES), Reply(404, {"error": {"code": 404, "message": ""}}), "error.code: 404 is not of type"),
        (call("GET", PHONES), Reply(404, {"error": {"code": "", "message": "", "innererror": ""}}), "innerError: '' is not of type"),
        (call("POST", "/$batch"), Reply(400, {"message": ""}), "answer 400 POST .*batch: .*'error' is a required property"),
        (call("GET", PHONES), Reply(404, {"error": {"message": ""}}), "'code' is a required property"),
        # names
        (call("GET", PHONES), Reply(200, {"value": [{**PHONE, "smsState": "ready"}]}), "'smsState' was unexpected"),
        (call("GET", PHONES), Reply(404, {"error": {"code": "", "message": "", "reason": ""}}), "'reason' was unexpected"),
        (call("GET", SMS), Reply(200, {"includeTargets": []}), "'includeTargets' was unexpected"),
        (call("GET", SMS), Reply(200, {"@odata.type": SMS_TYPE, "includeTargets": [{"usable": True}]}), "'usable' was unexpected"),
        (call("GET", SMS), Reply(200, {"@odata.type": "#microsoft.graph.somethingElse"}), "'#microsoft.graph.somethingElse' is not one of"),
        # requests, also those that a fault or a refusal answers
        (call("POST", PHONES, {"phoneKind": "mobile"}), Reply(201, PHONE), "request POST .*'phoneKind' was unexpected"),
        (call("POST", PHONES, {"phoneType": "fax"}, fault="busy"), Reply(503), "request POST .*'fax' is not one of"),
        (call("POST", PHONES), Reply(400, {"error": {"code": "", "message": ""}}), "request POST .*the body is no JSON"),
        (call("POST", f"{PHONES}/{MOBILE}/enableSmsSignIn", {"now": True}), Reply(204), "has no body here"),
        # what the document does not have at all
        (call("GET", PHONES), Reply(302), "no answer with status 302"),
        (call("GET", PHONES), Reply(200, b"<html>"), "the body is no JSON"),
        (call("GET", PHONES), Reply(200), "the body is no JSON"),
        (call("POST", f"{PHONES}/{MOBILE}/enableSmsSignIn"), Reply(200, {}), "no answer with status 200"),
        (call("PUT", PHONES), Reply(200, {}), "PUT .*phoneMethods: the document does not describe it"),
        (call("GET", "/users/anna/authentication/faxMethods"), Reply(200, {}), "GET .*faxMethods: the document does not describe it"),
        (call("GET", "/bad%"), Reply(200, {}), "/bad%: the document does not describe it"),
    ],
)  # fmt: skip
def test_calls_that_contradict_the_metadata_are_violations(
    judge: Contract, asked: Call, answered: Reply, words: str
) -> None:
    judge.see(asked, answered)
    (found,) = judge.violations()
    assert re.search(words, found), found
    assert judge.violations() == []


def test_a_path_known_to_be_undescribed_is_reported(judge: Contract) -> None:
    judge.see(call("GET", "/groups/1/transitiveMembers"), Reply(200, {"value": []}))
    judge.see(call("GET", "/groups/2/transitiveMembers"), Reply(200, {"value": []}))
    assert judge.violations() == [] and judge.compared == 0
    assert judge.not_described == {"GET /groups/{}/transitiveMembers": 2}


def test_a_request_meant_to_be_refused_is_not_checked(judge: Contract) -> None:
    judge.see_accepted(call("POST", PHONES, {"phoneKind": "fax"}), Reply(400, {"error": {"code": "", "message": ""}}))
    assert judge.violations() == []
    judge.see_accepted(call("POST", PHONES, {"phoneKind": "fax"}), Reply(201, PHONE))
    assert len(judge.violations()) == 1


def test_an_expected_violation_must_occur(judge: Contract) -> None:
    judge.see(call("GET", PHONES), Reply(200, {"value": [{"smsSignInState": "holding", "more": True}]}))
    judge.see(call("GET", PHONES), Reply(200, {"value": [{"more": True}]}))
    (other,) = judge.violations("'holding' is not one of")
    assert "'more' was unexpected" in other
    (missing,) = judge.violations("'holding' is not one of")
    assert "nothing beyond the metadata was seen" in missing


def test_without_metadata_nothing_is_checked() -> None:
    unchecked = Contract(None)
    unchecked.see(call("GET", PHONES), Reply(200, b"<html>"))
    assert unchecked.violations() == unchecked.violations("meant") == [] and not unchecked.active


def test_a_simulator_shows_calls_and_items_of_batches(
    judge: Contract, connect: Callable[[Simulator, str], Any]
) -> None:
    with Simulator(TENANT, observe=judge.see) as simulator:
        graph = connect(simulator, simulator.token())
        assert graph.phone("new@contoso.example").status_code == 200
        (alone,) = judge.violations()
        url = "/users/new@contoso.example/authentication/phoneMethods"
        assert graph.batch([{"id": "1", "method": "GET", "url": url}]).status_code == 200
        (inside,) = judge.violations()
        assert "'somethingNew' is not one of" in alone and inside == alone
        # A fault corrupts an answer on purpose.
        simulator.inject({"match": {}, "then": {"status": 200, "body": {"value": "spoilt"}}})
        assert graph.phone("new@contoso.example").json() == {"value": "spoilt"}
        assert judge.violations() == []
