# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import base64
import json
import random
from copy import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.frontline.entra.plugins.module_utils._errors import (
    AuthenticationFailed,
    EntraError,
    OutOfTime,
    Unreachable,
)
from ansible_collections.frontline.entra.plugins.module_utils._graph._client import (
    BATCH_SIZE,
    MOST_IDLE_PAGES,
    Graph,
    Job,
)
from ansible_collections.frontline.entra.plugins.module_utils._graph._gate import (
    LONGEST_THROTTLING,
    LONGEST_WAIT,
    Gate,
)
from ansible_collections.frontline.entra.plugins.module_utils._graph._messages import (
    LOST,
    OK,
    REFUSED,
    RETRY,
    THROTTLED,
    UNAUTHORIZED,
    Request,
)
from ansible_collections.frontline.entra.plugins.module_utils._graph._patience import (
    LEAST_THROTTLED,
    LONGEST_OUTAGE,
    MOST_READS,
)
from ansible_collections.frontline.entra.plugins.module_utils._http import (
    CONNECT,
    DROPPED,
    PROXY,
    REDIRECT,
    TIMEOUT,
    TLS,
    Answer,
    NoAnswer,
)
from ansible_collections.frontline.entra.tests.unit.plugins.module_utils.fakes import (
    MOST_CALLS,
    ROOT,
    START,
    URL,
    DrivenWorkers,
    FakeSession,
    FakeTokens,
    answer,
    client,
    error,
    per_item,
)

ANNA = Request("GET", "/users/anna")
ENABLE = Request("POST", "/users/anna/enable")


TOKEN_REJECTED = error("InvalidAuthenticationToken", "Lifetime validation failed.")


def gets(count):
    return [Job(Request("GET", f"/things/{number}"), number) for number in range(count)]


def posts(count):
    return [Job(Request("POST", f"/things/{number}/act"), number) for number in range(count)]


def run(graph, jobs, admit=None):
    """The replies by tag of an exchange without follow-up jobs."""
    found = {}

    def keep(job, reply):
        assert job.tag not in found, "answered twice"
        found[job.tag] = reply
        return ()

    graph.exchange(jobs, keep, admit)
    return found


def echo(_call, method, path):
    """Answers a read with its own path, a write with nothing."""
    return (200, {"path": path}) if method == "GET" else (204, None)


def in_turn(*replies):
    """The replies in order, then always the last one."""
    left = list(replies)

    def reply(_call, _method, _path):
        return left.pop(0) if len(left) > 1 else left[0]

    return reply


# -- one request


def test_a_request_is_sent_unchanged_with_token_and_id():
    graph, session = client(per_item(echo))
    reply = graph.ask(Request("GET", "/users/anna", {"ConsistencyLevel": "eventual"}))
    (call,) = session.calls
    assert (reply.verdict, reply.body) == (OK, {"path": "/users/anna"})
    assert (call.method, call.url, call.body) == ("GET", ROOT + "/users/anna", None)
    assert call.headers["Authorization"] == "Bearer t1"
    assert call.headers["ConsistencyLevel"] == "eventual"
    assert len(call.headers["client-request-id"]) == 36
    assert (graph.sent, graph.retried, graph.throttled) == (1, 0, 0)


def test_a_write_by_itself_has_no_body():
    graph, session = client(per_item(echo))
    assert graph.ask(ENABLE).verdict == OK
    assert (session.calls[0].method, session.calls[0].body) == ("POST", None)
    assert "Content-Type" not in session.calls[0].headers


def test_a_body_is_sent_as_json_alone_and_in_a_batch():
    body = {"phoneNumber": "+1 2065550101"}
    graph, session = client(per_item(echo))
    graph.ask(Request("PATCH", "/a", body=body))
    run(graph, [Job(Request(method, "/a", body=body), method) for method in ("POST", "PATCH", "DELETE")])
    alone, batch = session.calls
    assert (alone.body, alone.headers["Content-Type"]) == (body, "application/json")
    assert [item.get("body") for item in batch.body["requests"]] == [body, body, None]


def test_a_post_that_only_reads_shares_a_batch_with_reads():
    graph, session = client(per_item(lambda _call, _method, path: (200, {"path": path})))
    run(graph, [*gets(2), Job(Request("POST", "/ask", body={"ids": []}, asks=True), "q")])
    assert [[method for method, _path in call.items] for call in session.calls] == [["GET", "GET", "POST"]]


@pytest.mark.parametrize(
    "text", ["", "<html>Sign in to the network</html>", '{"value": [', "[]", "null", '"text"', "42", "[" * 100_000]
)
def test_a_read_without_a_json_object_counts_as_lost(text):
    graph, session = client(lambda call: answer(200, text))
    with pytest.raises(Unreachable, match="not the JSON object"):
        graph.ask(ANNA)
    assert session.calls[-1].at - START < 5


def test_a_truncated_read_is_retried():
    answers = [answer(200, '{"id": "an'), answer(200, {"id": "anna"})]
    graph, session = client(lambda call: answers.pop(0))
    assert graph.ask(ANNA).body == {"id": "anna"}
    assert (len(session.calls), graph.retried) == (2, 1)


# -- batches


def test_jobs_are_created_shortly_before_they_are_sent():
    jobs = iter(gets(5 * BATCH_SIZE))
    left = []

    def reply(call):
        left.append(len(list(copy(jobs))))
        return per_item(echo)(call)

    graph, session = client(reply)
    assert len(run(graph, jobs)) == 5 * BATCH_SIZE
    assert left[0] >= 3 * BATCH_SIZE - 1
    assert len(session.calls) == 5


def test_jobs_that_are_not_admitted_end_without_a_call():
    graph, session = client(per_item(echo))
    assert run(graph, posts(3 * BATCH_SIZE), lambda job: False) == {}
    assert session.calls == []


@pytest.mark.parametrize(
    ("count", "sizes"), [(0, []), (1, [1]), (2, [2]), (20, [20]), (21, [20, 1]), (45, [20, 20, 5])]
)
@pytest.mark.parametrize("jobs", [gets, posts])
def test_a_batch_holds_twenty_at_most(count, sizes, jobs):
    graph, session = client(per_item(echo))
    replies = run(graph, jobs(count))
    assert [len(call.items) for call in session.calls] == sizes
    assert sorted(replies) == list(range(count))
    assert graph.sent == len(sizes)


