# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Unusable answers: HTML, truncated, missing, corrupted."""

from __future__ import annotations

import pytest

from integration.tenants import NOT_ENABLED, READY, make_user, tenant

TENANT = tenant(
    make_user("anna", 1),
    make_user("ben", 2, sms_sign_in=True),
    make_user("carl"),
    {"count": 60, "name": "worker{n:02}@contoso.example", "mobile": "+44 1632960{n:03}"},
)
ANNA = "anna@contoso.example"
BEN = "ben@contoso.example"
WORKERS = [f"worker{number:02}@contoso.example" for number in range(1, 61)]
READ = {"method": "GET", "path": "phoneMethods$"}
WRITE = {"method": "POST", "path": "enableSmsSignIn$"}
BATCH = {"outer": True}
MOBILE = {"id": "3179e48a-750b-4051-897c-87b9720928f7", "phoneType": "mobile"}
HTML = "<!DOCTYPE html><html><title>Corporate proxy</title></html>"


@pytest.mark.covers("M8", "S1", "N1")
@pytest.mark.parametrize(
    "answer",
    [
        {"status": 200, "body": HTML},
        {"status": 502, "body": HTML},
        {"status": 520, "body": HTML},
        {"status": 599, "body": HTML},
        {"truncate": 40},
        {"status": 200, "body": '{"value": [{"id": ', "content_type": "application/json"},
        {"status": 200},
        {"status": 200, "body": "", "content_type": "application/json"},
        {"status": 200, "body": "null", "content_type": "application/json"},
        {"status": 200, "body": '["list"]', "content_type": "application/json"},
    ],
    ids=[
        "HTML",
        "HTML of a gateway",
        "unknown",
        "time-out of a proxy",
        "cut off",
        "cut off and closed",
        "missing",
        "empty",
        "null",
        "not an object",
    ],
)
def test_an_unreadable_answer_to_a_read_is_retried(simulator, module, answer):
    simulator.inject({"match": READ, "then": answer})

    result = module(users=[ANNA])

    assert result["changed"] and result["reason"] is None
    assert [write.effect for write in simulator.writes()] == [True]
    assert result["requests"]["retried"] == 1


@pytest.mark.covers("M8")
@pytest.mark.parametrize(
    "answer",
    [
        {"status": 200, "body": HTML},
        {"status": 200, "body": {"a": 1}},
        {"status": 523},
        {"truncate": 40},
        {"status": 200},
    ],
)
@pytest.mark.parametrize("skip", [0, 1], ids=["of reads", "of writes"])
def test_an_unreadable_batch_answer_changes_no_outcome(simulator, module, answer, skip):
    simulator.inject({"match": BATCH, "skip": skip, "then": {**answer, "apply": True}})

    result = module(users=[ANNA, WORKERS[0]])

    assert result["changed"] and result["reason"] is None and result["summary"]["changed"] == 2
    assert sorted((write.user, write.effect) for write in simulator.writes()) == [(ANNA, True), (WORKERS[0], True)]


@pytest.mark.covers("M8")
@pytest.mark.parametrize("body", [HTML, '{"value": [{"id": '])
def test_endlessly_unreadable_reads_end_the_run_before_any_write(simulator, module, body):
    simulator.inject({"match": READ, "times": None, "then": {"status": 200, "body": body}})

    result = module(users=[ANNA])

    assert result["reason"] == "unreachable" and not result["changed"]
    assert (result.user("anna")["reason"], result.user("anna")["state"]) == ("skipped", None)
    assert simulator.writes() == [] and len(simulator.calls()) <= 5


@pytest.mark.covers("M8")
@pytest.mark.parametrize(
    "body",
    [
        {"value": None},
        {"value": "none"},
        {"values": []},
        {},
        {"error": {"code": "strange"}},
    ],
)
def test_an_object_without_a_list_of_phone_methods_has_no_state(simulator, module, body):
    simulator.inject({"match": {**READ, "user": ANNA}, "times": None, "then": {"status": 200, "body": body}})

    result = module(users=[ANNA, WORKERS[0]])

    assert result["reason"] == "some_users_failed"
    assert (result.user("anna")["reason"], result.user("anna")["state"]) == ("service_error", None)
    assert [write.user for write in simulator.writes()] == [WORKERS[0]]


