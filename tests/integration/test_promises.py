# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Guarantees of any run: any tenant, any faults at any time, any input, run after run, on a driven clock.

`make fuzz` tries many more sequences than the tests do, and others each time.
"""

from __future__ import annotations

import json
import os
import re
import tempfile
from functools import cached_property
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote

import pytest
from hypothesis import HealthCheck, Phase, note, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from ansible_collections.frontline.entra.plugins.module_utils._domain._states import PREVIOUS
from ansible_collections.frontline.entra.plugins.module_utils._errors import InvalidFile
from ansible_collections.frontline.entra.plugins.module_utils._results._message import describe, run_reason
from ansible_collections.frontline.entra.plugins.module_utils._results._outcomes import summarise
from ansible_collections.frontline.entra.plugins.module_utils._results._report import ReportFile
from ansible_collections.frontline.entra.plugins.module_utils._results._undo import users_from
from ansible_collections.frontline.entra.plugins.module_utils._run._admins import Admins
from ansible_collections.frontline.entra.plugins.module_utils._run._limits import ChangeLimit
from ansible_collections.frontline.entra.plugins.module_utils._run._other_methods import NoOtherMethod
from ansible_collections.frontline.entra.plugins.module_utils._run._selection import Scope
from ansible_collections.frontline.entra.tests.unit.plugins.module_utils.orders import order_of
from driven import World
from integration.tenants import CLIENT_ID, ROLES, app, tenant

SEQUENCES = int(os.environ.get("SEQUENCES") or 0)
MOBILE = "3179e48a-750b-4051-897c-87b9720928f7"
USERS = 8
NAMES = [f"p{number}@contoso.example" for number in range(1, USERS + 1)]
SHARED = "+1 2065550177"
CROWD = [f"crowd{number:02}@contoso.example" for number in range(1, 31)]
STRANGE = [
    "nobody@contoso.example",
    "a?c#d@contoso.example",
    "me2@contoso.example",
    "x'y@contoso.example",
    "x" * 300 + "@x",
]

OFF = {"notEnabled", "notConfigured", "notAllowedByPolicy", "phoneNumberNotUnique", "notSupported", "noMobilePhone"}
USER_REASONS = {
    *("no_mobile_phone", "not_allowed_by_policy", "phone_number_not_unique", "not_supported", "user_not_found"),
    *("account_disabled", "guest", "privileged_user", "not_in_report", "no_other_method"),
    *("forbidden", "unverified", "throttled", "unknown_state", "service_error", "skipped"),
}
RUN_REASONS = {
    *("some_users_failed", "incomplete", "too_many_changes", "authentication_failed", "permission_missing"),
    *("group_not_found", "group_ambiguous", "group_empty", "exclude_not_found", "unreachable", "invalid_options"),
    *("licence_missing", "report_empty"),
}
TOLERABLE = sorted(USER_REASONS - {"forbidden", "unverified", "throttled", "unknown_state", "service_error", "skipped"})
SAID_BY_GRAPH = {"user_not_found", "forbidden", "permission_missing", "group_not_found", "exclude_not_found"}
"""Reasons that only an answer with Graph's error envelope can give."""

KEYS = {
    *("user", "id", "state", "previous_state", "changed", "failed", "reason", "msg", "phone_number", "support"),
    "other_methods",
}
_REPORT = "userRegistrationDetails"
NUMBER = re.compile(r"20655501\d\d|1632960\d\d\d")
"""Any number of the tenant, in a text without blanks."""

LONGEST = 7200.0
"""Seconds that a run without `run_timeout` takes at most, for any waits that the service requests."""

ONE_FAILS = 400.0
"""Seconds that a run takes at most in which one user fails and all others are served."""

# -- inputs

phones = st.sampled_from([None, "own", "own", "own", "shared"])
states = st.sampled_from([None] * 8 + ["notSupported", "notConfigured", "unknownFutureValue", "null", "absent"])
quirks = st.sampled_from(
    [{}] * 6
    + [{"by_name": "noop"}, {"enable": "never"}, {"disable": "never"}, {"forbidden": True}]
    + [{"lag": 3.0}, {"lag": 20.0}, {"flicker": True, "lag": 1.0}]
)