def test_reads_and_writes_do_not_share_a_batch():
    graph, session = client(per_item(echo))
    jobs = gets(5) + [Job(Request("POST", "/act"), "w1"), Job(Request("POST", "/act"), "w2")]
    run(graph, jobs)
    assert [{method for method, _path in call.items} for call in session.calls] == [{"GET"}, {"POST"}]


def test_the_items_of_a_batch_have_the_form_of_graph():
    graph, session = client(per_item(echo))
    run(graph, [Job(Request("GET", "/a", {"Prefer": "x"}), 1), Job(Request("GET", "/b"), 2)])
    run(graph, posts(2))
    assert session.calls[0].body == {
        "requests": [
            {"id": "0", "method": "GET", "url": "/a", "headers": {"Prefer": "x"}},
            {"id": "1", "method": "GET", "url": "/b"},
        ]
    }
    assert session.calls[1].body["requests"][1] == {
        "id": "1",
        "method": "POST",
        "url": "/things/1/act",
        "headers": {"Content-Type": "application/json"},
        "body": {},
    }
    assert session.calls[0].headers["Content-Type"] == "application/json"


@pytest.mark.parametrize("seed", range(5))
def test_items_are_matched_by_id_in_any_order(seed):
    graph, _session = client(per_item(echo, random.Random(seed).shuffle))
    replies = run(graph, gets(40))
    assert {number: reply.body["path"] for number, reply in replies.items()} == {n: f"/things/{n}" for n in range(40)}


def test_a_read_without_an_answer_in_the_batch_is_retried():
    missing = {"/things/3", "/things/7"}

    def reply(call, method, path):
        if path in missing:
            missing.remove(path)
            return None
        return echo(call, method, path)

    graph, session = client(per_item(reply))
    replies = run(graph, gets(20))
    assert all(found.verdict == OK for found in replies.values())
    assert sorted(session.items[20:]) == [("GET", "/things/3"), ("GET", "/things/7")]
    assert graph.retried == 2


def test_a_write_without_an_answer_in_the_batch_is_lost():
    graph, session = client(per_item(lambda call, method, path: None if path == "/things/3/act" else (204, None)))
    replies = run(graph, posts(20))
    assert [number for number, reply in replies.items() if reply.verdict == LOST] == [3]
    assert len(session.writes) == 20


REFUSAL = {"status": 403, "body": error("accessDenied")}


@pytest.mark.parametrize(
    ("items", "status"),
    [
        ([{"status": 204}, {"status": 204}], 204),
        ([{"status": 204}, REFUSAL], 0),
        ([REFUSAL, {"status": 204}], 0),
        ([{"status": 204}, REFUSAL, {"status": 204}], 0),
        ([{"status": 204}, {"status": 204, "headers": {"Retry-After": "1"}}], 0),
        ([{"status": True}, REFUSAL], 403),
        ([{"status": 0}], 0),
        ([{"status": 103}], 0),
        ([{"status": -1}], 0),
    ],
)
def test_contradictory_answers_to_one_request_are_ignored(items, status):
    def respond(call):
        return answer(
            200, {"responses": [{"id": "1", "status": 204}, *({"id": "0", **item} for item in items), {"id": "77"}]}
        )

    graph, _session = client(respond)
    assert [reply.status for reply in run(graph, posts(2)).values()] == [status, 204]


def test_a_read_with_contradictory_answers_is_retried():
    def respond(call):
        if len(session.calls) > 1:
            return per_item(echo)(call)
        states = ["notEnabled", "ready"]
        twice = [{"id": "0", "status": 200, "body": {"path": state}} for state in states]
        return answer(200, {"responses": [*twice, {"id": "1", "status": 200, "body": {"path": "/things/1"}}]})

    graph, session = client(respond)
    assert [reply.body["path"] for reply in run(graph, gets(2)).values()] == ["/things/1", "/things/0"]


def test_ids_that_come_back_as_numbers_are_matched():
    graph, _session = client(
        lambda call: answer(200, {"responses": [{"id": n, "status": 200, "body": {"n": n}} for n in (1, 0)]})
    )
    assert [reply.body["n"] for reply in run(graph, gets(2)).values()] == [0, 1]


@pytest.mark.parametrize("body", [None, {}, {"responses": []}, "<html>", {"responses": None}, ["x"]])
def test_a_batch_of_writes_with_an_empty_answer_is_lost_and_not_repeated(body):
    answered = []

    def respond(call):
        answered.append(call)
        return answer(200, {"id": "anna"}) if len(answered) == 1 else answer(200, body)

    graph, session = client(respond)
    graph.ask(ANNA)
    replies = run(graph, posts(3))
    assert [reply.verdict for reply in replies.values()] == [LOST] * 3
    assert len(session.writes) == 3


garbage = st.recursive(
    st.none() | st.booleans() | st.integers(-1, 700) | st.floats() | st.text(max_size=5),
    lambda children: (
        st.lists(children, max_size=4)
        | st.dictionaries(st.sampled_from(["responses", "id", "status", "headers", "body", "error", "value"]), children)
    ),
    max_leaves=15,
)
items = st.fixed_dictionaries(
    {},
    optional={
        "id": st.sampled_from(["0", "1", "2", "3", 1, None]) | garbage,
        "status": st.sampled_from([200, 204, 400, 403, 429, 503, "200", 0, True]) | garbage,
        "headers": garbage,
        "body": garbage,
    },
)


@given(garbage | st.fixed_dictionaries({"responses": st.lists(items | garbage, max_size=6)}), st.integers(2, 4))
def test_each_write_has_exactly_one_reply_for_any_batch_answer(body, count):
    answers = [answer(200, {"id": "anna"}), answer(200, body)]
    graph, _session = client(lambda call: answers.pop(0))
    graph.ask(ANNA)
    try:
        found = run(graph, posts(count))
    except OutOfTime:
        return  # random text that means a wait of more than a quarter of an hour
    assert sorted(found) == list(range(count))
    assert all(reply.verdict in (OK, THROTTLED, RETRY, LOST, REFUSED) for reply in found.values())


# -- retries


@pytest.mark.parametrize("status", [408, 423, 424, 500, 502, 503, 504])
def test_a_failed_read_is_retried_alone(status):
    failing = {"/things/2": 2, "/things/9": 1}

    def reply(call, method, path):
        if failing.get(path):
            failing[path] -= 1
            return status, error("UnknownError")
        return echo(call, method, path)

    graph, session = client(per_item(reply))
    replies = run(graph, gets(20))
    assert all(found.verdict == OK for found in replies.values())
    assert len(session.items) == 23
    assert graph.retried == 3


