# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
import time
from email.utils import formatdate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.frontline.entra.plugins.module_utils._graph._messages import (
    FOREIGN,
    LOST,
    OK,
    REFUSED,
    RETRY,
    THROTTLED,
    UNAUTHORIZED,
    Request,
    from_elsewhere,
    no_reply,
    reply,
    unreadable,
    whole_list,
)

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda children: (
        st.lists(children, max_size=4)
        | st.dictionaries(
            st.sampled_from(["error", "code", "message", "innerError", "innererror", "details", "x"]), children
        )
    ),
    max_leaves=12,
)


@pytest.mark.parametrize(("method", "writes"), [("GET", False), ("POST", True), ("PATCH", True), ("DELETE", True)])
def test_all_but_get_writes(method, writes):
    assert Request(method, "/users/anna").writes is writes


@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        (200, OK),
        (201, OK),
        (204, OK),
        (400, REFUSED),
        (401, UNAUTHORIZED),
        (403, REFUSED),
        (404, REFUSED),
        (405, REFUSED),
        (408, RETRY),
        (409, REFUSED),
        (410, REFUSED),
        (423, RETRY),
        (424, RETRY),
        (429, THROTTLED),
        (500, RETRY),
        (501, REFUSED),
        (502, RETRY),
        (503, RETRY),
        (504, RETRY),
        (507, REFUSED),
        (509, THROTTLED),
        (511, REFUSED),
        (520, RETRY),
        (530, RETRY),
        (599, RETRY),
    ],
)
def test_the_verdict_of_a_status(status, verdict):
    assert reply(status, {}, {"error": {"code": "x"}}, None).verdict == verdict
    # A 401 without Graph's envelope does not come from Graph, so a new token does not help.
    assert reply(status, {}, None, None).verdict == (REFUSED if status == 401 else verdict)
    assert reply(status, {"WWW-Authenticate": "Bearer realm"}, None, None).verdict == verdict


@pytest.mark.parametrize("status", [409, 403, 400])
@pytest.mark.parametrize(
    "body",
    [
        {"error": {"code": "Directory_ConcurrencyViolation"}},
        {"error": {"code": "conflict", "innerError": {"code": "directory_concurrencyviolation"}}},
    ],
)
def test_colliding_requests_are_retried(status, body):
    assert reply(status, {}, body, None).verdict == RETRY


def test_a_status_of_gateways_is_not_attributed_to_graph():
    assert reply(521, {}, None, None).quoted == "A gateway in front of Graph said: 521."
    assert reply(521, {}, {"error": {"code": "x"}}, None).quoted == "Graph said: 521 x."


def test_no_answer_is_a_lost_request():
    lost = no_reply("timeout", "graph did not answer in time.", "ours")
    assert (lost.verdict, lost.lost, lost.said) == (LOST, "timeout", "graph did not answer in time")
    assert lost.quoted == "graph did not answer in time."
    assert lost.support == {
        "status": None,
        "code": None,
        "request_id": None,
        "client_request_id": "ours",
        "date": None,
    }


@pytest.mark.parametrize(
    ("error", "codes", "code", "message"),
    [
        ({"code": "Request_Denied", "message": "No."}, ("request_denied",), "Request_Denied", "No."),
        (
            {
                "code": "badRequest",
                "message": "Outer.",
                "innerError": {"code": "phoneNumberNotUnique", "message": "Inner."},
            },
            ("phonenumbernotunique", "badrequest"),
            "badRequest",
            "Outer.",
        ),
        (
            {"code": "a", "message": "", "innererror": {"code": "b", "innererror": {"code": "c", "message": "x"}}},
            ("c", "b", "a"),
            "a",
            "",
        ),
        (
            {
                "code": "a",
                "details": [{"code": "disabledByPolicy", "message": "d"}, "garbage"],
                "innerError": {"code": "b"},
            },
            ("b", "disabledbypolicy", "a"),
            "a",
            "d",
        ),
        ({"message": "No code."}, (), None, "No code."),
        ({"code": "", "message": None}, (), None, ""),
        ({"code": 17, "message": ["x"]}, (), None, ""),
        ({"code": "a", "message": '{"Message":"From behind."}'}, ("a",), "a", "From behind."),
        ({"code": "a", "message": '{"message":"From behind."}'}, ("a",), "a", "From behind."),
        ({"code": "a", "message": '{"other":1}'}, ("a",), "a", '{"other":1}'),
        ({"code": "a", "message": "{not JSON"}, ("a",), "a", "{not JSON"),
        ({"code": "a", "message": '{"":' * 100_000}, ("a",), "a", ('{"":' * 200)[:497] + "..."),
        ("a text", (), None, ""),
        (None, (), None, ""),
        ([{"code": "a"}], (), None, ""),
    ],
)
def test_an_error_envelope_is_read(error, codes, code, message):
    refusal = reply(400, {}, {"error": error}, "ours")
    assert (refusal.codes, refusal.code, refusal.message) == (codes, code, message)
    assert refusal.support["status"] == 400