methods = st.sampled_from([[], [], ["fido2"], ["email", "fido2"], [{"temporaryAccessPass": {"isUsable": False}}]])
admins = st.sampled_from([False] * 5 + [True, None])
required = st.sampled_from([[], ["fido2"], ["email", "temporaryAccessPass"]])


@st.composite
def users(draw):
    found, taken = [], False
    for number, name in enumerate(NAMES, 1):
        # The first few can be switched by hand.
        phone, state = "own" if number <= 3 else draw(phones), draw(states)
        user = {"name": name, **draw(quirks)}
        if phone is not None:
            user["mobile"] = f"+1 20655501{number:02}" if phone == "own" else SHARED
            # A number signs in one user only.
            user["sms_sign_in"] = draw(st.booleans()) and (phone == "own" or not taken)
            taken = taken or (phone == "shared" and user["sms_sign_in"])
            if state is not None:
                user["state"] = state
        user["methods"], user["admin"] = draw(methods), draw(admins)
        if draw(st.integers(0, 9)) == 0:
            user["guest"] = True
        if draw(st.integers(0, 9)) == 0:
            user["enabled"] = False
        found.append(user)
    return found


subsets = st.lists(st.sampled_from(NAMES), unique=True)
waits = st.sampled_from(["0", "1", "2.5", "30", "400", "5000", "soon", None])
scopes = st.sampled_from([None, None, "Read", "Write", "ReadWrite"])


@st.composite
def throttling(draw):
    wait, scope = draw(waits), draw(scopes)
    headers = {} if wait is None else {"Retry-After": wait}
    if scope:
        headers["x-ms-throttle-scope"] = f"Tenant_Application/{scope}/app/tenant"
    return {"status": draw(st.sampled_from([429, 429, 503, 509])), "headers": headers, "apply": draw(st.booleans())}


errors = st.builds(
    lambda status, apply: {"status": status, "apply": apply},
    st.sampled_from([400, 401, 403, 404, 405, 408, 409, 423, 424, 500, 501, 502, 503, 504, 507]),
    st.booleans(),
)
breaks = st.sampled_from(
    [
        {"drop": "before"},
        {"drop": "after"},
        {"truncate": 40},
        {"hang": 100.0},
        {"delay": 5.0},
        {"delay": 80.0},
        {"status": 200, "body": "<html>proxy</html>"},
        {"status": 502, "body": "<html>proxy</html>"},
        # Faults that show late: an answer that takes long, a success without effect.
        {"status": 500, "delay": 20.0},
        {"status": 500, "delay": 20.0, "apply": True},
        {"status": 204},
        {"status": 204},
        {"redirect": "https://elsewhere.example/"},
        {"expire_tokens": True},
        {"status": 409, "code": "phoneNumberNotUnique", "message": "+1 2065550177 is taken"},
        {"headers": {"x-ms-throttle-limit-percentage": "0.9"}},
    ]
)
foreign = st.builds(
    lambda status, body: {"status": status, "body": body},
    st.sampled_from([400, 401, 403, 404, 407, 511]),
    st.sampled_from(["<html>proxy</html>", "", {"message": "Forbidden"}, {"error": "access_denied"}]),
)
spoilt = st.sampled_from([{"items": how} for how in ("shuffle", "drop:2", "twice:2", "no_body")])
hands = st.sampled_from(
    [{"state": {"user": name, "sms_sign_in": on}} for name in NAMES[:3] for on in (True, False)]
    + [{"state": {"policy": {"state": state}}} for state in ("enabled", "disabled")]
)
requests = st.sampled_from(
    [
        {},
        {"method": "GET"},
        {"method": "POST"},
        {"path": "SmsSignIn$"},
        {"path": "phoneMethods$"},
        {"path": "transitiveMembers"},
        {"path": "authentication/methods$"},
        {"path": "userRegistrationDetails"},
        {"path": "select=id,userPrincipalName"},
        {"user": NAMES[0]},
        {"user": NAMES[1], "method": "POST"},
    ]
)