def test_the_pauses_between_retries_grow():
    graph, session = client(per_item(in_turn((503, None))))
    assert graph.ask(ANNA).verdict == RETRY
    pauses = [later.at - earlier.at for earlier, later in zip(session.calls, session.calls[1:])]
    assert len(session.calls) == MOST_READS
    assert all(0.75 * full <= pause <= 1.25 * full for pause, full in zip(pauses, (0.5, 1, 2, 4)))


@pytest.mark.parametrize("status", [400, 403, 404, 405, 409, 501, 507])
def test_a_final_refusal_is_not_retried(status):
    graph, session = client(per_item(in_turn((status, error("whatever")))))
    assert graph.ask(ANNA).verdict == REFUSED
    assert len(session.calls) == 1


@pytest.mark.parametrize(
    ("reply", "verdict"),
    [((503, None), RETRY), ((429, None), THROTTLED), ((403, error("accessDenied")), REFUSED), (None, LOST)],
)
@pytest.mark.parametrize("count", [1, 20])
def test_a_write_is_never_repeated_by_the_client(reply, verdict, count):
    replies = [(200, {"id": "anna"})]
    graph, session = client(per_item(lambda call, method, path: replies.pop() if replies else reply))
    graph.ask(ANNA)
    assert [found.verdict for found in run(graph, posts(count)).values()] == [verdict] * count
    assert len(session.writes) == count


def test_jobs_that_follow_a_reply_are_sent():
    graph, session = client(per_item(echo))
    seen = []

    def then(job, reply):
        seen.append(job.tag)
        return [Job(ANNA, "read", graph.now() + 3.0)] if job.tag == "write" else ()

    graph.exchange([Job(ENABLE, "write")], then)
    assert seen == ["write", "read"]
    assert [call.at for call in session.calls] == [START, START + 3.0]


def test_reads_are_sent_before_further_writes():
    graph, session = client(per_item(echo), most_calls=1)

    def then(job, reply):
        return [Job(Request("GET", job.request.path))] if job.request.writes else ()

    graph.exchange(posts(40), then)
    assert [call.items[0][0] for call in session.calls] == ["POST", "GET", "POST", "GET"]


def test_a_job_that_is_not_admitted_is_not_sent():
    graph, session = client(per_item(echo))
    replies = run(graph, gets(30), lambda job: job.tag % 2 == 0)
    assert sorted(replies) == list(range(0, 30, 2))
    assert len(session.items) == 15


def test_the_gate_limits_the_calls_in_flight():
    workers = DrivenWorkers(latency=1.0)
    graph, session = client(per_item(echo), workers)
    run(graph, gets(100 * BATCH_SIZE))
    assert workers.most_under_way == MOST_CALLS
    assert session.calls[1].at == START + 1.0, "one call at first"


def test_requests_wait_for_others_to_fill_a_batch():
    workers = DrivenWorkers()
    graph, session = client(per_item(echo), workers)

    def then(job, reply):
        return [Job(Request("GET", f"/states/{job.tag}"))] if job.request.writes else ()

    def slow(call):
        workers.latency = 0.5 if call.items[0][0] == "POST" else 0.01
        return per_item(echo)(call)

    graph, session = client(slow, workers)
    graph.exchange(posts(200), then)
    reads = [call for call in session.calls if call.items[0][0] == "GET"]
    assert sum(len(call.items) for call in reads) == 200
    assert len(reads) <= 11


# -- throttling


@pytest.mark.parametrize(
    ("headers", "least", "most"),
    [
        ({"Retry-After": "7"}, 7.0, 7.0),
        ({"Retry-After": "0.4"}, 0.4, 0.4),
        ({}, 0.375, 0.625),
        ({"Retry-After": "x"}, 0.375, 0.625),
    ],
)
def test_a_throttled_read_waits_and_is_retried(headers, least, most):
    graph, session = client(per_item(in_turn((429, error("TooManyRequests"), headers), (200, {"id": "anna"}))))
    assert graph.ask(ANNA).verdict == OK
    assert least - 1e-6 <= session.calls[1].at - session.calls[0].at <= most + 1e-6
    assert (graph.throttled, graph.retried, graph.sent) == (1, 1, 2)


def test_nothing_is_sent_while_the_service_asks_to_wait():
    workers = DrivenWorkers(latency=0.2)
    refused_at = []

    def reply(call, method, path):
        if path == "/things/95" and len(refused_at) < 3:
            refused_at.append(workers.now() + workers.latency)
            return 429, None, {"Retry-After": "30"}
        return echo(call, method, path)

    graph, session = client(per_item(reply), workers)
    replies = run(graph, gets(300))
    assert all(found.verdict == OK for found in replies.values())
    assert len(refused_at) == 3
    for moment in refused_at:
        assert not [call.at for call in session.calls if moment < call.at < moment + 30]


def test_reads_continue_while_writes_wait():
    workers = DrivenWorkers(latency=0.2)
    refused_at = []

    def reply(call, method, path):
        if method == "POST" and not refused_at:
            refused_at.append(workers.now() + workers.latency)
            return 429, None, {"Retry-After": "30", "x-ms-throttle-scope": "Tenant_Application/Write/app/tenant"}
        return echo(call, method, path)

    graph, session = client(per_item(reply), workers)

    def look(_job, reply):
        return [Job(ANNA, None, workers.now() + 5)] if reply.status == 429 else ()

    graph.exchange(posts(60), look)
    waiting = [call for call in session.calls if refused_at[0] < call.at < refused_at[0] + 30]
    assert waiting and {method for call in waiting for method, _path in call.items} == {"GET"}
    assert sum(method == "POST" for method, _path in session.items) == 60
    assert [call.at for call in waiting] == [refused_at[0] + 5]


def test_a_call_that_is_throttled_as_a_whole_is_retried():
    answers = [answer(429, error("TooManyRequests"), retry_after="5")]
    graph, session = client(lambda call: answers.pop() if answers else per_item(echo)(call))
    replies = run(graph, gets(20))
    assert all(found.verdict == OK for found in replies.values())
    assert (session.calls[1].at - session.calls[0].at, graph.throttled) == (5.0, 20)


def test_of_several_waits_the_longest_counts():
    waits = {"/things/1": "3", "/things/2": "11", "/things/3": "soon"}

    def reply(call, method, path):
        wait = waits.pop(path, None)
        return (429, None, {"Retry-After": wait}) if wait else echo(call, method, path)

    graph, session = client(per_item(reply))
    run(graph, gets(5))
    assert session.calls[1].at == session.calls[0].at + 11.0


