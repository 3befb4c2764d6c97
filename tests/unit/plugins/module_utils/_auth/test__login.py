# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import time
from email.utils import formatdate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.frontline.entra.plugins.module_utils._auth._client_secret import ClientSecret
from ansible_collections.frontline.entra.plugins.module_utils._auth._login import MOST_TRIES, Login
from ansible_collections.frontline.entra.plugins.module_utils._auth._refusal import refused
from ansible_collections.frontline.entra.plugins.module_utils._errors import (
    AuthenticationFailed,
    OutOfTime,
    Unreachable,
)
from ansible_collections.frontline.entra.plugins.module_utils._http import (
    CONNECT,
    DROPPED,
    REDIRECT,
    TIMEOUT,
    TLS,
    NoAnswer,
)
from ansible_collections.frontline.entra.tests.unit.plugins.module_utils.fakes import (
    AUTHORITY,
    START,
    TENANT,
    DrivenWorkers,
    FakeSession,
    answer,
    granted,
    login,
)

SECRET = "s~ecret.of-the_app"
TOKEN_URL = f"{AUTHORITY}/{TENANT}/oauth2/v2.0/token"


class SignedIn:
    """The client secret method over a fake session; seconds pass at once."""

    def __init__(self, respond, deadline=None):
        workers = DrivenWorkers()
        self.session = FakeSession(respond, workers)
        self.waits = []

        def sleep(seconds):
            self.waits.append(seconds)
            workers.time += seconds

        to = Login(self.session, AUTHORITY, "https://graph.microsoft.com", deadline, workers.now, sleep)
        self.method = ClientSecret(to, TENANT, "app-id", SECRET)

    @property
    def asked(self):
        """Number of token requests."""
        return sum(call.url == TOKEN_URL for call in self.session.calls)


def refusal(description, error="invalid_client", status=401, **more):
    return answer(
        status,
        {
            "error": error,
            "error_description": description,
            "trace_id": "trace",
            "correlation_id": "mine",
            "timestamp": "2026-11-23 09:00:00Z",
            **more,
        },
    )


def test_a_secret_is_exchanged_for_a_token():
    done = SignedIn(login(granted("a-token")))
    before = time.time()
    token = done.method.token()
    assert token.value == "a-token"
    assert 3590 < token.expires_at - before < 3610
    assert done.method.sent == len(done.session.calls) == 2
    body = done.session.calls[-1].body
    assert (body["client_id"], body["client_secret"], body["grant_type"]) == ("app-id", SECRET, "client_credentials")
    assert body["scope"] == "https://graph.microsoft.com/.default"


def test_only_the_authority_is_called():
    done = SignedIn(login(granted()))
    done.method.token()
    assert [call.url.startswith(f"{AUTHORITY}/{TENANT}/") for call in done.session.calls] == [True, True]


def test_each_token_is_new():
    done = SignedIn(login(granted("one"), granted("two")))
    assert [done.method.token().value, done.method.token().value] == ["one", "two"]


@pytest.mark.parametrize(
    ("number", "advice"),
    [
        (7000215, "The client secret is wrong"),
        (7000222, "has expired"),
        (90002, "'tenant_id' and 'cloud'"),
        (900023, "Check 'tenant_id'"),
        (700016, "'client_id'"),
        (700027, "The certificate"),
        (70021, "No federated credential"),
        (700213, "subject"),
        (700024, "the clock"),
        (7000229, "service principal"),
        (70025, "Add one"),
        (53003, "policy for workload identities blocks this application"),
        (501051, "Assignment required"),
        (1002012, "'cloud'"),
        (999999, "Something new"),
    ],
)
def test_a_refusal_has_its_code_and_what_to_do(number, advice):
    done = SignedIn(login(refusal(f"AADSTS{number}: Something new {SECRET}\r\nTrace ID: x")))
    for _time in range(2):
        with pytest.raises(AuthenticationFailed, match=advice) as caught:
            done.method.token()
    assert caught.value.support == {
        "status": None,
        "code": f"AADSTS{number}",
        "request_id": "trace",
        "client_request_id": "mine",
        "date": "2026-11-23 09:00:00Z",
    }
    assert f"AADSTS{number}" in caught.value.message
    assert (done.asked, done.waits) == (2, []), "asked once each time, with no wait"