@pytest.mark.covers("M8")
def test_entries_that_are_not_phone_methods_are_ignored(simulator, module):
    mobile = {"id": "3179e48a-750b-4051-897c-87b9720928f7", "phoneType": "mobile", "smsSignInState": READY}
    simulator.inject({"match": READ, "then": {"status": 200, "body": {"value": [None, 7, {}, {"id": None}, mobile]}}})

    result = module(users=[ANNA])

    assert result["reason"] is None and not result["changed"]
    assert (result.user("anna")["state"], result.user("anna")["phone_number"]) == (READY, None)
    assert simulator.writes() == []


@pytest.mark.covers("M8")
@pytest.mark.parametrize(
    "spelt",
    [
        {**MOBILE, "id": MOBILE["id"].upper()},
        {"id": MOBILE["id"].upper(), "phoneType": "Mobile"},
        {"id": MOBILE["id"].upper()},
        {"id": "another", "phoneType": "MOBILE"},
    ],
)
def test_a_mobile_phone_is_recognised_in_any_case(simulator, module, spelt):
    body = {"value": [{**spelt, "smsSignInState": READY}]}
    simulator.inject({"match": READ, "then": {"status": 200, "body": body}})

    result = module(users=[BEN], state="disabled")

    assert result["changed"] and [write.effect for write in simulator.writes()] == [True]


@pytest.mark.covers("M8")
@pytest.mark.parametrize("state", ["enabled", "disabled"])
@pytest.mark.parametrize(
    "body",
    [
        {"value": [None]},
        {"value": ["mobile"]},
        {"value": [{"phoneType": None, "smsSignInState": READY}]},
        {"value": [{"id": "another"}]},
        {"value": [{**MOBILE, "smsSignInState": NOT_ENABLED}, {**MOBILE, "smsSignInState": READY}]},
        {"value": [], "@odata.nextLink": "https://graph.contoso.example/v1.0/users/x/authentication/phoneMethods?p=2"},
        {"value": [], "@nextLink": "https://graph.contoso.example/v1.0/users/x/authentication/phoneMethods?p=2"},
    ],
)
def test_a_list_that_is_not_read_as_a_whole_does_not_show_that_there_is_no_phone(simulator, module, body, state):
    simulator.inject({"match": {**READ, "user": BEN}, "times": None, "then": {"status": 200, "body": body}})

    result = module(users=[BEN], state=state)

    assert result["reason"] == "some_users_failed" and not result["changed"]
    assert (result.user("ben")["reason"], result.user("ben")["state"]) == ("service_error", None)
    assert simulator.writes() == [] and simulator.state(BEN) == READY


@pytest.mark.covers("M8")
@pytest.mark.parametrize(
    "answer",
    [
        {"status": 200, "body": HTML, "apply": True},
        {"status": 204, "apply": True},
        {"status": 200, "body": {"value": "done"}, "apply": True},
        {"status": 502, "body": HTML, "apply": True},
    ],
)
def test_the_body_that_answers_a_write_does_not_matter(simulator, module, answer):
    simulator.inject({"match": WRITE, "then": answer})

    result = module(users=[ANNA])

    assert result["changed"] and result["reason"] is None
    assert [write.effect for write in simulator.writes()] == [True]


@pytest.mark.covers("M8")
def test_an_answer_of_a_proxy_to_a_write_is_no_change(simulator, module):
    simulator.inject({"match": WRITE, "times": None, "then": {"status": 200, "body": HTML}})

    result = module(users=[simulator.user_id(ANNA)], verify_timeout=0.3)

    assert not result["changed"] and result["reason"] == "some_users_failed"
    assert (result["users"][0]["reason"], result["users"][0]["state"]) == ("unverified", NOT_ENABLED)
    assert not any(write.effect for write in simulator.writes())