def test_the_wait_of_a_busy_service_is_kept():
    graph, session = client(per_item(in_turn((503, None, {"Retry-After": "40"}), (200, {"id": "anna"}))))
    graph.ask(ANNA)
    assert session.calls[1].at == session.calls[0].at + 40.0


def test_an_absurd_wait_ends_the_run():
    graph, session = client(per_item(in_turn((429, None, {"Retry-After": str(LONGEST_WAIT + 1)}))))
    with pytest.raises(OutOfTime, match="asks to wait 901 s"):
        graph.ask(ANNA)
    assert len(session.calls) == 1


def test_a_service_that_always_throttles_ends_the_run():
    graph, session = client(per_item(in_turn((429, None))))
    with pytest.raises(OutOfTime, match="throttled every request"):
        graph.ask(ANNA)
    assert len(session.calls) < 12
    assert LONGEST_THROTTLING <= session.calls[-1].at - START < LONGEST_THROTTLING + 60


# -- tokens


@pytest.mark.parametrize("count", [1, 20])
@pytest.mark.parametrize("jobs", [gets, posts])
def test_a_token_that_is_refused_is_replaced_once(count, jobs):
    tokens = FakeTokens()

    def respond(call):
        return answer(401, error("InvalidAuthenticationToken")) if call.token == "t1" else per_item(echo)(call)

    graph, session = client(respond, tokens=tokens)
    replies = run(graph, jobs(count))
    assert all(found.verdict == OK for found in replies.values())
    assert tokens.renewals == ["t1"]
    assert [call.token for call in session.calls] == ["t1", "t2"]


CLAIMS = '{"access_token":{"nbf":{"essential":true,"value":"1"}}}'
CHALLENGE = f'Bearer error="insufficient_claims", claims="{base64.b64encode(CLAIMS.encode()).decode()}"'


def challenged(status, until="t2"):
    """Refuses tokens before `until` with a claims challenge."""

    def reply(call, method, path):
        if until is None or call.token < until:
            return status, error("insufficient_claims", "More."), {"WWW-Authenticate": CHALLENGE}
        return echo(call, method, path)

    return per_item_too(reply)


def per_item_too(reply):
    """As `per_item`, with the headers of a refusal of the whole call."""
    respond = per_item(reply)

    def answered(call):
        found = reply(call, call.method, call.path)
        if found[0] == 401:
            return answer(401, found[1], www_authenticate=CHALLENGE)
        return respond(call)

    return answered


@pytest.mark.parametrize("count", [1, 20, 60])
@pytest.mark.parametrize("jobs", [gets, posts])
@pytest.mark.parametrize("status", [401, 403])
def test_a_claims_challenge_is_answered_with_one_new_token(count, jobs, status):
    tokens = FakeTokens(answers_claims=True)
    graph, _session = client(challenged(status), tokens=tokens)
    replies = run(graph, jobs(count))
    assert all(found.verdict == OK for found in replies.values()) and len(replies) == count
    assert (tokens.renewals, tokens.claims) == (["t1"], [CLAIMS])


@pytest.mark.parametrize("count", [1, 60])
@pytest.mark.parametrize("answers_claims", [True, False])
def test_a_claims_challenge_that_stays_refuses_each_request_once(count, answers_claims):
    """403: it may concern some users only. There is at most one new token."""
    tokens = FakeTokens(answers_claims=answers_claims)
    graph, _session = client(challenged(403, until=None), tokens=tokens)
    replies = run(graph, gets(count))
    assert all("claims challenge" in found.said and found.status == 403 for found in replies.values())
    assert len(tokens.renewals) == answers_claims


@pytest.mark.parametrize("jobs", [gets, posts])
def test_a_claims_challenge_of_one_request_leaves_the_others_when_the_login_refuses(jobs):
    tokens = FakeTokens(most=1, answers_claims=True)

    def reply(call, method, path):
        if path.split("/")[2] in ("4", "30"):
            return 403, error("insufficient_claims", "More."), {"WWW-Authenticate": CHALLENGE}
        return echo(call, method, path)

    graph, _session = client(per_item(reply), tokens=tokens)
    replies = run(graph, jobs(60))
    assert [name for name, found in replies.items() if found.verdict != OK] == [4, 30]
    assert tokens.renewals == ["t1"]


@pytest.mark.parametrize("jobs", [gets, posts])
def test_a_claims_challenge_of_a_token_that_has_the_claims_is_final_for_other_requests_too(jobs):
    tokens = FakeTokens(answers_claims=True)

    def reply(call, method, path):
        number = path.split("/")[2]
        if number == "390" or (number == "0" and call.token == "t1"):
            return 403, error("insufficient_claims", "More."), {"WWW-Authenticate": CHALLENGE}
        return echo(call, method, path)

    graph, _session = client(per_item(reply), tokens=tokens)
    replies = run(graph, jobs(400))
    assert [name for name, found in replies.items() if found.verdict != OK] == [390]
    assert tokens.renewals == ["t1"]


def test_a_claims_challenge_that_no_new_token_can_answer_ends_the_run():
    tokens = FakeTokens(most=1)
    graph, _session = client(challenged(401, until=None), tokens=tokens)
    with pytest.raises(AuthenticationFailed, match=r"No other token\. Graph said: 401 .*claims challenge") as caught:
        run(graph, gets(1))
    assert caught.value.support["status"] == 401


@pytest.mark.parametrize("challenge", [{}, {"WWW-Authenticate": CHALLENGE}])
@pytest.mark.parametrize("jobs", [gets, posts])
def test_a_token_that_is_refused_to_one_item_and_cannot_be_replaced_serves_the_others(jobs, challenge):
    tokens = FakeTokens(most=1)

    def reply(call, method, path):
        if path.split("/")[2] == "4":
            return 401, error("InvalidAuthenticationToken", "No."), challenge
        return echo(call, method, path)

    graph, _session = client(per_item(reply), tokens=tokens)
    replies = run(graph, jobs(60))
    assert [name for name, found in replies.items() if found.verdict != OK] == [4]
    assert tokens.renewals == ["t1"]


def test_a_token_that_is_refused_to_one_item_is_replaced():
    tokens = FakeTokens()

    def reply(call, method, path):
        return (
            (401, error("InvalidAuthenticationToken"))
            if call.token == "t1" and path == "/things/4"
            else echo(call, method, path)
        )

    graph, session = client(per_item(reply), tokens=tokens)
    assert all(found.verdict == OK for found in run(graph, gets(20)).values())
    assert (tokens.renewals, session.items[20:]) == (["t1"], [("GET", "/things/4")])