@pytest.mark.parametrize(("number", "helps"), [(65001, True), (650057, True), (700016, True), (7000215, False)])
def test_a_missing_consent_has_its_link(number, helps):
    with pytest.raises(AuthenticationFailed) as caught:
        SignedIn(login(refusal(f"AADSTS{number}: x"))).method.token()
    link = f"{AUTHORITY}/{TENANT}/adminconsent?client_id=app-id"
    assert caught.value.message.endswith(link) is helps


@pytest.mark.parametrize(
    ("reply", "code", "words"),
    [
        (refusal("No code in here."), "invalid_client", "No code in here"),
        (refusal("No code.", error_codes=[7000215]), "AADSTS7000215", "The client secret is wrong"),
        (refusal(""), "invalid_client", "invalid_client"),
        (answer(400, {"error_description": "AADSTS7000215: x"}), "AADSTS7000215", "The client secret is wrong"),
        (refusal("AADSTS999: Gone. Trace ID: t1 Correlation ID: c1"), "AADSTS999", r"refused \(AADSTS999\)\. Gone\.$"),
        (answer(200, {"error": "invalid_request"}), "invalid_request", "invalid_request"),
        (answer(200, {"error": "x", "error_description": None}), "x", "x"),
    ],
)
def test_a_refusal_without_a_code(reply, code, words):
    with pytest.raises(AuthenticationFailed, match=words) as caught:
        SignedIn(login(reply)).method.token()
    assert caught.value.support["code"] == code


def test_a_refusal_shows_neither_tokens_nor_numbers():
    description = "AADSTS50000: client_secret=hunter2 eyJhbGciOi.eyJhdWQiOiJ.c2ln +1 2065550142"
    with pytest.raises(AuthenticationFailed) as caught:
        SignedIn(login(refusal(description))).method.token()
    assert not any(secret in caught.value.message for secret in ("hunter2", "eyJ", "2065550142"))


json_values = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.lists(st.integers() | st.text() | st.dictionaries(st.text(), st.none()), max_size=2)
)


@given(
    st.dictionaries(
        st.sampled_from(["error", "error_description", "error_codes", "trace_id", "timestamp"]), json_values
    )
)
def test_any_refusal_is_reported(body):
    failure = refused(body)
    assert failure.message.startswith("The login refused (")
    assert all(value is None or isinstance(value, str) for value in failure.support.values())


@pytest.mark.parametrize(
    ("reply", "waits"),
    [
        (answer(429, {"error": "x"}, retry_after="7"), [7.0]),
        (answer(429, None, retry_after="0.5"), [0.5]),
        (answer(503, "<html>", retry_after="11"), [11.0]),
        (answer(500, {}), None),
        (answer(504), None),
        (answer(429, None, retry_after="soon"), None),
    ],
)
def test_a_busy_login_is_retried_later(reply, waits):
    done = SignedIn(login(reply, granted()))
    assert done.method.token().value == "a-token"
    assert done.asked == 2
    if waits is None:
        assert 0.375 <= done.waits[0] <= 0.625
    else:
        assert done.waits == waits


@pytest.mark.parametrize("ahead", [0, 3600, -3600])
def test_a_wait_that_is_a_date(ahead):
    """The clock of the login counts."""
    dates = {
        name: formatdate(time.time() + ahead + seconds, usegmt=True)
        for name, seconds in (("date", 0), ("retry_after", 20))
    }
    done = SignedIn(login(answer(429, None, **dates), granted()))
    done.method.token()
    assert done.waits == [pytest.approx(20, abs=2)]


def test_an_always_busy_login_is_given_up():
    done = SignedIn(login(answer(503)))
    with pytest.raises(Unreachable, match="too busy"):
        done.method.token()
    assert (done.asked, len(done.waits)) == (MOST_TRIES, MOST_TRIES - 1)
    assert sum(done.waits) < 15


