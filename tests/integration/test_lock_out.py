# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`require_methods`: no user loses the only way to sign in. Check -> apply -> apply again -> check again."""

from __future__ import annotations

import json

import pytest

from integration.tenants import NOT_ENABLED, READY, app, make_user, tenant

LATER, EARLIER = "2099-01-01T00:00:00Z", "2020-01-01T00:00:00Z"
OF = {
    "key": ["fido2"],
    "code": ["qrCodePin", "email"],
    "laptop": ["windowsHelloForBusiness"],
    "mac": ["platformCredential"],
    "app": ["microsoftAuthenticator"],
    "password": [],
    "email": ["email", "softwareOath", "external"],
    "pass": ["temporaryAccessPass"],
    "later": [{"temporaryAccessPass": {"startDateTime": LATER}}],
    "over": [{"temporaryAccessPass": {"startDateTime": EARLIER}}],
    "used": [{"temporaryAccessPass": {"isUsable": False}}],
}
"""The methods of users whose SMS sign-in is on, besides the password that every user has."""

PHONES_ONLY = "aaaaaaaa-0000-0000-0000-000000000002"
"""An application that may write phone methods and read no others."""

UNKNOWN_TYPE = "microsoft.graph.holographicAuthenticationMethod"

TENANT = tenant(
    *(
        make_user(name, line, sms_sign_in=True, methods=methods)
        for line, (name, methods) in enumerate(OF.items(), start=1)
    ),
    make_user("off", 30),
    make_user("nophone"),
    make_user("new", 31, sms_sign_in=True, methods=["holographic"]),
    apps=[app(), {**app(client_id=PHONES_ONLY), "roles": ["UserAuthMethod-Phone.ReadWrite.All"]}],
)
NAMES = [f"{name}@contoso.example" for name in (*OF, "off", "nophone")]
USABLE = ["fido2", "windowsHelloForBusiness", "platformCredential", "qrCodePin"]
ALL_METHODS = "/authentication/methods"


def other_methods(result):
    return {user["user"].partition("@")[0]: user["other_methods"] for user in result["users"]}


def refused(result):
    return sorted(user["user"].partition("@")[0] for user in result["users"] if user["reason"] == "no_other_method")


def changed(result):
    return sorted(user["user"].partition("@")[0] for user in result["users"] if user["changed"])


@pytest.mark.parametrize(
    ("required", "fit"),
    [
        (USABLE, ["code", "key", "laptop", "mac"]),
        (["microsoftAuthenticator"], ["app"]),
        (["temporaryAccessPass"], ["pass"]),
        (["email"], ["code", "email"]),
        (["password"], sorted(OF)),
    ],
)
def test_check_apply_apply_check(simulator, module, required, fit):
    unfit = sorted(set(OF) - set(fit))

    def run(check_mode):
        simulator.clear_journal()
        return module(
            users=NAMES, state="disabled", require_methods=required, tolerate=["no_other_method"], check_mode=check_mode
        )

    foreseen, done = run(True), None
    assert not simulator.writes()
    assert changed(foreseen) == fit and refused(foreseen) == unfit and foreseen["reason"] is None
    # Only of users that would be written to.
    assert len(simulator.requests(ALL_METHODS)) == len(OF)

    done = run(False)
    assert changed(done) == fit and refused(done) == unfit and done["reason"] is None
    assert sorted(write.user.partition("@")[0] for write in simulator.writes()) == fit
    assert other_methods(done) == other_methods(foreseen)
    assert all(simulator.state(f"{name}@contoso.example") == NOT_ENABLED for name in fit)
    assert all(simulator.state(f"{name}@contoso.example") == READY for name in unfit)

    for check_mode in (False, True):
        again = run(check_mode)
        assert not again["changed"] and not simulator.writes() and refused(again) == unfit


def test_other_methods_are_in_the_entry_and_in_the_message(simulator, module):
    result = module(users=NAMES, state="disabled", require_methods=USABLE, check_mode=True)

    assert result["reason"] == "some_users_failed" and result["summary"]["reasons"] == {"no_other_method": 7}
    found = other_methods(result)
    assert found["key"] == ["fido2", "password"] and found["code"] == ["qrCodePin", "email", "password"]
    assert found["pass"] == ["temporaryAccessPass", "password"]
    assert found["later"] == found["over"] == found["used"] == found["password"] == ["password"]
    assert found["off"] is None and found["nophone"] is None, "nothing is taken from them"
    assert "register one of them first. Registered: password." in result.user("password")["msg"]
    assert "Bound to the device where it was registered: windowsHelloForBusiness." in result.user("laptop")["msg"]
    assert "Bound" not in result.user("key")["msg"]