@pytest.mark.parametrize("count", [1, 20, 300])
def test_a_service_that_accepts_no_token_is_not_retried_forever(count):
    tokens = FakeTokens()
    graph, session = client(lambda call: answer(401, error("InvalidAuthenticationToken", "Lifetime.")), tokens=tokens)
    with pytest.raises(AuthenticationFailed, match="nor a new one") as caught:
        run(graph, gets(count))
    assert caught.value.support["status"] == 401
    assert len(session.calls) <= 3
    assert tokens.renewals == ["t1"]


def test_a_token_that_cannot_be_replaced_ends_the_run():
    graph, session = client(lambda call: answer(401, TOKEN_REJECTED), tokens=FakeTokens(most=1))
    with pytest.raises(AuthenticationFailed, match="No other token"):
        graph.ask(ANNA)
    assert len(session.calls) == 1


def test_calls_under_way_with_the_old_token_do_not_replace_the_new_one():
    workers, tokens = DrivenWorkers(latency=1.0), FakeTokens()
    expired = []

    def respond(call):
        if workers.now() >= START + 10:
            expired.append(True)
        refused = expired and call.token == "t1"
        return answer(401, TOKEN_REJECTED) if refused else per_item(echo)(call)

    graph, session = client(respond, workers, tokens)
    replies = run(graph, gets(2000))
    assert len(replies) == 2000
    assert tokens.renewals == ["t1"]
    assert sum(1 for call in session.calls if call.at >= START + 10 and call.token == "t1") > 1


@pytest.mark.parametrize("latency", [0.0, 1.0])
def test_a_long_run_gets_as_many_tokens_as_expire(latency):
    workers, tokens = DrivenWorkers(latency), FakeTokens()
    served = []

    def respond(call):
        if call.token != f"t{1 + len(served) // 30}":
            return answer(401, error("InvalidAuthenticationToken"))
        served.append(call)
        return per_item(echo)(call)

    graph, _session = client(respond, workers, tokens)
    replies = run(graph, gets(2000))
    assert all(found.verdict == OK for found in replies.values())
    assert tokens.renewals == ["t1", "t2", "t3"]


def test_without_a_token_nothing_is_sent():
    class NoTokens:
        def current(self):
            raise AuthenticationFailed("The login refused.")

    graph, session = client(per_item(echo), tokens=NoTokens())
    with pytest.raises(AuthenticationFailed, match="The login refused"):
        run(graph, gets(100))
    assert session.calls == []


def test_a_write_refused_for_its_token_counts_as_not_sent():
    graph, _session = client(lambda call: answer(401, TOKEN_REJECTED), tokens=FakeTokens())
    jobs, replies = posts(20), {}

    def keep(job, reply):
        replies[job.tag] = reply
        return ()

    with pytest.raises(AuthenticationFailed):
        graph.exchange(jobs, keep)
    assert {reply.verdict for reply in replies.values()} <= {UNAUTHORIZED}
    assert not [job for job in jobs if job.sent]


# -- no answer


@pytest.mark.parametrize(
    ("kind", "seconds"), [(TLS, 0), (TIMEOUT, 0), (REDIRECT, 0), (CONNECT, 4), (PROXY, 4), (DROPPED, 4)]
)
def test_a_host_that_never_answers_is_given_up_soon(kind, seconds):
    def respond(call):
        raise NoAnswer(kind, "It is silent.")

    graph, session = client(respond)
    with pytest.raises(Unreachable, match=r"Microsoft Graph: It is silent\.") as caught:
        run(graph, gets(50))
    assert seconds / 2 <= session.calls[-1].at - START <= seconds
    assert caught.value.support["client_request_id"]


def outage(begins, lasts, break_):
    """A service that fails with `break_()` from `begins` on for so many seconds."""

    def respond(call):
        if START + begins <= call.at < START + begins + lasts:
            return break_()
        return per_item(echo)(call)

    return respond


def silent(kind=CONNECT):
    def break_():
        raise NoAnswer(kind, "It is silent.")

    return break_


@pytest.mark.parametrize(
    "break_",
    [silent(), silent(DROPPED), silent(TIMEOUT), lambda: answer(403, "<html>"), lambda: answer(200, "<html>")],
)
def test_silence_ends_a_run_after_a_time_not_after_a_number_of_calls(break_):
    graph, session = client(outage(0.2, 10_000, break_), DrivenWorkers(latency=0.1))
    with pytest.raises(Unreachable, match=r"has not answered for \d+ s"):
        run(graph, gets(2000))
    last = session.calls[-1].at - START
    assert LONGEST_OUTAGE - 10 < last < LONGEST_OUTAGE + 10
    assert len(session.calls) < 200, "it does not spin"


@pytest.mark.parametrize("lasts", [0.1, 0.5, 1, 10, 60, 100])
@pytest.mark.parametrize("break_", [silent(), silent(DROPPED), lambda: answer(503), lambda: answer(403, "<html>")])
@pytest.mark.parametrize("count", [100, 2000])
def test_a_run_waits_for_the_end_of_an_outage(lasts, break_, count):
    workers = DrivenWorkers(latency=0.1)
    graph, session = client(outage(0.25, lasts, break_), workers)
    replies = run(graph, gets(count))
    assert len(replies) == count and {reply.verdict for reply in replies.values()} == {OK}
    assert workers.now() - START < lasts + 30, "it goes on soon after"


def test_a_request_without_an_answer_does_not_affect_others():
    """A request that makes its call hang fails alone, because others are served."""
    workers = DrivenWorkers()

    def respond(call):
        hangs = ("GET", "/things/25") in call.items
        workers.latency = 75.0 if hangs else 0.1
        if hangs:
            raise NoAnswer(TIMEOUT, "It is silent.")
        return per_item(echo)(call)

    graph, _session = client(respond, workers)
    replies = run(graph, gets(200))
    assert replies[25].verdict == LOST
    assert sum(reply.verdict == OK for reply in replies.values()) >= 180
    assert workers.now() - START < 400


def test_a_proxy_that_answers_instead_of_graph_ends_the_run_at_once_and_costs_no_token():
    tokens = FakeTokens()
    graph, session = client(lambda call: answer(401, "<html>", www_authenticate="Basic"), tokens=tokens)
    with pytest.raises(Unreachable, match=r"Something between here and Graph answered \(status 401, asks for Basic"):
        run(graph, gets(50))
    assert (len(session.calls), tokens.renewals) == (1, [])