@st.composite
def faults(draw):
    skip, times = draw(st.integers(0, 12)), draw(st.integers(1, 25))
    fault = {"skip": skip, "times": times}
    if draw(st.integers(0, 3)) == 0:
        return {
            **fault,
            "match": {"outer": True},
            "then": draw(st.one_of(throttling(), errors, breaks, foreign, spoilt)),
        }
    return {**fault, "match": draw(requests), "then": draw(st.one_of(throttling(), errors, breaks, foreign, hands))}


@st.composite
def outages(draw):
    """The service is down for all, for seconds or minutes, from some moment on."""
    start, length = (
        draw(st.sampled_from([0.0, 0.2, 0.5, 2.0, 10.0])),
        draw(st.sampled_from([1.0, 5.0, 40.0, 110.0, 400.0])),
    )
    then = draw(st.sampled_from([{"drop": "before"}, {"status": 503}, {"hang": 200.0}]))
    return [
        {"match": {"outer": outer}, "times": None, "within": [start, start + length], "then": then}
        for outer in (True, False)
    ]


singled_out = st.builds(
    lambda name, method, status, wait: {
        "match": {"user": name, **method},
        "times": None,
        "then": {"status": status, "headers": wait if status == 429 else {}},
    },
    st.sampled_from([NAMES[0], NAMES[1], CROWD[0], CROWD[15]]),
    st.sampled_from([{}, {"method": "GET"}, {"method": "POST"}]),
    st.sampled_from([401, 403, 429, 500, 503]),
    st.sampled_from([{}, {"Retry-After": "1"}, {"Retry-After": "5"}]),
)
"""One user whose requests always fail, also inside of batches."""


names = st.one_of(
    st.sampled_from(NAMES), st.sampled_from(NAMES), st.sampled_from(NAMES).map(str.upper), st.sampled_from(STRANGE)
)
inputs = st.lists(st.tuples(names, st.booleans()), max_size=10)
orders = st.fixed_dictionaries(
    {
        "wanted": st.sampled_from(["enabled", "disabled"]),
        "check_mode": st.booleans(),
        "tolerate": st.lists(st.sampled_from(TOLERABLE), unique=True),
        "max_changes": st.none() | st.none() | st.integers(0, 12),
        "max_failures": st.none() | st.none() | st.integers(1, 3),
        "change_limit": st.none()
        | st.lists(st.builds(ChangeLimit, st.integers(0, 60), st.booleans()), min_size=1, max_size=3),
        "verify_timeout": st.sampled_from([0.0, 5.0, 60.0, 60.0]),
        "run_timeout": st.sampled_from([None, None, 1.0, 10.0, 100.0]),
    }
)
NO_LIMITS = {"max_changes": None, "max_failures": None, "change_limit": None, "run_timeout": None, "tolerate": ()}


class KeptReport(ReportFile):
    """A report that remembers every state it was saved in, as a run that is killed may leave it."""

    def __init__(self, path, order, clock):
        super().__init__(path, order.check_mode, order.goal.desired, clock=clock)
        self.path = Path(path)
        self.states = []

    def save(self, run_outcomes, finished):
        super().save(run_outcomes, finished)
        if self.path.exists():
            self.states.append(self.path.read_bytes())


class Record(NamedTuple):
    """A report with the users that its run certainly changed or wrote to, and users that it may have written to."""

    report: bytes
    ending: str
    surely: set
    perhaps: set


