# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""JSON reports as documents: of runs, dry runs and audits, of any size, always the same."""

from __future__ import annotations

import json
from collections import Counter

from ansible_collections.frontline.entra.plugins.module_utils._domain._reasons import SENTENCES
from ansible_collections.frontline.entra.plugins.module_utils._results._html._source import read_report

KINDS = ("changed", "unchanged", "refused", "failed", "skipped", "deferred")
TIME = "2026-11-26T18:00:00Z"
TENANT = "contoso.example"


def user(number=1, **more):
    """An entry of `users`."""
    return {
        "outcome": "changed",
        "written": False,
        "user": f"worker{number:05}@contoso.example",
        "id": f"00000000-0000-4000-8000-{number:012}",
        "state": "notEnabled",
        "previous_state": "ready",
        "changed": True,
        "failed": False,
        "reason": None,
        "msg": "SMS sign-in was disabled.",
        "phone_number": f"********{number % 100:02}",
        "support": None,
        **more,
    }


def unchanged(number=1, state="notEnabled", **more):
    return user(
        number, **{"outcome": "unchanged", "changed": False, "state": state, "previous_state": state, "msg": "", **more}
    )


def refused(number=1, reason="forbidden", outcome="failed", **more):
    given = {"outcome": outcome, "changed": False, "failed": outcome == "failed", "reason": reason, "state": "ready"}
    return user(number, **{**given, "msg": SENTENCES.get(reason, ""), **more})


def run(*users, **more):
    """The document of a run, in the public cloud and applied unless `more` says otherwise."""
    kinds = Counter(one["outcome"] for one in users)
    reasons = Counter(one["reason"] for one in users if one["reason"])
    return {
        "schema_version": 1,
        "time": TIME,
        "check_mode": False,
        "state": "disabled",
        "finished": True,
        "tenant": TENANT,
        "cloud": "global",
        "collection_version": "1.0.0",
        "scope": {"users": 0, "groups": ["Frontline"], "exclude_users": 1, "exclude_groups": ["Break glass"]},
        "summary": {"total": len(users), **{kind: kinds[kind] for kind in KINDS}, "reasons": dict(reasons)},
        "users": list(users),
        **more,
    }


def audited(number=1, state="ready", other_methods=None, **more):
    """An entry of an audit."""
    return {
        "user": f"worker{number:05}@contoso.example",
        "id": f"00000000-0000-4000-8000-{number:012}",
        "state": state,
        "phone_number": f"********{number % 100:02}",
        "other_methods": other_methods,
        "only_password": other_methods == ["password"],
        "failed": False,
        "reason": None,
        "msg": "",
        **more,
    }


def audit(*users, sms_only=None, **more):
    states = Counter(one["state"] for one in users)
    failed = sum(one["failed"] for one in users)
    head = {key: value for key, value in run().items() if key not in ("state", "users", "summary")}
    summary = {"total": len(users), "states": dict(states), "sms_only": sms_only, "failed": failed, "reasons": {}}
    return {**head, "summary": summary, "users": list(users), **more}


def report(document):
    """The report of a document, through JSON as from a file."""
    return read_report(json.dumps(document).encode(), "'src': a file")


SUPPORT = {
    "status": 403,
    "code": "accessDenied",
    "request_id": "5d3a1d8e-6f9e-4d9b-8a1f-1f4ab5fdb9a5",
    "client_request_id": "0c8c52c9-43a5-4bd6-92a3-4d0a7e0c3b8e",
    "date": "Thu, 26 Nov 2026 18:00:00 GMT",
}


def large_run(total, **more):
    """A run over so many users in which some of each outcome occur."""
    return run(*(_of_many(number) for number in range(total)), **more)


def _of_many(number):
    if number % 50 == 0:
        return refused(number, "forbidden", support=SUPPORT)
    if number % 50 == 1:
        return refused(number, "unverified", written=True, msg="Reading back did not show the change in time.")
    if number % 50 < 6:
        return refused(number, "not_supported" if number % 2 else "no_other_method", "refused")
    if number % 50 == 6:
        return refused(number, "user_not_found", "refused", state=None, previous_state=None, phone_number=None)
    if number % 50 < 30:
        return unchanged(number, ("notEnabled", "notAllowedByPolicy", "noMobilePhone", "notConfigured")[number % 4])
    return user(number) if number % 50 < 45 else user(number, outcome="deferred", changed=False, state="ready", msg="")


def large_audit(total, **more):
    methods = (*[["fido2", "password"]] * 4, *[["qrCodePin"]] * 3, ["password"], ["microsoftAuthenticator"], [], None)
    states = ("ready", "ready", "notEnabled", "notAllowedByPolicy", "noMobilePhone")
    users = [audited(number, states[number % 5], methods[number % 11]) for number in range(total)]
    alone = sum(one["state"] == "ready" and one["other_methods"] in (["password"], []) for one in users)
    return audit(*users, sms_only=alone, **more)