@pytest.mark.parametrize("status", [400, 401, 403, 404, 407])
def test_an_item_without_an_envelope_does_not_affect_others(status):
    tokens = FakeTokens()
    graph, _session = client(
        per_item(lambda call, m, path: (status, None) if path == "/things/5" else echo(call, m, path)), tokens=tokens
    )
    replies = run(graph, gets(45))
    assert [number for number, reply in replies.items() if reply.verdict != OK] == [5]
    assert (replies[5].verdict, replies[5].genuine, tokens.renewals) == (REFUSED, False, [])


def test_a_short_silence_is_retried():
    def respond(call):
        if len(session.calls) in (2, 3, 7, 8, 9, 15):
            raise NoAnswer(DROPPED, "It broke.")
        return per_item(echo)(call)

    graph, session = client(respond)
    assert all(found.verdict == OK for found in run(graph, gets(400)).values())


def test_one_read_that_always_breaks_does_not_affect_others():
    graph, session = client(per_item(lambda call, m, path: None if path == "/things/5" else echo(call, m, path)))
    replies = run(graph, gets(45))
    assert [number for number, reply in replies.items() if reply.verdict != OK] == [5]
    assert replies[5].verdict == LOST
    assert session.items.count(("GET", "/things/5")) == MOST_READS


def test_calls_under_way_are_answered_before_the_run_ends():
    workers = DrivenWorkers(latency=1.0)

    def reply(call, method, path):
        return 204, None

    graph, session = client(per_item(reply), workers)
    replies = {}

    def keep(job, found):
        replies[job.tag] = found
        if job.tag == 25:
            raise EntraError("Enough.")
        return ()

    with pytest.raises(EntraError, match="Enough"):
        graph.exchange(posts(200), keep)
    assert len(replies) == len(session.writes)
    assert len(replies) < 200


def test_calls_under_way_are_not_waited_for_beyond_the_deadline():
    workers = DrivenWorkers()

    def respond(call):
        workers.latency = 100.0 if call.method == "POST" else 1.0
        return per_item(echo)(call)

    graph, session = client(respond, workers, deadline=START + 10)

    def then(job, reply):
        if job.tag == "last":
            raise EntraError("Enough.")
        return [Job(ENABLE, "hangs"), Job(ANNA, "last", START + 2.0)]

    with pytest.raises(EntraError, match="Enough"):
        graph.exchange([Job(ANNA, "first")], then)
    assert [method for method, _path in session.items] == ["GET", "POST", "GET"]
    assert workers.now() == START + 10


# -- failures of one user


REJECTED = (401, error("unauthenticated", "The user is unauthenticated"))
BUSY = (429, error("TooManyRequests"))


def alone(refusal, *paths):
    """Refuses `paths` and serves all others."""
    return per_item(lambda call, method, path: refusal if path in paths else echo(call, method, path))


@pytest.mark.parametrize("count", [2, 20, 200])
@pytest.mark.parametrize("jobs", [gets, posts])
def test_a_token_rejected_for_one_user_only_is_kept(count, jobs):
    tokens, path = FakeTokens(), jobs(2)[1].request.path
    graph, session = client(alone(REJECTED, path), DrivenWorkers(0.1), tokens)
    replies = run(graph, jobs(count))
    assert [number for number, reply in replies.items() if reply.verdict != OK] == [1]
    assert replies[1].verdict == UNAUTHORIZED
    assert tokens.renewals == ["t1"], "it might have been the token"
    assert len([item for item in session.items if item[1] == path]) == 2


def test_many_such_users_share_one_token_renewal():
    tokens, paths = FakeTokens(), [f"/things/{number}" for number in range(7, 400, 20)]
    graph, _session = client(alone(REJECTED, *paths), DrivenWorkers(0.1), tokens)
    replies = run(graph, gets(400))
    assert sum(reply.verdict == UNAUTHORIZED for reply in replies.values()) == 20
    assert len(tokens.renewals) <= 2


@pytest.mark.parametrize("retry_after", [None, "0", "1", "10", "120"])
@pytest.mark.parametrize("count", [40, 400])
def test_a_user_who_is_always_throttled_is_given_up_and_the_others_are_served(retry_after, count):
    headers = {} if retry_after is None else {"Retry-After": retry_after}
    workers = DrivenWorkers(latency=0.1)
    graph, session = client(alone((*BUSY, headers), "/things/7"), workers)
    replies = run(graph, gets(count))
    assert [number for number, reply in replies.items() if reply.verdict != OK] == [7]
    assert replies[7].verdict == THROTTLED
    tries = [call.at for call in session.calls if ("GET", "/things/7") in call.items]
    assert LEAST_THROTTLED - 1 <= tries[-1] - tries[0] < (120 if retry_after != "120" else 600)
    assert 5 <= len(tries) < 80


@pytest.mark.parametrize("seconds", [20, 60, 100, 150])
@pytest.mark.parametrize("count", [180, 1000])
def test_users_throttled_like_all_others_are_not_given_up(count, seconds):
    workers = DrivenWorkers(latency=0.1)

    def break_():
        return answer(429, error("TooManyRequests"), retry_after="1")

    graph, _session = client(outage(0.45, seconds, break_), workers)
    replies = run(graph, gets(count))
    assert {reply.verdict for reply in replies.values()} == {OK}


def test_a_short_wait_does_not_lead_to_a_burst():
    graph, session = client(outage(0.05, 20, lambda: answer(429, None, retry_after="0")), DrivenWorkers(latency=0.1))
    replies = run(graph, gets(100))
    assert {reply.verdict for reply in replies.values()} == {OK}
    assert len(session.calls) < 30


def test_a_failure_is_final_while_others_are_served():
    workers = DrivenWorkers(latency=0.1)
    graph, session = client(alone((500, None), "/things/7"), workers)
    replies = run(graph, gets(2000))
    assert [number for number, reply in replies.items() if reply.verdict != OK] == [7]
    assert session.items.count(("GET", "/things/7")) == MOST_READS


# -- unexpected exceptions


def test_an_exception_in_a_worker_is_the_failure_of_its_call():
    def respond(call):
        if len(session.calls) == 2:
            raise UnicodeDecodeError("utf-8", b"secret", 0, 1, "bad")
        return per_item(echo)(call)

    graph, session = client(respond)
    assert {reply.verdict for reply in run(graph, gets(100)).values()} == {OK}