def test_the_entry_of_a_changed_user_has_the_same_remark(simulator, module):
    entry = module(users=["laptop@contoso.example"], state="disabled", require_methods=USABLE).user("laptop")
    assert entry["changed"] and entry["msg"] == (
        "SMS sign-in was disabled. Bound to the device where it was registered: windowsHelloForBusiness."
    )
    entry = module(users=["app@contoso.example"], state="disabled", require_methods=["microsoftAuthenticator"]).user(
        "app"
    )
    assert "may be registered for push only" in entry["msg"]


@pytest.mark.beyond_metadata("holographic")
def test_an_unknown_type_does_not_count_and_is_shown_by_its_name(simulator, module):
    for required in (USABLE, [*USABLE, "microsoftAuthenticator", "email", "external"]):
        result = module(users=["new@contoso.example"], state="disabled", require_methods=required)
        entry = result.user("new")
        assert (entry["reason"], entry["other_methods"]) == ("no_other_method", ["password", UNKNOWN_TYPE])
    assert simulator.state("new@contoso.example") == READY


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"state": "enabled", "require_methods": USABLE}, "'require_methods' is for state disabled"),
        ({"require_methods": USABLE}, "'require_methods' is for state disabled"),
        ({"state": "disabled", "require_methods": ["fido2", UNKNOWN_TYPE]}, "'require_methods' cannot take"),
        ({"state": "disabled", "require_methods": ["phone"]}, "'require_methods' cannot take 'phone'"),
    ],
)
def test_invalid_options(simulator, module, options, words):
    result = module(users=NAMES, **options)
    assert result["reason"] == "invalid_options" and words in result["msg"]
    assert not simulator.calls()


@pytest.mark.parametrize(("required", "warned"), [(["fido2", "password"], True), (USABLE, False)])
def test_listing_the_password_warns(simulator, module, required, warned):
    result = module(users=NAMES, state="disabled", require_methods=required, check_mode=True)
    assert ("lists password. A password is registered for nearly every user" in result.warned) is warned


@pytest.mark.parametrize("check_mode", [True, False])
def test_without_the_permission_the_run_stops_before_the_first_write(simulator, module, check_mode):
    simulator.switch("opaque_tokens", True)
    given = {"client_id": PHONES_ONLY, "state": "disabled", "require_methods": USABLE, "check_mode": check_mode}
    result = module(users=NAMES, **given)
    assert result["reason"] == "permission_missing" and "UserAuthenticationMethod.Read.All" in result["msg"]
    assert not simulator.writes() and result["summary"]["skipped"] == len(OF)
    assert result["support"]["status"] == 403
    # A user that needs no write is not looked up.
    assert module(users=["off@contoso.example"], **given)["reason"] is None


FAULTS = [
    ({"status": 403, "code": "accessDenied"}, "forbidden"),
    ({"status": 404, "code": "Request_ResourceNotFound"}, "user_not_found"),
    ({"status": 500, "code": "generalException"}, "service_error"),
    ({"status": 429, "code": "TooManyRequests", "headers": {"Retry-After": "1000"}}, "throttled"),
]


@pytest.mark.parametrize(("answer", "reason"), FAULTS)
def test_a_user_with_unreadable_methods_is_not_written_to(simulator, module, answer, reason):
    key = "key@contoso.example"
    simulator.inject({"name": "x", "times": None, "match": {"path": f"{ALL_METHODS}$", "user": key}, "then": answer})
    result = module(users=NAMES, state="disabled", require_methods=USABLE)

    entry = result.user("key")
    assert (entry["reason"], entry["failed"], entry["changed"]) == (reason, True, False)
    assert "other methods could not be read" in entry["msg"] and entry["other_methods"] is None
    assert entry["support"]["status"] == answer["status"]
    assert simulator.state(key) == READY and changed(result) == ["code", "laptop", "mac"]


def test_no_number_and_no_secret_of_the_methods_is_in_any_output(simulator, module, tmp_path):
    for ending in ("csv", "json", "html"):
        report = tmp_path / f"report.{ending}"
        result = module(users=NAMES, state="disabled", require_methods=USABLE, check_mode=True, report_path=str(report))
        for text in (json.dumps(result), report.read_text("utf-8")):
            assert "key@contoso.example" in text and "20655501" not in text.replace(" ", "").replace("-", "")
            assert "someone@example.com" not in text
