# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers of the login, and their effect on the run."""

from __future__ import annotations

import json

import pytest

from integration.tenants import CLIENT_ID, READY, ROLES, SECRET, SLACK, make_user, tenant, workers

EXPIRED = "expired-secret-of-the-simulator"
WRONG = "wr0ng-secret-that-is-never-shown"
TENANT = tenant(
    make_user("anna", 1),
    {"count": 60, "name": "worker{n:02}@contoso.example", "mobile": "+44 1632960{n:03}"},
    apps=[
        {"client_id": CLIENT_ID, "secrets": [SECRET, {"value": EXPIRED, "expired": True}], "roles": ROLES},
    ],
)
ANNA = "anna@contoso.example"
HTML = "<html><body>Please log in to the corporate proxy</body></html>"
TOKEN = {"kind": "login", "path": "oauth2/v2.0/token"}
DISCOVERY = {"kind": "login", "path": "openid-configuration"}


@pytest.mark.covers("M16", "A1")
@pytest.mark.parametrize(
    ("given", "code", "advice", "asked"),
    [
        ({"tenant_id": "99999999-0000-4000-8000-000000000000"}, 90002, "'tenant_id'", 0),
        ({"tenant_id": "fabrikam.example"}, 90002, "'tenant_id'", 0),
        ({"client_id": "99999999-0000-4000-8000-000000000000"}, 700016, "'client_id'", 1),
        ({"client_secret": WRONG}, 7000215, "not its id", 1),
        ({"client_secret": EXPIRED}, 7000222, "Create a new one", 1),
    ],
    ids=["wrong tenant", "wrong domain", "unknown application", "wrong secret", "expired secret"],
)
@pytest.mark.parametrize("check_mode", [True, False])
def test_a_refusal_of_the_login_is_final_and_has_its_code(simulator, module, given, code, advice, asked, check_mode):
    result = module(users=[ANNA], check_mode=check_mode, **given)

    assert result["reason"] == "authentication_failed" and not result["changed"]
    assert f"AADSTS{code}" in result["msg"] and advice in result["msg"]
    assert result["support"]["code"] == f"AADSTS{code}"
    assert result["support"]["request_id"] and result["support"]["client_request_id"] and result["support"]["date"]
    assert result["auth"] == {"method": "client_secret", "source": "options"}
    assert result.user("anna")["reason"] == "skipped"
    assert simulator.tokens_asked() == asked and len(simulator.calls("login")) == asked + 1
    assert simulator.calls() == []
    assert not any(secret in json.dumps(result) for secret in (SECRET, WRONG, EXPIRED))


@pytest.mark.covers("M16")
def test_a_code_without_our_advice_has_the_message_of_the_login(simulator, module):
    body = {
        "error": "invalid_request",
        "error_description": "AADSTS50999: Use multi-factor authentication.\r\nTrace ID: x\r\nclient_secret=hush-hush",
        "error_codes": [50999],
    }
    simulator.inject({"match": TOKEN, "then": {"status": 400, "body": body}})

    result = module(users=[ANNA])

    assert result["reason"] == "authentication_failed"
    assert "AADSTS50999" in result["msg"] and "multi-factor authentication" in result["msg"]
    assert "hush-hush" not in json.dumps(result) and simulator.tokens_asked() == 1


@pytest.mark.covers("M16", "A2")
@pytest.mark.parametrize("match", [TOKEN, DISCOVERY], ids=["token", "discovery"])
@pytest.mark.parametrize(
    "answer",
    [
        {"status": 429, "headers": {"Retry-After": "0.3"}},
        {"status": 503, "headers": {"Retry-After": "0.3"}},
        {"status": 502, "body": HTML, "headers": {"Retry-After": "0.3"}},
    ],
    ids=["429", "503", "502 in HTML"],
)
def test_a_busy_login_is_waited_for(simulator, module, match, answer):
    simulator.inject({"match": match, "times": 2, "then": answer})

    result = module(users=[ANNA])

    assert result["changed"] and result["reason"] is None
    affected = [entry for entry in simulator.calls("login") if entry.fault]
    assert len(affected) == 2
    for entry in affected:
        (following, *_rest) = [later.at for later in simulator.calls("login") if later.at > entry.done]
        assert following - entry.done >= 0.3


@pytest.mark.covers("M16", "A2")
@pytest.mark.parametrize("status", [429, 500, 503])
def test_an_always_busy_login_is_given_up(simulator, module, status):
    simulator.inject({"match": TOKEN, "times": None, "then": {"status": status, "headers": {"Retry-After": "0.01"}}})

    result = module(users=[ANNA])

    assert result["reason"] == "unreachable" and str(status) in result["msg"]
    assert simulator.tokens_asked() == 5 and simulator.calls() == []