def test_an_exception_in_every_call_ends_the_run_without_its_text():
    def respond(call):
        raise ValueError("a secret value")

    graph, _session = client(respond)
    with pytest.raises(EntraError, match=r"Internal error: ValueError in module_utils/_graph/_client\.py") as caught:
        graph.ask(ANNA)
    assert caught.value.reason == "internal_error" and "secret" not in caught.value.message


def test_an_exception_for_one_reply_does_not_lose_others():
    workers = DrivenWorkers(latency=1.0)
    graph, session = client(per_item(echo), workers)
    seen = []

    def keep(job, reply):
        if job.tag == 25:
            raise TypeError("unhashable")
        seen.append(job.tag)
        return ()

    with pytest.raises(EntraError) as caught:
        graph.exchange(posts(200), keep)
    assert caught.value.reason == "internal_error"
    assert len(seen) == len(session.writes) - 1 < 200


@pytest.mark.parametrize("where", ["jobs", "admit", "tokens", "workers"])
def test_an_exception_before_sending_sends_nothing(where):
    def fail(*_args):
        raise RuntimeError("can't start new thread")

    graph, session = client(per_item(echo))
    jobs = posts(2)
    if where == "tokens":
        graph._tokens.current = fail
    if where == "workers":
        graph._workers.submit = fail
    with pytest.raises(EntraError) as caught:
        graph.exchange(
            (fail() for _job in jobs) if where == "jobs" else jobs,
            lambda *_args: (),
            fail if where == "admit" else None,
        )
    assert (caught.value.reason, session.calls, [job.sent for job in jobs]) == ("internal_error", [], [False, False])


# -- time


@pytest.mark.parametrize("deadline", [None, START + 200])
def test_a_call_over_its_limit_is_given_up_while_its_worker_runs(deadline):
    workers = DrivenWorkers()

    def respond(call):
        workers.latency = 100_000.0 if len(session.calls) == 2 else 0.1
        return per_item(echo)(call)

    graph, session = client(respond, workers, deadline=deadline)
    replies = run(graph, gets(100))
    assert {reply.verdict for reply in replies.values()} == {OK}
    assert START + 76 <= workers.now() < START + 80
    assert session.items.count(("GET", "/things/20")) == 2


def test_a_call_that_was_given_up_before_it_was_sent_is_not_sent():
    class Stuck(DrivenWorkers):
        """Does the first call at once and keeps the others."""

        kept = []

        def submit(self, call):
            if session.calls:
                self.kept.append(call)
            else:
                super().submit(call)

    workers = Stuck()
    graph, session = client(per_item(echo), workers)
    graph.ask(ANNA)
    replies = {}
    with pytest.raises(EntraError):
        graph.exchange([Job(ENABLE)], lambda job, reply: replies.update({job.tag: reply}) or [Job(ANNA)])
    assert replies[None].verdict == LOST
    for call in workers.kept:
        call()
    assert session.writes == []


def waits_of(respond, jobs, latency=0.1):
    """The calls of `on_wait` in an exchange, with their times."""
    workers, reported = DrivenWorkers(latency), []
    graph, _session = client(respond, workers)
    graph.on_wait = lambda seconds: reported.append((workers.now() - START, seconds))
    run(graph, jobs)
    return reported


def test_a_wait_is_reported_at_its_start_and_every_second():
    reported = waits_of(outage(0, 0.1, lambda: answer(429, None, retry_after="27")), gets(1))
    assert [round(seconds) for _at, seconds in reported] == [27 - n for n in range(26)]
    assert reported[0][0] == pytest.approx(0.1)
    times = [at for at, _seconds in reported]
    assert all(later - earlier == pytest.approx(1.0) for earlier, later in zip(times, times[1:]))


def test_a_slow_answer_is_reported():
    reported = waits_of(per_item(echo), gets(1), latency=30.0)
    assert [seconds for _at, seconds in reported] == [0.0] * 29


def test_nothing_is_reported_while_answers_come():
    assert waits_of(per_item(echo), gets(2000), latency=0.9) == []


def test_jobs_are_taken_only_when_permitted():
    graph, session = client(per_item(echo), DrivenWorkers(latency=1.0))
    answered, taken = [], []

    def may_draw():
        if len(taken) - len(answered) >= 3:
            return False
        taken.append(True)
        return True

    graph.exchange(posts(10), lambda job, reply: answered.append(job.tag) or (), may_draw=may_draw)
    assert len(answered) == 10 and [len(call.items) for call in session.calls] == [3, 3, 3, 1]


def test_nothing_is_sent_after_the_deadline():
    workers = DrivenWorkers(latency=1.0)
    graph, session = client(per_item(echo), workers, deadline=START + 4.5)
    with pytest.raises(OutOfTime, match=r"'run_timeout'\) is over\.$"):
        run(graph, gets(5000))
    assert max(call.at for call in session.calls) < START + 4.5
    assert workers.now() == START + 4.5
    assert all(0 < call.limit <= START + 4.5 - call.at for call in session.calls)


def test_at_the_deadline_the_sent_jobs_are_known():
    workers = DrivenWorkers(latency=100.0)
    graph, _session = client(per_item(echo), workers, deadline=START + 10, most_calls=1)
    jobs = posts(40)
    with pytest.raises(OutOfTime, match="is over. Microsoft Graph did not answer once. Check the network"):
        run(graph, jobs)
    assert [job.sent for job in jobs] == [True] * 20 + [False] * 20
    assert workers.now() == START + 10


def test_a_deadline_in_the_past_sends_nothing():
    graph, session = client(per_item(echo), deadline=START)
    with pytest.raises(OutOfTime):
        graph.ask(ANNA)
    assert session.calls == []


def test_a_wait_beyond_the_deadline_ends_the_run_at_once():
    workers = DrivenWorkers()
    graph, session = client(per_item(in_turn((429, None, {"Retry-After": "60"}))), workers, deadline=START + 20)
    with pytest.raises(OutOfTime, match="run_timeout"):
        graph.ask(ANNA)
    assert (len(session.calls), workers.now()) == (1, START)


def test_a_late_answer_of_an_earlier_exchange_is_ignored():
    workers = DrivenWorkers(latency=5.0)

    def respond(call):
        workers.latency = 30.0 if call.path.endswith("/old") else 1.0
        return answer(200, {"path": call.path})

    graph, _session = client(respond, workers, deadline=START + 10)
    with pytest.raises(OutOfTime):
        graph.ask(Request("GET", "/old"))
    graph.deadline = None
    workers.time = START + 29.5
    assert graph.ask(Request("GET", "/new")).body == {"path": "/new"}