def test_a_phone_number_in_an_error_is_never_shown():
    body = {"error": {"code": "phoneNumberNotUnique", "message": "+1 2065550142 is not unique"}}
    refusal = reply(409, {}, body, "ours")
    assert "2065550142" in refusal.text
    assert "2065550142" not in refusal.message + refusal.said + repr(refusal) + json.dumps(refusal.support)
    assert refusal.said == "409 phoneNumberNotUnique ******** is not unique"
    assert refusal.quoted == "Graph said: 409 phoneNumberNotUnique ******** is not unique."


@pytest.mark.parametrize("status", [401, 403])
def test_a_claims_challenge_is_reported_with_what_to_do(status):
    body = {"error": {"code": "accessDenied", "message": "Request Authorization failed"}}
    challenge = {"WWW-Authenticate": 'Bearer error="insufficient_claims", claims="eyJhY2Nlc3NfdG9rZW4iOnt9fQ=="'}
    assert "Conditional Access policy" in reply(status, challenge, body, "ours").said
    assert "eyJ" not in reply(status, challenge, body, "ours").said
    assert "claims" not in reply(status, {"WWW-Authenticate": "Bearer"}, body, "ours").said


@pytest.mark.parametrize(
    ("headers", "inner", "expected"),
    [
        (
            {"Request-Id": "theirs", "Client-Request-Id": "echoed", "Date": "Mon, 23 Nov 2026 09:00:00 GMT"},
            {},
            ("theirs", "echoed", "Mon, 23 Nov 2026 09:00:00 GMT"),
        ),
        (
            {},
            {"request-id": "inner", "client-request-id": "inner too", "date": "2026-11-23T09:00:00"},
            ("inner", "inner too", "2026-11-23T09:00:00"),
        ),
        ({"request-id": ""}, {"request-id": 5}, (None, "ours", None)),
    ],
)
def test_support_data_comes_from_headers_first(headers, inner, expected):
    support = reply(400, headers, {"error": {"code": "a", "innerError": inner}}, "ours").support
    assert (support["request_id"], support["client_request_id"], support["date"]) == expected


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [({}, None), ({"Retry-After": "7"}, 7.0), ({"retry-after": 2.5}, 2.5), ({"RETRY-AFTER": "soon"}, None)],
)
def test_the_requested_wait(headers, seconds):
    assert reply(429, headers, None, None).retry_after == seconds


@pytest.mark.parametrize("status", [200, 404, 429])
def test_only_needed_headers_are_kept(status):
    found = reply(
        status, {"Retry-After": "5", "Date": "d", "Cache-Control": "no-store", "request-id": "r"}, None, "ours"
    )
    assert found.headers == {"retry-after": "5", "date": "d"}


@pytest.mark.parametrize("ahead", [0, 3600, -1200])
def test_a_wait_given_as_a_date_is_compared_with_the_date_of_the_reply(ahead):
    there = time.time() + ahead
    headers = {"Retry-After": formatdate(there + 60, usegmt=True), "Date": formatdate(there, usegmt=True)}
    assert reply(429, headers, None, None).retry_after == 60


def test_a_wait_given_as_a_date_falls_back_to_the_local_clock():
    in_a_minute = formatdate(time.time() + 60, usegmt=True)
    assert reply(429, {"Retry-After": in_a_minute, "Date": "now"}, None, None).retry_after == pytest.approx(60, abs=3)


ENVELOPE = {"error": {"code": "accessDenied"}}