@pytest.mark.covers("M16")
@pytest.mark.parametrize("given", [{"run_timeout": 20}, {}], ids=["of the run", "of our patience"])
def test_a_login_with_a_too_long_wait_is_given_up_at_once(simulator, module, given):
    simulator.inject({"match": TOKEN, "times": None, "then": {"status": 429, "headers": {"Retry-After": "3600"}}})

    result = module(users=[ANNA], **given)

    assert result["reason"] == "unreachable" and result["requests"]["seconds"] < 10
    assert simulator.tokens_asked() == 1


@pytest.mark.covers("M16")
@pytest.mark.parametrize("match", [TOKEN, DISCOVERY], ids=["token", "discovery"])
@pytest.mark.parametrize(
    "answer",
    [
        {"status": 200, "body": HTML},
        {"status": 403, "body": HTML},
        {"status": 200, "body": "", "content_type": "application/json"},
        {"status": 200, "body": "[]", "content_type": "application/json"},
    ],
    ids=["HTML", "403 in HTML", "nothing", "a list"],
)
def test_the_page_of_a_proxy_in_place_of_the_login_is_recognised(simulator, module, match, answer):
    simulator.inject({"match": match, "times": None, "then": answer})

    result = module(users=[ANNA])

    assert result["reason"] == "unreachable" and "proxy" in result["msg"] and "HTTPS_PROXY" in result["msg"]
    assert "corporate" not in result["msg"] and "Traceback" not in json.dumps(result)
    assert simulator.calls() == [] and len(simulator.calls("login")) <= 2


@pytest.mark.covers("M16")
@pytest.mark.parametrize(
    ("match", "body", "reason"),
    [
        (TOKEN, {}, "unreachable"),
        (TOKEN, {"token_type": "Bearer", "expires_in": 3599}, "unreachable"),
        (TOKEN, {"access_token": None, "expires_in": 3599}, "unreachable"),
        (TOKEN, {"access_token": "opaque", "token_type": "Bearer", "expires_in": "soon"}, "authentication_failed"),
        (DISCOVERY, {}, "unreachable"),
        (DISCOVERY, {"token_endpoint": 5, "authorization_endpoint": 6, "issuer": 7}, "unreachable"),
    ],
)
def test_unexpected_json_from_the_login_is_an_error_of_the_login(simulator, module, match, body, reason):
    simulator.inject({"match": match, "times": None, "then": {"status": 200, "body": body}})

    result = module(users=[ANNA])

    assert result["reason"] == reason and not result["changed"]
    assert "Traceback" not in json.dumps(result) and simulator.writes() == []


@pytest.mark.covers("M16", "M23")
@pytest.mark.parametrize("match", [TOKEN, DISCOVERY], ids=["token", "discovery"])
@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, {"status": "unauthenticated", "token": WRONG}),
        (404, {"message": "Not found", "statusCode": 404}),
        (403, {"error": {"code": "Blocked", "message": WRONG}}),
        (400, {"error": [WRONG]}),
        (401, {"error": None, "error_description": None}),
        (200, {"value": {"access_token": WRONG}}),
    ],
)
def test_json_that_no_login_sends_points_to_what_is_in_between(simulator, module, match, status, body):
    simulator.inject({"match": match, "times": None, "then": {"status": status, "body": body}})

    result = module(users=[ANNA])

    assert result["reason"] == "unreachable" and not result["changed"]
    assert f"status {status}" in result["msg"] and "HTTPS_PROXY" in result["msg"] and "refused" not in result["msg"]
    assert WRONG not in json.dumps(result) and len(simulator.calls("login")) <= 2 and simulator.calls() == []


@pytest.mark.covers("M16", "A2")
@pytest.mark.parametrize("match", [TOKEN, DISCOVERY, {"kind": "graph"}], ids=["token", "discovery", "graph"])
def test_a_byte_order_mark_does_not_matter(simulator, module, match):
    login = simulator.login_url
    body = {
        "token": {"access_token": simulator.token(), "token_type": "Bearer", "expires_in": 3599},
        "openid-configuration": {
            "issuer": f"{login}/x/v2.0",
            "authorization_endpoint": f"{login}/x/oauth2/v2.0/authorize",
            "token_endpoint": f"{login}/{TENANT['tenant_id']}/oauth2/v2.0/token",
        },
    }.get(match.get("path", "").rpartition("/")[2], {"value": []})
    answer = {"status": 200, "body": "\ufeff" + json.dumps(body), "content_type": "application/json"}
    simulator.inject({"match": match, "then": answer})

    result = module(users=[ANNA])

    assert result.user("anna")["state"] == ("noMobilePhone" if match["kind"] == "graph" else READY)


@pytest.mark.covers("M16", "A2")
def test_the_login_is_asked_once_for_many_requests(simulator, module):
    result = module(users=[ANNA, WORKERS[0]])

    assert result["reason"] is None and result.user("anna")["state"] == READY
    assert [entry.path.rpartition("/")[2] for entry in simulator.calls("login")] == ["openid-configuration", "token"]
    assert result["requests"]["sent"] == len(simulator.calls()) + 2


