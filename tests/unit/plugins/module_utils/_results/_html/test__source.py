# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json

import pytest

from ansible_collections.frontline.entra.plugins.module_utils._errors import InvalidFile
from ansible_collections.frontline.entra.plugins.module_utils._results._html._source import read_report
from ansible_collections.frontline.entra.tests.unit.plugins.module_utils._results._html.documents import (
    SUPPORT,
    audit,
    audited,
    refused,
    report,
    run,
    unchanged,
    user,
)

SECRET = "+1 2065550142"


def without(document, key):
    return {name: value for name, value in document.items() if name != key}


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "it is not valid JSON"),
        (b"\xff\xfe\x00", "it is not valid JSON"),
        (b"<!doctype html>", "it is not valid JSON"),
        (b"[" * 100_000, "it is not valid JSON"),
        (b"9" * 5000, "it is not valid JSON"),
        (json.dumps([user(user=SECRET)]).encode(), "it has no schema_version"),
        (b'{"a": 1}', "it has no schema_version"),
        (
            json.dumps(run(user(), schema_version=2)).encode(),
            "a schema_version that this version of the collection does not know; it reads 1",
        ),
        (json.dumps(run(user(), schema_version="1")).encode(), "does not know"),
        (json.dumps(run(user(), schema_version=True)).encode(), "does not know"),
        (json.dumps(without(run(user()), "summary")).encode(), "'summary' or 'users' is missing"),
        (json.dumps(run(user(), users={})).encode(), "'summary' or 'users' is missing"),
        (json.dumps(run(user(), state="gone")).encode(), "'state' or 'check_mode' has another value"),
        (json.dumps(run(user(), check_mode="no")).encode(), "'state' or 'check_mode' has another value"),
        (json.dumps(run()).encode(), "lists no user"),
        (json.dumps(run(user(), summary={"total": 2})).encode(), "is not complete"),
        (json.dumps({**run(user()), "users": [SECRET]}).encode(), "entry 1 of 'users' has no 'user'"),
        (json.dumps(run(user(user=None))).encode(), "entry 1 of 'users' has no 'user'"),
        (json.dumps(run(user(1), user(2, outcome="promoted"))).encode(), "entry 2 of 'users' has an outcome"),
        (json.dumps({**run(user()), "users": [user(outcome=["x"])]}).encode(), "entry 1 of 'users' has an outcome"),
    ],
)
def test_a_file_that_is_no_report_is_refused_without_its_content(data, words):
    with pytest.raises(InvalidFile) as raised:
        read_report(data, "'src': file.json")
    assert words in raised.value.message and raised.value.message.startswith("'src': file.json")
    assert SECRET not in raised.value.message and raised.value.reason == "invalid_file"


def test_a_byte_order_mark_is_accepted():
    assert read_report(b"\xef\xbb\xbf" + json.dumps(run(user())).encode(), "f").users[0].user == user()["user"]


@pytest.mark.parametrize(
    ("document", "mode", "outcome"),
    [
        (run(user()), "applied", "changed"),
        (run(user(), check_mode=True), "dry run", "changed"),
        (audit(audited()), "audit", "read"),
        (audit(audited(reason="guest")), "audit", "refused"),
        (audit(audited(reason="forbidden", failed=True)), "audit", "failed"),
    ],
)
def test_the_mode_and_the_outcome(document, mode, outcome):
    found = report(document)
    assert (found.mode, found.users[0].outcome) == (mode, outcome)


def test_the_state_that_was_read_is_not_the_predicted_one():
    assert report(run(user())).state_read(report(run(user())).users[0]) == "notEnabled"
    dry = report(run(user(), check_mode=True))
    assert dry.state_read(dry.users[0]) == "ready"


def test_values_of_another_type_are_unknown():
    odd = {"id": 1, "state": ["x"], "previous_state": {}, "reason": 2.5, "msg": None, "phone_number": 7, "support": "x"}
    document = run(user(), tenant=1, cloud=[], time="today", collection_version=2, scope=[], finished=None)
    document["users"] = [{**user(), **odd, "written": "yes"}]
    found = report(document)
    assert found[:3] == (None, None, None) and found.version is None and found.scope == {} and found.finished
    assert found.users[0][1:11] == (None, "changed", None, None, None, None, None, False, "", None)


def test_support_has_the_values_for_a_support_case():
    assert report(run(refused(support=SUPPORT))).users[0].support == (
        "403 accessDenied 5d3a1d8e-6f9e-4d9b-8a1f-1f4ab5fdb9a5 Thu, 26 Nov 2026 18:00:00 GMT"
    )
    assert report(run(unchanged(support={"status": None, "code": "x"}))).users[0].support == "x"


@pytest.mark.parametrize("state", ["present", "absent", "mixed"])
def test_a_report_about_phone_numbers_is_a_report(state):
    phones = [
        {"phone_type": "mobile", "phone_number": "+1 2065550142"},
        {"phone_type": "office", "phone_number": "********09"},
    ]
    document = run(user(1, phones=phones, previous_phones=[]), user(2, phones=None), user(3), state=state)

    found = read_report(json.dumps(document).encode(), "'src': file.json").users

    assert [(one.phones, one.previous_phones) for one in found] == [
        ("mobile ********42, office ********09", ""),
        (None, None),
        (None, None),
    ]