@pytest.mark.parametrize(
    ("wait", "deadline", "failure"),
    [
        ("301", None, Unreachable),
        ("301", START + 30, Unreachable),
        ("60", START + 30, OutOfTime),
        ("31", START + 30, OutOfTime),
    ],
)
def test_a_wait_that_is_too_long_is_not_started(wait, deadline, failure):
    done = SignedIn(login(answer(429, None, retry_after=wait), granted()), deadline)
    with pytest.raises(failure):
        done.method.token()
    assert done.waits == []


@pytest.mark.parametrize(
    "reply",
    [answer(200, "<html>Sign in to the network</html>"), answer(400, "<html>"), answer(407, ""), answer(200, "[]")],
)
def test_the_page_of_a_proxy_is_recognised(reply):
    done = SignedIn(login(reply))
    with pytest.raises(Unreachable, match="page of a proxy"):
        done.method.token()
    assert done.asked == 1


def test_the_page_of_a_proxy_is_recognised_at_discovery():
    done = SignedIn(lambda call: answer(200, "<html>"))
    with pytest.raises(Unreachable, match="page of a proxy"):
        done.method.token()
    assert len(done.session.calls) == 1


def test_a_tenant_that_is_unknown_at_discovery():
    body = {
        "error": "invalid_tenant",
        "error_description": "AADSTS90002: Tenant 'x' not found.",
        "error_codes": [90002],
    }
    done = SignedIn(lambda call: answer(400, body))
    with pytest.raises(AuthenticationFailed, match="no such tenant") as caught:
        done.method.token()
    assert (caught.value.support["code"], len(done.session.calls)) == ("AADSTS90002", 1)


@pytest.mark.parametrize("kind", [TIMEOUT, TLS, REDIRECT])
def test_no_answer_is_reported(kind):
    done = SignedIn(login(NoAnswer(kind, "login.contoso.example is silent.")))
    with pytest.raises(Unreachable, match=r"The login: login\.contoso\.example is silent\."):
        done.method.token()
    assert done.asked == 1


@pytest.mark.parametrize(
    "respond",
    [
        lambda call: answer(200, {}),
        lambda call: answer(200, {"authorization_endpoint": 5, "token_endpoint": 5, "issuer": 5}),
        login(granted(None)),
        login(granted(17)),
        login(granted("t", expires_in="soon")),
        login(answer(200, {"token_type": "Bearer"})),
    ],
)
def test_unexpected_json_is_an_error_of_the_login(respond):
    with pytest.raises((AuthenticationFailed, Unreachable)) as caught:
        SignedIn(respond).method.token()
    assert SECRET not in caught.value.message


# -- temporary failures


@pytest.mark.parametrize("kind", [DROPPED, CONNECT])
def test_a_broken_connection_is_retried(kind):
    done = SignedIn(login(NoAnswer(kind, "It broke."), NoAnswer(kind, "It broke."), granted()))
    assert done.method.token().value == "a-token"
    assert (done.asked, len(done.waits)) == (3, 2)


@pytest.mark.parametrize(("kind", "tries"), [(DROPPED, 3), (CONNECT, 2), (TIMEOUT, 1), (TLS, 1)])
def test_a_login_that_never_answered_is_given_up_sooner(kind, tries):
    def silent(call):
        raise NoAnswer(kind, "Nothing.")

    done = SignedIn(silent)
    with pytest.raises(Unreachable, match="The login: Nothing"):
        done.method.token()
    assert (len(done.session.calls), done.method.sent) == (tries, tries)


