# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is promised, whatever happens: any tenant, any faults at any time, any input, run after run, on a driven clock.

`make fuzz` tries many more courses than the tests do, and others each time.
"""

from __future__ import annotations

import json
import os
import re
from urllib.parse import unquote

from hypothesis import HealthCheck, Phase, note, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from ansible_collections.frontline.entra.plugins.module_utils._domain._outcomes import summarise
from ansible_collections.frontline.entra.plugins.module_utils._people import Scope
from ansible_collections.frontline.entra.plugins.module_utils._reconcile import ChangeLimit, Order
from ansible_collections.frontline.entra.plugins.module_utils._results._message import run_reason
from driven import World
from integration.tenants import CLIENT_ID, app, tenant

COURSES = int(os.environ.get("COURSES") or 0)
MOBILE = "3179e48a-750b-4051-897c-87b9720928f7"
PEOPLE = 8
CROWD = 30
NAMES = [f"p{number}@contoso.example" for number in range(1, PEOPLE + 1)]
STRANGE = ["nobody@contoso.example", "a?c#d@contoso.example", "me2@contoso.example", "x'y@contoso.example", "x" * 300 + "@x"]

OFF = {"notEnabled", "notConfigured", "notAllowedByPolicy", "phoneNumberNotUnique", "notSupported", "noMobilePhone"}
USER_REASONS = {
    *("no_mobile_phone", "not_allowed_by_policy", "phone_number_not_unique", "not_supported", "user_not_found"),
    *("account_disabled", "guest", "forbidden", "unverified", "throttled", "unknown_state", "service_error", "skipped"),
}
RUN_REASONS = {
    *("some_users_failed", "incomplete", "too_many_changes", "authentication_failed", "permission_missing"),
    *("group_not_found", "group_ambiguous", "group_empty", "exclude_not_found", "unreachable", "invalid_options"),
}
TOLERABLE = sorted(USER_REASONS - {"forbidden", "unverified", "throttled", "unknown_state", "service_error", "skipped"})

# -- what may be the case

phones = st.sampled_from([None, "own", "own", "own", "shared"])
states = st.sampled_from([None] * 8 + ["notSupported", "notConfigured", "unknownFutureValue", "null", "absent"])
quirks = st.sampled_from(
    [{}] * 6
    + [{"by_name": "noop"}, {"enable": "never"}, {"disable": "never"}, {"forbidden": True}]
    + [{"lag": 3.0}, {"lag": 20.0}, {"flicker": True, "lag": 1.0}]
)


@st.composite
def people(draw):
    found, taken = [], False
    for number, name in enumerate(NAMES, 1):
        # The first few can be switched by hand.
        phone, state = "own" if number <= 3 else draw(phones), draw(states)
        person = {"name": name, **draw(quirks)}
        if phone is not None:
            person["mobile"] = f"+1 20655501{number:02}" if phone == "own" else "+1 2065550177"
            # A number signs in one person only.
            person["sms_sign_in"] = draw(st.booleans()) and (phone == "own" or not taken)
            taken = taken or (phone == "shared" and person["sms_sign_in"])
            if state is not None:
                person["state"] = state
        if draw(st.integers(0, 9)) == 0:
            person["guest"] = True
        if draw(st.integers(0, 9)) == 0:
            person["enabled"] = False
        found.append(person)
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
        {"redirect": "https://elsewhere.example/"},
        {"expire_tokens": True},
        {"status": 409, "code": "phoneNumberNotUnique", "message": "+1 2065550177 is taken"},
        {"headers": {"x-ms-throttle-limit-percentage": "0.9"}},
    ]
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
        return {**fault, "match": {"outer": True}, "then": draw(st.one_of(throttling(), errors, breaks, spoilt))}
    return {**fault, "match": draw(requests), "then": draw(st.one_of(throttling(), errors, breaks, hands))}


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
        "change_limit": st.none() | st.lists(st.builds(ChangeLimit, st.integers(0, 60), st.booleans()), min_size=1, max_size=3),
        "verify_timeout": st.sampled_from([0.0, 5.0, 60.0, 60.0]),
        "run_timeout": st.sampled_from([None, None, 1.0, 10.0, 100.0]),
    }
)
EVERYBODY = {"max_changes": None, "max_failures": None, "change_limit": None, "run_timeout": None, "tolerate": ()}


class Finished:
    """A run that has come to its end, and what crossed the wire meanwhile."""

    def __init__(self, world, order):
        self.world, self.order, self.warnings = world, order, []
        world.session.exchanges.clear()
        world.clear_journal()
        self.started = world.loop.time()
        self.run, self.error = world.reconcile(
            order, CLIENT_ID, login_takes=0.05, warn=self.warnings.append, progress=lambda outcomes: outcomes()
        )
        self.seconds = world.loop.time() - self.started
        self.exchanges = list(world.session.exchanges)
        self.journal = world.journal()
        self.outcomes = self.run.outcomes

    # -- what was seen

    def whom(self, address):
        """One name for a person, however they are addressed."""
        found = self.world.directory.find(address)
        return found.name if found else address.casefold()

    def events(self):
        """(time, what, whom, state): every write as it was sent, every state as it was shown."""
        found = []
        for exchange in self.exchanges:
            for (method, url), (status, _headers, body) in zip(exchange.requests, exchange.replies):
                person = re.match(r"/users/([^/?]+)/authentication/phoneMethods(/|$)", url)
                if not person:
                    continue
                whom = self.whom(unquote(person.group(1)))
                if method == "POST":
                    found.append((exchange.sent_at, 1, "write", whom, None))
                elif status == 200 and isinstance(body, dict) and isinstance(body.get("value"), list):
                    mobile = [one for one in body["value"] if one["id"] == MOBILE]
                    state = mobile[0].get("smsSignInState") if mobile else "noMobilePhone"
                    found.append((exchange.done_at, 0, "shown", whom, state))
        # What is shown at the moment of a write was known when it was sent.
        return [event[2:] for event in sorted(found, key=lambda event: event[:2])]

    def as_wanted(self, state):
        return state == "ready" if self.order.wanted == "enabled" else state in OFF

    # -- what is promised

    def assert_promises(self):
        self.assert_nobody_is_lost()
        self.assert_everything_is_typed()
        self.assert_writes_are_needed_and_changes_are_seen()
        self.assert_nothing_is_sent_during_a_wait()
        assert self.seconds <= (7200 if self.order.run_timeout is None else self.order.run_timeout + 0.2)
        if self.order.check_mode:
            assert not [entry for entry in self.journal if entry.write]

    def assert_nobody_is_lost(self):
        summary = summarise(self.outcomes)
        assert (
            summary["total"]
            == len(self.outcomes)
            == sum(count for kind, count in summary.items() if kind not in ("total", "reasons"))
        )
        seen = [self.whom(outcome.id or outcome.user) for outcome in self.outcomes]
        if self.error is None:
            scope = self.order.scope
            directory = self.world.directory
            meant = {self.whom(name) for name in scope.users}
            for group in scope.groups:
                group_id = directory.group_id(group)
                meant |= {one.name for one in directory.transitive_members(group_id) if one.kind == "user"}
            meant -= {self.whom(name) for name in scope.exclude_users}
            assert set(seen) == meant
            if not any("counted twice" in warning for warning in self.warnings):
                assert len(seen) == len(meant)

    def assert_everything_is_typed(self):
        for outcome in self.outcomes:
            entry = outcome.entry()
            assert (entry["reason"] in USER_REASONS) is (outcome.kind in ("failed", "refused", "skipped"))
            assert entry["msg"] and not re.search(r"20655501\d\d", json.dumps(entry).replace(" ", ""))
            assert outcome.kind != "refused" or entry["reason"] in self.order.tolerate
        reason = run_reason(self.error, self.run.stopped, summarise(self.outcomes))
        failed = any(outcome.kind in ("failed", "skipped") for outcome in self.outcomes)
        assert reason in RUN_REASONS if failed or self.error else reason in RUN_REASONS | {None}
        if self.error:
            assert self.error.message and "20655501" not in self.error.message.replace(" ", "")

    def assert_writes_are_needed_and_changes_are_seen(self):
        latest, written, proved = {}, set(), set()
        for what, whom, state in self.events():
            if what == "write":
                assert whom in latest, f"{whom} was written to unread"
                assert not self.as_wanted(latest[whom]) and whom not in proved, f"{whom} was as wanted"
                written.add(whom)
            else:
                latest[whom] = state
                if self.as_wanted(state) and whom in written:
                    proved.add(whom)
        if self.order.check_mode:
            return
        changed = [outcome for outcome in self.outcomes if outcome.kind == "changed"]
        assert {self.whom(outcome.id or outcome.user) for outcome in changed} == proved
        for outcome in changed:
            assert self.as_wanted(outcome.state) and not self.as_wanted(outcome.previous_state)

    def assert_nothing_is_sent_during_a_wait(self):
        for waiting in self.exchanges:
            for status, headers, _body in waiting.replies:
                try:
                    seconds = float(headers.get("retry-after", ""))
                except ValueError:
                    continue
                if status not in (429, 509, 503):
                    continue
                scope = headers.get("x-ms-throttle-scope", "").split("/") + [""]
                kinds = {"Read": {"GET"}, "Write": {"POST"}}.get(scope[1] if status != 503 else "", {"GET", "POST"})
                for other in self.exchanges:
                    sent_in_it = waiting.done_at + 1e-6 < other.sent_at < waiting.done_at + seconds - 1e-6
                    assert not (sent_in_it and other.requests[0][0] in kinds), "something was sent during a wait"


class Course(RuleBasedStateMachine):
    """One tenant and what happens to it: faults, people who change things by hand, runs; at the end, calm."""

    @initialize(everybody=people(), frontline=subsets, barred=subsets, lag=st.sampled_from([0.0, 0.0, 4.0]))
    def begin(self, everybody, frontline, barred, lag):
        self.quirky = {one["name"] for one in everybody if {"enable", "disable"} & set(one)}
        groups = [{"name": "Frontline", "members": frontline}, {"name": "Barred", "members": barred}]
        crowd = {"count": CROWD, "name": "crowd{n:02}@contoso.example", "mobile": "+44 1632960{n:03}"}
        groups.append({"name": "Crowd", "members_match": "crowd*"})
        policy = {
            "state": "enabled",
            "include": [{"group": "all_users", "sign_in": True}],
            "exclude": [{"group": "Barred"}],
        }
        self.world = World(
            tenant(
                *everybody,
                crowd,
                apps=[app()],
                groups=groups,
                policy=policy,
                switches={"visibility_lag": lag},
                service_time={"per_call": 0.05},
            )
        )

    @rule(fault=faults())
    def a_fault_comes_up(self, fault):
        self.world.inject(fault)

    @rule(name=st.sampled_from(NAMES[:3]), on=st.booleans())
    def somebody_switches_by_hand(self, name, on):
        self.world.change(name, sms_sign_in=on)

    @rule(quota=st.sampled_from([None, 3.0, 20.0]), window=st.sampled_from([1.0, 10.0]), told=st.booleans())
    def the_quota_changes(self, quota, window, told):
        given = {"phone_methods_per_second": quota, "window": window, "percentage": told}
        self.world.set_quota(given)

    @rule(
        given=inputs,
        groups=st.lists(st.sampled_from(["Frontline", "Crowd"]), unique=True),
        excluded=st.lists(st.tuples(st.sampled_from(NAMES), st.booleans()), max_size=2),
        order=orders,
    )
    def a_run(self, given, groups, excluded, order):
        self.carry_out(Order(Scope(self.addressed(given), groups, self.addressed(excluded)), **order))

    def addressed(self, given):
        directory = self.world.directory
        return [(found.id if by_id and (found := directory.find(name)) else name) for name, by_id in given]

    def carry_out(self, order):
        finished = Finished(self.world, order)
        note(f"{order}\n -> {finished.error or finished.outcomes}")
        finished.assert_promises()
        return finished

    def teardown(self):
        if not hasattr(self, "world"):
            return
        try:
            self.calm()
        finally:
            self.world.close()

    def look_twice(self, order):
        """A state that flickers does it at the second look after a write has become visible."""
        for _look in range(2):
            self.carry_out(order._replace(check_mode=True, scope=Scope(NAMES)))

    def calm(self):
        """No more faults: the second run gets there, the third finds nothing to do."""
        world = self.world
        world.end_faults()
        world.set_quota(None)
        world.pass_time(100.0)
        for wanted in ("enabled", "disabled"):
            order = Order(Scope(NAMES, ["Crowd"]), wanted=wanted, verify_timeout=60.0, **EVERYBODY)
            self.look_twice(order)
            second = self.carry_out(order)
            for outcome in second.outcomes:
                true = world.state(outcome.user) or "noMobilePhone"
                fine = outcome.kind in ("changed", "unchanged")
                expected = ("forbidden", "unknown_state", "unverified")
                assert fine is second.as_wanted(true) or outcome.reason in expected, (outcome, true)
                assert outcome.reason != "unverified" or outcome.user in self.quirky
            self.look_twice(order)
            third = self.carry_out(order)
            assert not any(outcome.kind == "changed" for outcome in third.outcomes)
            again = {entry.user for entry in third.journal if entry.write}
            taken = {one.user for one in third.outcomes if one.reason == "phone_number_not_unique"}
            assert again <= taken | self.quirky


TestCourse = Course.TestCase
TestCourse.settings = settings(
    max_examples=COURSES or 200,
    stateful_step_count=8,
    deadline=None,
    derandomize=not COURSES,
    print_blob=True,
    suppress_health_check=list(HealthCheck),
    # A course that breaks a promise is made short in a long run only: that takes minutes.
    phases=list(Phase) if COURSES else [Phase.generate],
)