@pytest.mark.parametrize(
    ("status", "headers", "body", "traits"),
    [
        (403, {"content-type": "text/html; charset=utf-8"}, None, "status 403, text/html"),
        (404, {}, None, "status 404"),
        (404, {"content-type": "application/json"}, {"message": "no route"}, "status 404, application/json"),
        (404, {}, {"error": {}}, "status 404"),
        (404, {}, {"error": {"code": 404, "message": "not found"}}, "status 404"),
        (403, {}, {"error": {"message": "denied"}}, "status 403"),
        (401, {"www-authenticate": 'Basic realm="x"'}, None, "status 401, asks for Basic sign-in"),
        (401, {"www-authenticate": "Negotiate"}, {"error": "denied"}, "status 401, asks for Negotiate sign-in"),
        (407, {"proxy-authenticate": "NTLM"}, None, "status 407, asks for NTLM sign-in"),
        (403, {"www-authenticate": " "}, None, "status 403"),
        (511, {"content-type": "text/html"}, None, "status 511, text/html"),
        (403, {}, ENVELOPE, None),
        (401, {}, ENVELOPE, None),
        (401, {"www-authenticate": "Bearer realm"}, None, None),
        # Busy or failing: Graph's own front door answers these without an envelope, too.
        (429, {}, None, None),
        (503, {"content-type": "text/html"}, None, None),
        (500, {}, None, None),
        (501, {}, None, None),
        (200, {"content-type": "text/html"}, None, None),
    ],
)
def test_a_final_answer_without_an_envelope_does_not_come_from_graph(status, headers, body, traits):
    found = from_elsewhere(reply(status, headers, body, "ours"), headers, "ours")
    if traits is None:
        assert found is None
        return
    assert (found.verdict, found.lost) == (LOST, FOREIGN)
    assert found.support == {**dict.fromkeys(found.support), "status": status, "client_request_id": "ours"}
    assert f"answered ({traits}), not Graph itself. Check the proxy" in found.message


def test_a_success_without_json_is_described():
    headers = {"content-type": "text/html", "content-encoding": "br"}
    assert "(status 200, text/html, br). If it is the page of a proxy, check HTTPS_PROXY" in unreadable(200, headers)
    assert "eyJ" not in unreadable(200, {"content-type": "eyJhbGciOi.eyJhbGciOi.x"})


@given(st.integers(100, 599), json_values)
def test_any_json_gives_a_reply(status, body):
    found = reply(status, {}, body, "ours")
    assert found.verdict in (OK, THROTTLED, RETRY, UNAUTHORIZED, REFUSED)
    assert (found.support is None) is (found.verdict == OK)
    assert isinstance(found.said, str)
    assert isinstance(found.codes, tuple)


def test_an_endless_chain_of_inner_errors_ends():
    error = {"code": "deepest"}
    for _level in range(200):
        error = {"code": "outer", "innerError": error}
    assert len(reply(400, {}, {"error": error}, None).codes) == 10


@pytest.mark.parametrize(
    ("header", "claims"),
    [
        ('Bearer error="x", claims="eyJhY2Nlc3NfdG9rZW4iOnt9fQ=="', '{"access_token":{}}'),
        # Without the final signs, and in the alphabet for addresses.
        ('Bearer claims="eyJhY2Nlc3NfdG9rZW4iOnt9fQ"', '{"access_token":{}}'),
        ('Bearer claims="eyJhIjoiPz8-In0"', '{"a":"??>"}'),
        ('Bearer claims="eyJhIjoiPz8+In0="', '{"a":"??>"}'),
        *((f'Bearer claims="{value}"', None) for value in ("", "bm8", "WzFd", "!", "////")),
        ("Bearer", None),
        ("", None),
    ],
)
def test_the_claims_of_a_challenge_are_read(header, claims):
    assert reply(401, {"WWW-Authenticate": header}, {"error": {"code": "x"}}, None).claims == claims


@pytest.mark.parametrize(
    ("body", "name", "items"),
    [
        ({"value": []}, "value", []),
        ({"value": [{"id": "1"}, {}]}, "value", [{"id": "1"}, {}]),
        ({"value": [{}], "targets@odata.nextLink": "https://localhost"}, "value", [{}]),
        ({"targets": [{}], "@odata.nextLink": "https://localhost"}, "targets", [{}]),
        ({"value": [{}], "@odata.nextLink": "https://localhost"}, "value", None),
        ({"targets": [{}], "targets@odata.nextLink": "https://localhost"}, "targets", None),
        ({"value": [{}], "@odata.nextlink": "https://localhost"}, "value", None),
        ({"value": [{}], " @odata.nextLink ": "https://localhost"}, "value", None),
        ({"value": [{}], "@nextLink": "https://localhost"}, "value", None),
        ({"value": [{}], "odata.nextLink": "https://localhost"}, "value", None),
        ({"targets": [{}], "targets@nextLink": "https://localhost"}, "targets", None),
        ({"value": [{}], "@odata.nextLink": None, "nextLink": "https://localhost"}, "value", [{}]),
        ({"value": [{}, "x"]}, "value", None),
        ({"value": {}}, "value", None),
        ({}, "value", None),
    ],
)
def test_a_list_is_whole_without_a_next_page_and_with_objects_only(body, name, items):
    assert whole_list(body, name) == items