@pytest.mark.parametrize("status", [200, 400, 401])
@pytest.mark.parametrize(
    "body",
    [
        {"error": "temporarily_unavailable"},
        {"error": "server_error", "error_description": "Something."},
        {"error": "invalid_request", "error_description": "AADSTS90033: A transient error has occurred."},
        {"error": "invalid_request", "error_codes": [50087]},
    ],
)
def test_a_temporary_refusal_is_retried_with_any_status(status, body):
    done = SignedIn(login(answer(status, body), granted()))
    assert done.method.token().value == "a-token"
    always = SignedIn(login(answer(status, body)))
    with pytest.raises(Unreachable, match="run again later"):
        always.method.token()
    assert always.asked == MOST_TRIES


@pytest.mark.parametrize("expires_in", ["1e999", "-5", "0", '"3600"', "null", "[]", "1e400", "NaN"])
def test_any_lifetime_is_accepted(expires_in):
    reply = f'{{"token_type": "Bearer", "access_token": "a-token", "expires_in": {expires_in}}}'
    try:
        token = SignedIn(login(answer(200, reply))).method.token()
    except AuthenticationFailed as error:
        assert "MSAL cannot use" in error.message
    else:
        assert token.value == "a-token" and not token.expiring(time.time())


@pytest.mark.parametrize("token", ["a b", "a\n", "t\u00f6ken", "\u20ac", "a\u2028b"])
def test_a_token_that_is_invalid_in_a_header_is_refused_and_not_shown(token):
    with pytest.raises(AuthenticationFailed, match="cannot be sent") as caught:
        SignedIn(login(granted(token))).method.token()
    assert token not in caught.value.message


def test_a_number_of_five_thousand_digits_is_no_code():
    with pytest.raises(AuthenticationFailed) as caught:
        SignedIn(login(refusal("AADSTS" + "7" * 5000))).method.token()
    assert caught.value.support["code"] == "invalid_client"


# -- time


def hanging(call):
    time.sleep(5)


def test_a_login_that_hangs_is_given_up_when_the_run_ends():
    session = FakeSession(hanging, DrivenWorkers())
    method = ClientSecret(
        Login(session, AUTHORITY, "https://graph.microsoft.com", time.monotonic() + 0.2), TENANT, "app-id", SECRET
    )
    begin = time.monotonic()
    with pytest.raises(OutOfTime, match="'run_timeout'"):
        method.token()
    assert 0.15 < time.monotonic() - begin < 4


def test_a_login_whose_head_never_ends_is_given_up_without_a_limit_of_the_run():
    session = FakeSession(hanging, DrivenWorkers())
    method = ClientSecret(
        Login(session, AUTHORITY, "https://graph.microsoft.com", timeout=0.1), TENANT, "app-id", SECRET
    )
    begin = time.monotonic()
    with pytest.raises(Unreachable, match="did not answer in 0.1 s"):
        method.token()
    assert 1 < time.monotonic() - begin < 4


@pytest.mark.parametrize(("left", "limit"), [(None, 75.0), (100.0, 75.0), (30.0, 30.0)])
def test_the_login_has_the_time_left_of_the_run(left, limit):
    deadline = None if left is None else START + left
    done = SignedIn(login(granted()), deadline)
    done.method.token()
    assert {call.limit for call in done.session.calls} == {limit}


def test_nothing_is_sent_after_the_end_of_the_run():
    done = SignedIn(login(granted()), START)
    with pytest.raises(OutOfTime):
        done.method.token()
    assert done.session.calls == []


# -- discovery


ENDPOINTS = [
    "https://evil.example/token",
    "http://login.contoso.example/token",
    "https://login.contoso.example@evil.example/token",
    "https://login.contoso.example:444/token",
    "https://login.contoso.example.evil.example/token",
    "https://login.microsoftonline.com/token",
]


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_discovery_cannot_send_the_secret_to_another_host(endpoint):
    found = {
        "issuer": f"{AUTHORITY}/{TENANT}/v2.0",
        "authorization_endpoint": f"{AUTHORITY}/authorize",
        "token_endpoint": endpoint,
    }
    done = SignedIn(lambda call: answer(200, found))
    with pytest.raises(AuthenticationFailed, match="another place to sign in") as caught:
        done.method.token()
    assert "@" not in caught.value.message
    assert [call.method for call in done.session.calls] == ["GET"]