class Finished:
    """A finished run, and its calls."""

    def __init__(self, world, order, report=None, stop_after=None):
        self.world, self.order, self.warnings, self.stop_after = world, order, [], stop_after
        world.session.exchanges.clear()
        world.clear_journal()
        self.started = world.loop.time()
        save = report.save_now_and_then if report else lambda outcomes: None
        self.run, self.error = world.reconcile(
            order, CLIENT_ID, login_takes=0.05, warn=self.warnings.append, progress=save, stop_after=stop_after
        )
        self.seconds = world.loop.time() - self.started
        # A copy: requests under way at the end of a run are still answered.
        self.exchanges = [
            (one.sent_at, one.done_at, list(zip(one.requests, one.replies or [(None, {}, None)] * len(one.requests))))
            for one in world.session.exchanges
        ]
        self.journal = world.journal()
        self.outcomes = self.run.outcomes
        self.names = {}
        if report:
            report.save(self.outcomes, finished=True)
            self.warnings.append(report.notice or "")

    # -- observations

    def whom(self, address):
        """One name for a user, however the user is addressed."""
        if address not in self.names:
            found = self.world.directory.find(address)
            self.names[address] = found.name if found else address.casefold()
        return self.names[address]

    @cached_property
    def requests(self):
        """(sent at, done at, method, rest of the path, whom, reply) of every request about one user."""
        found = []
        for sent_at, done_at, pairs in self.exchanges:
            for (method, url), reply in pairs:
                user = re.match(r"/users/([^/?]+)(.*)", url)
                if user:
                    found.append((sent_at, done_at, method, user.group(2), self.whom(unquote(user.group(1))), reply))
        return found

    @cached_property
    def events(self):
        """(time, what, whom, state): every write as it was sent, every state as it was shown."""
        found = []
        for sent_at, done_at, method, path, whom, (status, _headers, body) in self.requests:
            if not path.startswith("/authentication/phoneMethods"):
                continue
            if method == "POST":
                found.append((sent_at, 1, "write", whom, None))
            elif status == 200 and isinstance(body, dict) and isinstance(body.get("value"), list):
                mobile = [one for one in body["value"] if one["id"] == MOBILE]
                state = mobile[0].get("smsSignInState") if mobile else "noMobilePhone"
                found.append((done_at, 0, "shown", whom, state))
        # What is shown at the moment of a write was known when it was sent.
        return [(event[0], *event[2:]) for event in sorted(found, key=lambda event: event[:2])]

    def as_wanted(self, state):
        return state == "ready" if self.order.goal.desired == "enabled" else state in OFF

    @cached_property
    def written(self):
        """The users that a write was sent to."""
        return {whom for _at, what, whom, _state in self.events if what == "write"}

    def of_kind(self, *kinds):
        return {self.whom(one.id or one.user) for one in self.outcomes if one.kind in kinds}

    # -- guarantees

    def assert_guarantees(self):
        self.assert_no_user_is_lost()
        self.assert_everything_is_typed()
        self.assert_no_number_is_shown()
        self.assert_verdicts_are_graphs_own()
        self.assert_excluded_users_are_unchanged()
        self.assert_writes_are_needed_and_changes_are_seen()
        self.assert_the_allowance_holds()
        self.assert_nothing_is_sent_during_a_wait()
        assert self.seconds <= (
            LONGEST if self.order.limits.run_timeout is None else self.order.limits.run_timeout + 0.2
        )
        if self.order.check_mode:
            assert not [entry for entry in self.journal if entry.write]

    def assert_no_user_is_lost(self):
        summary = summarise(self.outcomes)
        assert (
            summary["total"]
            == len(self.outcomes)
            == sum(count for kind, count in summary.items() if kind not in ("total", "reasons"))
        )
        seen = [self.whom(outcome.id or outcome.user) for outcome in self.outcomes]
        if self.error is None:
            scope = self.order.subjects.scope
            meant = {self.whom(name) for name in scope.users} | self.members(scope.groups)
            meant |= self.registered() if scope.registered else set()
            meant -= {self.whom(name) for name in scope.exclude_users} | self.members(scope.exclude_groups)
            assert set(seen) == meant
            if not any("counted twice" in warning for warning in self.warnings):
                assert len(seen) == len(meant)

    def members(self, groups):
        directory = self.world.directory
        found = [one for group in groups for one in directory.transitive_members(directory.group_id(group))]
        return {one.name for one in found if one.kind == "user"}

    def registered(self):
        found = self.world.directory.users()
        return {one.name for one in found if "mobilePhone" in one.registered}

    def assert_everything_is_typed(self):
        for outcome in self.outcomes:
            entry = outcome.entry()
            assert set(entry) == KEYS
            assert (entry["reason"] in USER_REASONS) is (outcome.kind in ("failed", "refused", "skipped"))
            assert entry["msg"]
            assert outcome.kind != "refused" or entry["reason"] in self.order.limits.tolerate
            assert (
                entry["support"] is None
                or entry["support"]["status"] is None
                or isinstance(entry["support"]["status"], int)
            )
        reason = run_reason(self.error, self.run.stopped, summarise(self.outcomes))
        failed = any(outcome.kind in ("failed", "skipped") for outcome in self.outcomes)
        assert reason in RUN_REASONS if failed or self.error else reason in RUN_REASONS | {None}
        if self.error:
            assert self.error.message
            support = self.error.support
            assert support is None or support["status"] is None or isinstance(support["status"], int)

    def assert_no_number_is_shown(self):
        order = self.order
        problem = self.error.message if self.error else self.run.stopped
        said = describe(self.outcomes, order.goal.words, order.check_mode, problem)
        shown = [
            said,
            problem,
            self.error and self.error.support,
            self.warnings,
            [one.entry() for one in self.outcomes],
        ]
        assert not NUMBER.search(json.dumps(shown).replace(" ", ""))

    def assert_verdicts_are_graphs_own(self):
        """A page of a proxy is no evidence about a user or a permission."""
        refused = set()
        for _sent_at, _done_at, pairs in self.exchanges:
            for (_method, url), (status, headers, body) in pairs:
                own = isinstance(body, dict) and isinstance(body.get("error"), dict)
                if (
                    status is not None
                    and status >= 400
                    and (own or "bearer" in headers.get("www-authenticate", "").lower())
                ):
                    user = re.match(r"/users/([^/?]+)", url)
                    refused.add(self.whom(unquote(user.group(1))) if user else None)
        for outcome in self.outcomes:
            if outcome.reason in SAID_BY_GRAPH:
                assert self.whom(outcome.user) in refused or self.whom(outcome.id or outcome.user) in refused, outcome
        assert not self.error or self.error.reason not in SAID_BY_GRAPH or refused

    def assert_excluded_users_are_unchanged(self):
        scope = self.order.subjects.scope
        excluded = {self.whom(name) for name in scope.exclude_users} | self.members(scope.exclude_groups)
        assert not excluded & self.written

    def assert_writes_are_needed_and_changes_are_seen(self):
        latest, written, verified = {}, set(), set()
        for _at, what, whom, state in self.events:
            if what == "write":
                assert whom in latest, f"{whom} was written to unread"
                assert not self.as_wanted(latest[whom]) and whom not in verified, f"{whom} was as wanted"
                written.add(whom)
            else:
                latest[whom] = state
                if self.as_wanted(state) and whom in written:
                    verified.add(whom)
        if self.order.check_mode:
            return
        changed = [outcome for outcome in self.outcomes if outcome.kind == "changed"]
        named = {self.whom(outcome.id or outcome.user) for outcome in changed}
        assert named <= verified
        # An interrupted run may not have handled its last answers.
        assert named == verified or self.stop_after is not None
        for outcome in changed:
            assert self.as_wanted(outcome.state) and not self.as_wanted(outcome.previous_state)

    def assert_the_allowance_holds(self):
        """With `max_failures` at most 20 users, and 2 more for each verified one, are written to and not settled."""
        if self.order.limits.max_failures is None:
            return
        first, last = {}, {}
        for sent_at, done_at, method, _path, whom, _reply in self.requests:
            if method == "POST":
                first.setdefault(whom, sent_at)
            last[whom] = max(done_at, last.get(whom, 0.0))
        verified = {}
        for at, what, whom, state in self.events:
            if what == "shown" and self.as_wanted(state) and first.get(whom, at) < at:
                verified.setdefault(whom, at)
        for now in first.values():
            waiting = [whom for whom, sent_at in first.items() if sent_at <= now < last[whom]]
            assert len(waiting) <= 20 + 2 * sum(at <= now for at in verified.values())

    def assert_nothing_is_sent_during_a_wait(self):
        """The registration report, which has a quota of its own, has waits of its own."""
        for _sent_at, done_at, pairs in self.exchanges:
            for request, (status, headers, _body) in pairs:
                try:
                    seconds = float(headers.get("retry-after", ""))
                except ValueError:
                    continue
                if status not in (429, 509, 503):
                    continue
                # A wait that no run takes, beside served requests, is that of one user.
                if seconds > 900 and any(
                    other in (200, 204, 400, 403, 404, 405, 409) for _one, (other, *_rest) in pairs
                ):
                    continue
                scope = headers.get("x-ms-throttle-scope", "").split("/") + [""]
                kinds = {"Read": {"GET"}, "Write": {"POST"}}.get(scope[1] if status != 503 else "", {"GET", "POST"})
                for sent_at, _done_at, others in self.exchanges:
                    if (_REPORT in request[1]) is not (_REPORT in others[0][0][1]):
                        continue
                    sent_in_it = done_at + 1e-6 < sent_at < done_at + seconds - 1e-6
                    assert not (sent_in_it and others[0][0][0] in kinds), "something was sent during a wait"

    # -- its report

    def records(self, report):
        """The report of the run as it was saved at first, before its end, and at its end, if users may have changed."""
        if not self.of_kind("changed") | self.written:
            return []
        planned = {self.whom(one.id or one.user) for one in self.outcomes if not self.as_wanted(one.previous_state)}
        reported = {self.whom(one.id or one.user) for one in self.outcomes if one.written or one.kind == "changed"}
        assert self.written <= reported if self.stop_after is None else True
        ending = report.path.suffix
        last = Record(report.states[-1], ending, self.written, reported)
        return [Record(state, ending, self.written, planned) for state in (report.states[0], report.states[-2])] + [
            last
        ]