@pytest.mark.covers("M8", "B4")
@pytest.mark.parametrize("items", ["shuffle", "drop:1", "drop:3", "twice:2", "upper_ids", "no_body"])
@pytest.mark.parametrize("skip", [0, 1, 2], ids=["of reads", "of writes", "of verifying reads"])
def test_a_corrupted_batch_answer_changes_no_outcome(simulator, module, items, skip):
    simulator.inject({"match": BATCH, "skip": skip, "then": {"items": items}})

    result = module(users=[ANNA, BEN, "carl@contoso.example", *WORKERS[:3]])

    assert result["changed"] and result["reason"] == "some_users_failed"
    assert {user["user"]: (user["state"], user["changed"]) for user in result["users"]} == {
        ANNA: (READY, True),
        BEN: (READY, False),
        "carl@contoso.example": ("noMobilePhone", False),
        **{worker: (READY, True) for worker in WORKERS[:3]},
    }
    assert sorted(write.user for write in simulator.writes()) == [ANNA, *WORKERS[:3]], "one write each"


@pytest.mark.covers("M8", "B1", "B4")
@pytest.mark.parametrize("form", ["absent", "null", "empty"])
@pytest.mark.parametrize("seed", [None, 1, 7])
def test_a_204_in_a_batch_may_come_without_a_body_and_in_any_order(simulator, module, form, seed):
    simulator.switch("batch_no_content_body", form)
    simulator.switch("batch_order_seed", seed)

    result = module(users=WORKERS[:20])

    assert result["reason"] is None and result["summary"]["changed"] == 20
    assert sorted(write.user for write in simulator.writes()) == WORKERS[:20]


@pytest.mark.covers("M8", "S1", "S3", "B3")
@pytest.mark.parametrize("match", [READ, WRITE], ids=["reads", "writes"])
def test_an_item_with_a_5xx_is_retried_alone(simulator, module, match):
    statuses = [500, 502, 503, 504, 408, 423, 424]
    for worker, status in zip(WORKERS, statuses, strict=False):
        simulator.inject({"match": {**match, "kind": "item", "user": worker}, "then": {"status": status}})

    result = module(users=WORKERS[:10])

    assert result["reason"] is None and result["summary"]["changed"] == 10
    assert sum(write.effect for write in simulator.writes()) == 10
    assert result["requests"]["retried"] == len(statuses)


@pytest.mark.covers("M8", "S3")
def test_an_item_that_always_fails_is_a_service_error_and_the_others_continue(simulator, module):
    failing = {WORKERS[0]: 501, WORKERS[1]: 507}
    for worker, status in failing.items():
        simulator.inject({"match": {"method": "GET", "user": worker}, "times": None, "then": {"status": status}})

    result = module(users=[ANNA, *failing])

    assert result["changed"] and result["reason"] == "some_users_failed"
    assert result.reasons == {ANNA: None, **dict.fromkeys(failing, "service_error")}
    for worker, status in failing.items():
        support = result.user(worker)["support"]
        assert support["status"] == status and support["request_id"] and support["date"]
    assert [write.user for write in simulator.writes()] == [ANNA]
    tries = [sum(entry.user == worker for entry in simulator.journal()) for worker in failing]
    assert tries == [1, 1], "these do not pass by themselves"


@pytest.mark.covers("M8", "M15")
@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({"status": 200, "body": HTML}, "status 200, text/html"),
        ({"status": 403, "body": HTML}, "status 403, text/html"),
        ({"redirect": "https://portal.example.org/"}, "a redirect to portal.example.org"),
    ],
)
def test_a_filter_that_takes_over_in_the_middle_of_a_run_is_named_at_its_end(simulator, module, answer, said):
    simulator.inject({"match": {"outer": True}, "skip": 1, "times": None, "then": answer})
    simulator.inject({"match": {"kind": "graph"}, "skip": 1, "times": None, "then": answer})

    result = module(users=WORKERS[:20], run_timeout=6)

    assert result["reason"] == "incomplete" and not result["changed"]
    assert said in result["msg"] and "HTTPS_PROXY" in result["msg"] and "has not answered for" in result["msg"]
