# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.frontline.entra.plugins.module_utils._domain._targets import Target
from ansible_collections.frontline.entra.plugins.module_utils._entra._authentication_methods import METHODS, USABLE
from ansible_collections.frontline.entra.plugins.module_utils._errors import PermissionMissing
from ansible_collections.frontline.entra.plugins.module_utils._goals._goal import REFUSE, SATISFIED, WRITE, Step
from ansible_collections.frontline.entra.plugins.module_utils._run._doubts import Planned
from ansible_collections.frontline.entra.plugins.module_utils._run._other_methods import NoOtherMethod
from ansible_collections.frontline.entra.tests.unit.plugins.module_utils.fakes import (
    FakeTokens,
    client,
    error,
    jwt,
    per_item,
    unshown,
)


def planned(number, verdict=WRITE):
    return Planned(Target(f"user{number}@contoso.example"), None, Step(verdict))


def registered(*words):
    items = [{"@odata.type": f"#microsoft.graph.{word}AuthenticationMethod", "isUsable": True} for word in words]
    return 200, {"value": items}


class Bearer(FakeTokens):
    """Tokens with these claims."""

    def __init__(self, **claims):
        super().__init__()
        self._value = jwt(**claims)

    def current(self):
        return self._value


def ask(answers, required=USABLE, tokens=None):
    """The findings about a user for each answer, by number."""
    by_path = {f"/users/user{n}%40contoso.example/authentication/methods": a for n, a in enumerate(answers)}
    graph, session = client(per_item(lambda call, method, path: by_path[path]), tokens=tokens)
    found = NoOtherMethod(required).ask([planned(number) for number in range(len(answers))], graph, unshown)
    return [found[f"user{number}@contoso.example"] for number in range(len(answers))], session


@pytest.mark.parametrize(("verdict", "asked"), [(WRITE, True), (REFUSE, False), (SATISFIED, False)])
def test_only_users_that_would_be_written_to_are_looked_up(verdict, asked):
    assert NoOtherMethod(USABLE).concerns(planned(1, verdict)) is asked


@pytest.mark.parametrize(
    ("words", "reason", "says", "methods"),
    [
        (["password", "fido2", "phone"], None, "", ["fido2", "password"]),
        (["windowsHelloForBusiness"], None, "Bound to the device", ["windowsHelloForBusiness"]),
        (["password"], "no_other_method", "Registered: password.", ["password"]),
        (["password", "email"], "no_other_method", "Registered: email, password.", ["email", "password"]),
        ([], "no_other_method", "Nothing else is registered.", []),
        (["phone"], "no_other_method", "Nothing else is registered.", []),
        (["new"], "no_other_method", "microsoft.graph.newAuth", ["microsoft.graph.newAuthenticationMethod"]),
    ],
)
def test_a_user_without_a_required_method_is_refused(words, reason, says, methods):
    (finding,), _session = ask([registered(*words)])
    assert finding.reason == reason and says in finding.says and finding.more == {"other_methods": methods}


@given(st.sets(st.sampled_from([*METHODS, "new"])), st.sets(st.sampled_from(METHODS), min_size=1))
def test_every_user_that_is_not_refused_has_a_required_method(words, required):
    (finding,), _session = ask([registered(*words)], sorted(required))
    assert (finding.reason is None) is bool(words & required)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ((403, error("accessDenied")), "forbidden"),
        ((404, error("Request_ResourceNotFound")), "user_not_found"),
        ((500, error("generalException")), "service_error"),
        ((200, {"value": None}), "service_error"),
    ],
)
def test_a_user_whose_methods_cannot_be_read_is_refused_for_that_reason(answer, reason):
    findings, _session = ask([registered("fido2"), answer, registered("fido2")])
    assert [finding.reason for finding in findings] == [None, reason, None]
    assert "could not be read" in findings[1].says and "other_methods" not in findings[1].more


NARROW = {"idtyp": "app", "roles": ["UserAuthMethod-Phone.ReadWrite.All"]}
BROAD = {"idtyp": "app", "roles": ["UserAuthenticationMethod.Read.All"]}
REFUSED = (403, error("accessDenied", "Request Authorization failed"))


@pytest.mark.parametrize(("claims", "calls"), [(NARROW, 1), ({}, 3)])
def test_without_the_permission_it_raises_after_the_first_batch_if_the_token_shows_it(claims, calls):
    with pytest.raises(
        PermissionMissing, match=r"UserAuthenticationMethod\.Read\.All \([0-9a-f-]{36}\) \(for 'require_methods'\)"
    ):
        ask([REFUSED] * 60, tokens=Bearer(**claims))
    by_path = per_item(lambda *call: REFUSED)
    graph, session = client(by_path, tokens=Bearer(**claims), most_calls=1)
    with pytest.raises(PermissionMissing):
        NoOtherMethod(USABLE).ask([planned(number) for number in range(60)], graph, unshown)
    assert len(session.calls) == calls


def test_an_application_with_the_permission_is_refused_privileged_users_only():
    findings, _session = ask([REFUSED] * 3, tokens=Bearer(**BROAD))
    assert [finding.reason for finding in findings] == ["forbidden"] * 3
    assert findings[0].reply.support["status"] == 403