class Sequence(RuleBasedStateMachine):
    """One tenant and what happens to it: faults, changes by hand, runs and roll-backs; at the end, calm."""

    @initialize(
        all_users=users(),
        frontline=subsets,
        barred=subsets,
        lag=st.sampled_from([0.0, 0.0, 4.0]),
        names=st.integers(0, 3),
    )
    def begin(self, all_users, frontline, barred, lag, names):
        self.quirky = {one["name"] for one in all_users if {"enable", "disable"} & set(one)}
        # Where a write by name has an effect for others, no write is repeated by id.
        self.unreached = self.quirky | {one["name"] for one in all_users if "by_name" in one and names}
        # The user that gets a shared number is not predictable if the state of one of the users hides it.
        sharing = [one for one in all_users if one.get("mobile") == SHARED]
        hiding = {"enable", "disable", "by_name", "forbidden", "state", "guest"}
        hidden = any(hiding & set(one) or one["name"] in barred for one in sharing)
        unsure = {one["name"] for one in sharing if hidden}
        # The state behind this one shows after the write.
        unsure |= {one["name"] for one in all_users if one.get("state") == "notConfigured"}
        self.predictable = set(NAMES) - self.unreached - unsure
        self.lag, self.timers, self.records = lag, [], []
        groups = [{"name": "Frontline", "members": frontline}, {"name": "Barred", "members": barred}]
        crowd = {"count": len(CROWD), "name": "crowd{n:02}@contoso.example", "mobile": "+44 1632960{n:03}"}
        groups.append({"name": "Crowd", "members_match": "crowd*"})
        policy = {
            "state": "enabled",
            "include": [{"group": "all_users", "sign_in": True}],
            "exclude": [{"group": "Barred"}],
        }
        self.world = World(
            tenant(
                *all_users,
                crowd,
                apps=[
                    app(
                        roles=[*ROLES, "AuditLog.Read.All"],
                        entra_roles=["Privileged Authentication Administrator"],
                    )
                ],
                groups=groups,
                policy=policy,
                switches={"visibility_lag": lag, "by_name": "works" if names else "noop"},
                service_time={"per_call": 0.05},
            )
        )
        self.folder = tempfile.TemporaryDirectory()

    @rule(fault=faults())
    def a_fault_comes_up(self, fault):
        self.world.inject(fault)

    @rule(faults=outages())
    def an_outage_comes_up(self, faults):
        self.world.inject(faults)

    @rule(fault=singled_out)
    def a_user_is_singled_out(self, fault):
        self.world.inject(fault)

    @rule(step=st.sampled_from([1.0, 4.0, 15.0]), every=st.sampled_from([0.1, 1.0, 20.0]))
    def the_lag_grows(self, step, every):
        for number in range(1, 5):
            timer = self.world.loop.call_later(number * every, self.world.switch, "visibility_lag", number * step)
            self.timers.append(timer)

    @rule(name=st.sampled_from(NAMES[:3]), on=st.booleans())
    def a_user_is_switched_by_hand(self, name, on):
        self.world.change(name, sms_sign_in=on)

    @rule(quota=st.sampled_from([None, 3.0, 20.0]), window=st.sampled_from([1.0, 10.0]), reported=st.booleans())
    def the_quota_changes(self, quota, window, reported):
        given = {"phone_methods_per_second": quota, "window": window, "percentage": reported}
        self.world.set_quota(given)

    @rule(
        given=inputs,
        groups=st.lists(st.sampled_from(["Frontline", "Crowd"]), unique=True),
        excluded=st.lists(st.tuples(st.sampled_from(NAMES), st.booleans()), max_size=2),
        barred=st.sampled_from([[], [], ["Barred"]]),
        order=orders,
        report=st.sampled_from([None, "report.csv", "report.json"]),
        stop_after=st.sampled_from([None, None, None, 0.1, 0.3, 1.0, 20.0]),
    )
    def a_run(self, given, groups, excluded, barred, order, report, stop_after):
        scope = Scope(self.addressed(given), groups, self.addressed(excluded), barred)
        self.carry_out(order_of(scope, **order), report, stop_after)

    @rule(
        given=inputs,
        groups=st.lists(st.sampled_from(["Frontline", "Crowd"]), unique=True),
        registered=st.booleans(),
        exclude_admins=st.booleans(),
        required=required,
        order=orders,
        stop_after=st.sampled_from([None, None, None, 0.3, 20.0]),
    )
    def a_careful_run(self, given, groups, registered, exclude_admins, required, order, stop_after):
        """With any faults, no administrator and no user without another method is written to."""
        wanted = {"wanted": "disabled"} if required else {}
        made = order_of(Scope(self.addressed(given), groups, registered=registered), **{**order, **wanted})
        doubts = [*made.doubts, *([Admins()] if exclude_admins else [])]
        doubts += [NoOtherMethod(required)] if required else []
        finished = self.carry_out(made._replace(doubts=doubts), None, stop_after)
        for name in finished.written:
            user = self.world.directory.find(name)
            assert not required or set(required) & {kind for kind in user.spec.methods if isinstance(kind, str)}
            assert not exclude_admins or (user.spec.admin is False and user.registered)

    @rule(fault=singled_out, wanted=st.sampled_from(["enabled", "disabled"]))
    def one_user_fails_and_no_other(self, fault, wanted):
        self.recover()
        for name in CROWD:
            self.world.change(name, sms_sign_in=wanted == "disabled")
        name = fault["match"]["user"]
        order = order_of(Scope([name, *NAMES], ["Crowd"]), wanted=wanted, **NO_LIMITS)
        self.look_twice(order)
        self.world.inject(fault)
        finished = self.carry_out(order)
        assert finished.error is None and finished.run.stopped is None
        assert finished.seconds <= ONE_FAILS
        self.assert_done(finished, {name})
        self.world.end_faults()

    @precondition(lambda self: getattr(self, "records", None))
    @rule(which=st.integers(0, 50), calm=st.booleans())
    def a_run_is_rolled_back(self, which, calm):
        record = self.records[which % len(self.records)]
        listed = self.read(record)
        order = order_of(Scope(listed.users), wanted=listed.state, **NO_LIMITS)
        if calm:
            self.recover()
            self.look_twice(order)
        finished = self.carry_out(order)
        assert finished.written <= {finished.whom(user) for user in listed.users}
        if calm:
            self.assert_done(finished)

    def read(self, record):
        """The users that a record lists: those that its run changed or may have changed."""
        path = Path(self.folder.name, f"rolled-back{record.ending}")
        path.write_bytes(record.report)
        listed = users_from(str(path), PREVIOUS)
        path.unlink()
        found = {self.whom(user) for user in listed.users}
        assert record.surely <= found <= record.perhaps
        assert len(found) == len(listed.users)
        return listed

    def whom(self, address):
        found = self.world.directory.find(address)
        return found.name if found else address

    def addressed(self, given):
        directory = self.world.directory
        return [(found.id if by_id and (found := directory.find(name)) else name) for name, by_id in given]

    def carry_out(self, order, report=None, stop_after=None):
        path = os.path.join(self.folder.name, report) if report else None
        kept = KeptReport(path, order, self.world.loop.time) if path else None
        before = kept.path.read_bytes() if kept and kept.path.exists() else None
        finished = Finished(self.world, order, kept, stop_after)
        note(f"{order}, stopped after {stop_after}\n -> {finished.error or finished.outcomes}")
        finished.assert_guarantees()
        if kept:
            self.keep(finished, kept, before)
        if stop_after is not None:
            # What an interrupted run had sent still arrives.
            self.world.pass_time(300.0)
        return finished

    def keep(self, finished, report, before):
        """A report that can roll back a run is kept when others are saved, and matches its run."""
        records = finished.records(report) if not finished.order.check_mode else []
        files = [file.read_bytes() for file in Path(self.folder.name).iterdir()]
        assert not any(NUMBER.search(re.sub(rb"\s", b"", content).decode()) for content in files)
        assert not records or report.path.read_bytes() == records[-1].report
        if before is not None and not records and self.undoes(before):
            assert report.path.read_bytes() == before
        if before is None and not records and not any(one.written for one in finished.outcomes):
            for state in (None, PREVIOUS):
                with pytest.raises(InvalidFile):
                    users_from(str(report.path), state)
        for record in records:
            self.read(record)
        self.records += records
        self.finals = [*getattr(self, "finals", []), *records[-1:]]
        assert all(record.report in files for record in self.finals)

    def undoes(self, content):
        return any(record.report == content for record in self.records)

    def teardown(self):
        if not hasattr(self, "world"):
            return
        try:
            self.calm()
        finally:
            self.folder.cleanup()
            self.world.close()

    def look_twice(self, order):
        """A state that flickers does it at the second look after a write has become visible."""
        for _look in range(2):
            seen = self.carry_out(order_of(Scope(NAMES), order.goal.desired, True)._replace(limits=order.limits))
        return seen

    def recover(self):
        """No more faults, and what was sent has arrived."""
        for timer in self.timers:
            timer.cancel()
        self.timers = []
        self.world.switch("visibility_lag", self.lag)
        self.world.end_faults()
        self.world.set_quota(None)
        self.world.pass_time(300.0)

    def assert_done(self, finished, failing=()):
        """Every user has the desired state, or a valid reason not to."""
        for outcome in finished.outcomes:
            if outcome.user in failing:
                continue
            name = self.whom(outcome.id or outcome.user)
            true = self.world.state(name) or "noMobilePhone" if name in (*NAMES, *CROWD) else None
            fine = outcome.kind in ("changed", "unchanged")
            expected = ("forbidden", "unknown_state", "unverified", "user_not_found")
            assert fine is finished.as_wanted(true) or outcome.reason in expected, (outcome, true)
            assert outcome.reason != "unverified" or name in self.unreached

    def calm(self):
        """No more faults: the second run changes what was predicted, the third changes nothing."""
        self.recover()
        for wanted in ("enabled", "disabled"):
            order = order_of(Scope(NAMES, ["Crowd"]), wanted=wanted, **NO_LIMITS)
            foreseen = self.look_twice(order)
            second = self.carry_out(order)
            self.assert_done(second)
            for before, after in zip(foreseen.outcomes, second.outcomes):
                if before.user in self.predictable:
                    assert (before.kind, before.reason) == (after.kind, after.reason)
                    assert before.kind != "changed" or before.state == after.state
            self.look_twice(order)
            third = self.carry_out(order)
            assert third.of_kind("changed") <= self.unreached
            again = {entry.user for entry in third.journal if entry.write}
            taken = {one.user for one in third.outcomes if one.reason == "phone_number_not_unique"}
            assert again <= taken | self.unreached


TestSequence = Sequence.TestCase
TestSequence.pytestmark = pytest.mark.timeout(600)
TestSequence.settings = settings(
    max_examples=SEQUENCES or 100,
    stateful_step_count=8,
    deadline=None,
    derandomize=not SEQUENCES,
    print_blob=True,
    suppress_health_check=list(HealthCheck),
    # A failing sequence is shortened in a long run only, since that takes minutes.
    phases=list(Phase) if SEQUENCES else [Phase.generate],
)