# -- failures that may pass, time, and hosts ---------------------------------------------------------------------------


@pytest.mark.covers("M16", "A2")
@pytest.mark.parametrize("match", [TOKEN, DISCOVERY], ids=["token", "discovery"])
def test_a_login_that_drops_the_connection_is_retried(simulator, module, match):
    simulator.inject({"match": match, "times": 2, "then": {"drop": "before"}})

    result = module(users=[ANNA])

    assert result["changed"] and result["reason"] is None


@pytest.mark.covers("M16", "A2")
@pytest.mark.parametrize(
    ("status", "body"),
    [
        (400, {"error": "temporarily_unavailable", "error_description": "Try again."}),
        (400, {"error": "server_error"}),
        (401, {"error": "invalid_client", "error_description": "AADSTS90033: A transient error has occurred."}),
        (400, {"error": "invalid_request", "error_description": "AADSTS50087: A transient error."}),
    ],
)
def test_a_temporary_refusal_is_retried_with_any_status(simulator, module, status, body):
    simulator.inject({"match": TOKEN, "times": 2, "then": {"status": status, "body": body}})

    result = module(users=[ANNA])

    assert result["changed"] and result["reason"] is None and simulator.tokens_asked() == 3


@pytest.mark.covers("M16", "M17")
@pytest.mark.parametrize("match", [TOKEN, DISCOVERY], ids=["token", "discovery"])
def test_a_login_that_hangs_ends_with_the_run(simulator, module, match):
    simulator.inject({"match": match, "times": None, "then": {"hang": 20}})

    result = module(users=[ANNA], run_timeout=1)

    assert result["reason"] == "incomplete" and "'run_timeout'" in result["msg"]
    assert result["requests"]["seconds"] < 10 and simulator.calls() == []


@pytest.mark.covers("M16", "M14")
@pytest.mark.parametrize(
    "form", ["https://evil.localhost/token", "{login}@evil.localhost/token", "http://{host}/token"]
)
def test_discovery_cannot_send_the_secret_to_another_host(simulator, module, form):
    login = simulator.login_url
    endpoint = form.format(login=login, host=login.removeprefix("https://"))
    body = {"issuer": f"{login}/x/v2.0", "authorization_endpoint": f"{login}/a", "token_endpoint": endpoint}
    simulator.inject({"match": DISCOVERY, "times": None, "then": {"status": 200, "body": body}})

    result = module(users=[ANNA])

    assert result["reason"] == "authentication_failed" and not result["changed"]
    assert len(simulator.calls("login")) == 1 and SECRET not in json.dumps(result)


@pytest.mark.covers("M16")
@pytest.mark.parametrize(
    "body",
    [
        {"access_token": "two words", "expires_in": 3599},
        {"access_token": "t\u00f6ken", "expires_in": 3599},
        {"access_token": "line\nend", "expires_in": 3599},
        {"error": "invalid_client", "error_description": "AADSTS" + "7" * 5000},
    ],
)
def test_an_unexpected_answer_of_the_login_is_an_error_and_not_shown(simulator, module, body):
    simulator.inject({"match": TOKEN, "times": None, "then": {"status": 200, "body": {"token_type": "Bearer", **body}}})

    result = module(users=[ANNA])

    assert result["reason"] == "authentication_failed"
    assert body.get("access_token", "Traceback") not in json.dumps(result) and simulator.calls() == []


WORKERS = workers(60)


@pytest.mark.covers("A2")
@pytest.mark.parametrize("name", ["a2_login_busy", "a2_login_failing"])
def test_a_login_that_asks_for_a_wait_is_retried_after_it(simulator, module, scenario, name):
    scenario(name)

    result = module(users=[ANNA])

    assert result["changed"] and result["reason"] is None
    asked = [entry for entry in simulator.calls("login") if entry.method == "POST"]
    assert len(asked) == 3
    assert all(later.at - earlier.done >= 0.2 for earlier, later in zip(asked, asked[1:]))


@pytest.mark.covers("A2", "A3")
def test_a_busy_login_gets_one_request_at_a_time(simulator, module, scenario):
    scenario("a2_login_busy_in_the_middle")

    result = module(users=WORKERS)

    assert result["reason"] is None and result["summary"]["changed"] == 60
    first, put_off, second = [entry for entry in simulator.calls("login") if entry.method == "POST"]
    assert put_off.fault and second.at - put_off.done >= 0.2
    # Requests sent before the login was busy may arrive a moment later.
    during = [entry for entry in simulator.calls() if put_off.done + SLACK < entry.at < second.done]
    assert during == [], "nothing is sent without a token"
    assert sum(write.effect for write in simulator.writes()) == 60