# -- pages


def pages(*bodies):
    """Serves these bodies by `/things?page=N`."""

    def reply(call, method, path):
        return 200, bodies[int(path.partition("page=")[2] or 0)]

    return per_item(reply)


@pytest.mark.parametrize("name", ["@odata.nextLink", "@odata.nextlink", "@nextLink", "odata.nextLink"])
def test_every_page_is_fetched_also_after_an_empty_one(name):
    link = ROOT + "/things?page={}"
    graph, session = client(
        pages(
            {"value": [1], name: link.format(1)},
            {"value": [], name: link.format(2)},
            {"value": [3]},
        )
    )
    request = Request("GET", "/things", {"Prefer": "x"})
    assert [page.body["value"] for page in graph.pages(request)] == [[1], [], [3]]
    assert all(call.headers["Prefer"] == "x" for call in session.calls)


@pytest.mark.parametrize(
    ("url", "link"),
    [
        ("https://GRAPH.contoso.example", "https://graph.contoso.example/v1.0/things?page=1"),
        ("https://graph.contoso.example", "https://Graph.Contoso.example/v1.0/things?page=1"),
        ("https://graph.contoso.example:443", "https://graph.contoso.example/v1.0/things?page=1"),
        ("https://graph.contoso.example", "https://graph.contoso.example:443/v1.0/things?page=1"),
        ("https://localhost:8443", "https://LOCALHOST:8443/v1.0/things?page=1"),
    ],
)
def test_case_and_default_port_are_ignored_in_a_host(url, link):
    workers, bodies = DrivenWorkers(), [{"value": [1], "@odata.nextLink": link}, {"value": [2]}]
    session = FakeSession(lambda call: answer(200, bodies.pop(0)), workers)
    graph = Graph(session, url, FakeTokens(), workers, Gate(1, BATCH_SIZE))
    assert [page.body["value"] for page in graph.pages(Request("GET", "/things"))] == [[1], [2]]
    assert session.calls[1].url == url + "/v1.0/things?page=1"


@pytest.mark.parametrize("value", [[], None, [{"id": "a"}, {"id": "b"}]])
def test_too_many_pages_without_new_content_end_the_run(value):
    def reply(_call, _method, path):
        number = int(path.partition("page=")[2] or 0)
        found = value and (value if number % 2 else value[::-1])
        return 200, {"value": found, "@odata.nextLink": f"{ROOT}/things?page={number + 1}"}

    graph, session = client(per_item(reply))
    with pytest.raises(EntraError, match="without anything new") as caught:
        list(graph.pages(Request("GET", "/things")))
    assert caught.value.reason == "incomplete" and len(session.calls) <= MOST_IDLE_PAGES + 1


def test_some_pages_without_new_content_are_accepted():
    def reply(_call, _method, path):
        number = int(path.partition("page=")[2] or 0)
        link = {} if number == 200 else {"@odata.nextLink": f"{ROOT}/things?page={number + 1}"}
        return 200, {"value": [number] if number % 40 == 0 else [], **link}

    graph, session = client(per_item(reply))
    assert len(list(graph.pages(Request("GET", "/things")))) == 201


@pytest.mark.parametrize(
    "link",
    [
        "https://evil.example/v1.0/things",
        "https://graph.contoso.example.evil.example/v1.0/things",
        "https://graph.contoso.example@evil.example/v1.0/things",
        "http://graph.contoso.example/v1.0/things",
        "https://graph.contoso.example:8443/v1.0/things",
        URL + "/beta/things",
        URL + "/v1.0",
        URL + "/v1.0x/things",
        "//evil.example/things",
        "/v1.0/things",
        {"url": "x"},
        ["x"],
    ],
)
def test_a_link_to_another_host_is_not_followed(link):
    graph, session = client(per_item(in_turn((200, {"value": [], "@odata.nextLink": link}))))
    with pytest.raises(Unreachable, match="the token is not sent there"):
        list(graph.pages(Request("GET", "/things")))
    assert len(session.calls) == 1


def test_a_circle_of_links_ends_the_run():
    link = ROOT + "/things?page={}"
    graph, session = client(
        pages(
            {"@odata.nextLink": link.format(1)},
            {"@odata.nextLink": link.format(2)},
            {"@odata.nextLink": link.format(1)},
        )
    )
    with pytest.raises(Unreachable, match="links back to an earlier page"):
        list(graph.pages(Request("GET", "/things")))
    assert len(session.calls) == 3


def test_a_page_that_fails_temporarily_is_retried():
    failures = [(503, None), (429, None, {"Retry-After": "2"})]

    def reply(call, method, path):
        if "page=1" in path and failures:
            return failures.pop()
        return 200, {"value": [path]} if "page=1" in path else {"value": [], "@odata.nextLink": ROOT + "/things?page=1"}

    graph, _session = client(per_item(reply))
    assert [page.verdict for page in graph.pages(Request("GET", "/things"))] == [OK, OK]


def test_a_page_that_is_refused_is_the_last():
    graph, _session = client(per_item(in_turn((403, error("Authorization_RequestDenied")))))
    assert [page.verdict for page in graph.pages(Request("GET", "/things"))] == [REFUSED]


# -- secrets


def test_no_token_is_in_the_text_of_an_object():
    secret = "secret-token-of-this-test"

    class Tokens(FakeTokens):
        def current(self):
            return secret

    jobs, shown = gets(3), []

    def respond(call):
        return Answer(500, {}, json.dumps(error("x", f"You sent {secret[:3]}")))

    graph, _session = client(respond, tokens=Tokens())
    graph.exchange(jobs, lambda job, reply: shown.append(repr((job, reply))) or ())
    assert len(shown) == 3
    assert secret not in "".join(shown)


def test_a_service_that_is_down_stops_reads_even_if_writes_are_throttled():
    workers, refused_at = DrivenWorkers(0.1), []

    def reply(call, method, path):
        if method == "POST" and (not refused_at or call.at == refused_at[0]):
            refused_at[:] = [call.at]
            if path == "/things/1/act":
                return 503, None, {"Retry-After": "30"}
            return 429, None, {"Retry-After": "5", "x-ms-throttle-scope": "Tenant_Application/Write/app/tenant"}
        return echo(call, method, path)

    graph, session = client(per_item(reply), workers)
    graph.exchange(posts(20), lambda job, reply: [Job(ANNA)] if reply.status in (429, 503) else ())
    assert not [call for call in session.calls if refused_at[0] < call.at < refused_at[0] + 30]
