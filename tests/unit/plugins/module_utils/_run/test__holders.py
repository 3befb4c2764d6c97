# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest

from ansible_collections.frontline.entra.plugins.module_utils._domain._targets import Target, named
from ansible_collections.frontline.entra.plugins.module_utils._entra._phone_methods import PhoneMethod, Phones
from ansible_collections.frontline.entra.plugins.module_utils._errors import EntraError
from ansible_collections.frontline.entra.plugins.module_utils._goals._goal import REFUSE, SATISFIED, WRITE, Step
from ansible_collections.frontline.entra.plugins.module_utils._run._doubts import Planned
from ansible_collections.frontline.entra.plugins.module_utils._run._holders import Holders
from ansible_collections.frontline.entra.tests.unit.plugins.module_utils.fakes import (
    MOBILE,
    client,
    error,
    per_item,
    unshown,
)

REPORT = "/reports/authenticationMethods/userRegistrationDetails"
HELD, FREE = "+1 2065550110", "+1 2065550120"
ANNA, BEN = "anna@contoso.example", "ben@contoso.example"


def identifier(number):
    return f"aaaaaaaa-0000-4444-8888-{number:012}"


class Tenant:
    """Accounts of the registration report with a number and a state each; without a report its refusal."""

    def __init__(self, *accounts, refusal=None):
        self.accounts = {identifier(place): account for place, account in enumerate(accounts)}
        self.refusal = refusal
        self.graph, self.session = client(per_item(self._reply))

    def _reply(self, call, method, path):
        if path.startswith(REPORT):
            return self.refusal or (200, {"value": [self._row(key, *rest) for key, rest in self.accounts.items()]})
        name, number, state = self.accounts[path.split("/")[2]]
        if state is None:
            return 403, error("accessDenied")
        return 200, {"value": [{"id": MOBILE, "phoneType": "mobile", "phoneNumber": number, "smsSignInState": state}]}

    def _row(self, key, name, number, state):
        return {"id": key, "userPrincipalName": name, "methodsRegistered": ["mobilePhone"]}


def planned(name=ANNA, number=None, state="ready", verdict=WRITE):
    phones = Phones((PhoneMethod("mobile", number, state),) if number else ())
    return Planned(named(name) if isinstance(name, str) else name, phones, Step(verdict))


def holders(wanted=HELD):
    warnings = []
    return Holders(lambda target: wanted, warnings.append), warnings


@pytest.mark.parametrize(
    ("wanted", "one", "concerned"),
    [
        (HELD, planned(), True),
        (HELD, planned(number=FREE), True),
        (HELD, planned(number="+1 XXXXXXXX10", verdict=REFUSE), True),
        (HELD, planned(number="+12065550110", verdict=SATISFIED), False),
        (HELD, planned(number=HELD, state="notEnabled", verdict=SATISFIED), False),
        (HELD, planned(number=HELD, state="phoneNumberNotUnique", verdict=SATISFIED), True),
        (None, planned(), False),
    ],
)
def test_a_number_held_by_another_account_is_a_finding(wanted, one, concerned):
    assert holders(wanted)[0].concerns(one) is concerned


def test_the_account_that_signs_in_with_the_number_is_named():
    tenant = Tenant((BEN, "+12065550110", "ready"), ("carl@contoso.example", FREE, "ready"))
    doubt, warnings = holders()

    found = doubt.ask([planned()], tenant.graph, unshown)

    assert (found[ANNA].more, found[ANNA].says) == ({"holder": BEN}, f"{BEN} signs in with this number.")
    assert found[ANNA].reason is None and warnings == []


@pytest.mark.parametrize(
    "account",
    [
        (BEN, FREE, "ready"),
        (BEN, HELD, "notEnabled"),
        (BEN, HELD, "phoneNumberNotUnique"),
        (BEN, "+1 XXXXXXXX10", "ready"),
        (BEN, HELD, None),
        (ANNA, HELD, "ready"),
    ],
)
def test_other_accounts_are_not_named(account):
    doubt, warnings = holders()

    assert doubt.ask([planned()], Tenant(account).graph, unshown) == {} and warnings == []


def test_a_user_given_by_id_does_not_hold_a_number_of_its_own():
    by_id = Target(identifier(0), id=identifier(0))

    assert holders()[0].ask([planned(by_id)], Tenant((ANNA, HELD, "ready")).graph, unshown) == {}


def test_a_name_that_is_a_number_is_masked():
    found = holders()[0].ask([planned()], Tenant(("+12065550150@contoso.example", HELD, "ready")).graph, unshown)

    assert found[ANNA].more["holder"] == "********50@contoso.example" and "2065550150" not in found[ANNA].says


@pytest.mark.parametrize(
    ("refusal", "words"),
    [
        ((403, error("Authentication_MSGraphPermissionMissing")), "AuditLog.Read.All"),
        ((403, error("Authentication_RequestFromNonPremiumTenantOrB2CTenant")), "licence"),
        ((200, {"value": "nothing"}), "could not be read"),
    ],
)
def test_without_the_report_there_is_a_warning_and_no_finding(refusal, words):
    doubt, warnings = holders()

    assert doubt.ask([planned(), planned(BEN)], Tenant(refusal=refusal).graph, unshown) == {}
    assert len(warnings) == 1 and "'holder' is null" in warnings[0] and words in warnings[0]


def test_a_run_past_its_deadline_ends():
    tenant = Tenant((BEN, HELD, "ready"))
    tenant.graph.deadline = tenant.graph.now() - 1.0

    with pytest.raises(EntraError):
        holders()[0].ask([planned()], tenant.graph, unshown)


def test_candidates_are_read_in_batches():
    tenant = Tenant(*((f"user{number}@contoso.example", FREE, "ready") for number in range(45)))

    shown = []
    holders()[0].ask([planned()], tenant.graph, lambda *position: shown.append(position))

    assert [len(call.items) for call in tenant.session.calls] == [1, 20, 20, 5]
    assert shown == [(number, 45) for number in range(1, 46)]
