# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Phone numbers are masked everywhere. Secrets are in test_secrets.py."""

from __future__ import annotations

import json
import re

import pytest

from integration.tenants import (
    NOT_ENABLED,
    READY,
    make_user,
    tenant,
)

TENANT = tenant(
    make_user("anna", 1),
    {"name": "edna@contoso.example", "mobile": "+44 1632960001"},
    {"name": "+12065550140@contoso.example", "mobile": "+1 2065550140"},
)
ANNA = "anna@contoso.example"


@pytest.mark.covers("R3")
@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("r3_number_with_extension", "********01"),
        ("r3_number_without_spaces", "********01"),
        ("r3_number_masked", "********"),
        ("r3_number_absent", None),
    ],
)
def test_a_masked_number_shows_two_digits_and_affects_no_decision(simulator, module, scenario, name, shown):
    scenario(name)

    result = module(users=[ANNA])

    user = result.user("anna")
    assert (user["phone_number"], user["state"], user["changed"], user["reason"]) == (shown, READY, False, None)
    assert simulator.writes() == []


NOTATIONS = [
    "phone_12065550101_mobile",
    "$filter=phone eq %2B12065550101",
    '{"phoneNumber":"\\u002B12065550101"}',
    "&#43;1 206\u2013555\u20130101 ext. 55",
    "area 206 exchange 555 line 0101",
    "20655501-0101-4444-8888-012065550101",
    "Bearer 0.opaque-12065550101",
    "https://svc:Pa55w0rd@proxy.contoso.example:3128/",
]


@pytest.mark.covers("M23")
@pytest.mark.parametrize("place", ["code", "message"])
@pytest.mark.parametrize("notation", NOTATIONS)
def test_a_refusal_that_quotes_the_number_of_the_user_is_masked(module, simulator, tmp_path, notation, place):
    fault = {"status": 400, "code": "badRequest", "message": "No.", place: notation}
    simulator.inject({"match": {"method": "POST", "user": ANNA}, "times": None, "then": fault})
    report = tmp_path / "report.csv"

    result = module(users=[ANNA, "edna@contoso.example"], report_path=str(report), diff=True)

    assert result.user("anna")["failed"] and result.user("edna")["changed"]
    for text in (json.dumps(result), report.read_text("utf-8")):
        assert "5550101" not in re.sub(r"\D", "", re.sub(r'"(?:id|date|\w*request_id)": "[^"]*"', "", text))
        assert "opaque" not in text and "Pa55w0rd" not in text


@pytest.mark.covers("M23")
@pytest.mark.parametrize("name", ["12065550101@contoso.example", "+1206555.0101@contoso.example"])
def test_a_user_name_that_is_a_phone_number_is_masked(module, tmp_path, name):
    report = tmp_path / "report.json"

    result = module(users=[name, ANNA], report_path=str(report), diff=True)

    assert result["msg"] == "1 of 2 users failed: ********01@contoso.example (user_not_found). 1 enabled."
    for text in (json.dumps(result), report.read_text("utf-8")):
        assert "********01@contoso.example" in text and "0655501" not in re.sub(r"\D", "", text)


NUMBER = "+12065550140@contoso.example"


@pytest.mark.covers("M6")
def test_a_masked_name_is_shown_with_its_id(simulator, module, tmp_path):
    path = tmp_path / "report.csv"

    result = module(users=[NUMBER, ANNA], report_path=str(path))

    assert result["reason"] is None and result["summary"]["changed"] == 2
    (masked,) = [user for user in result["users"] if user["user"] != ANNA]
    assert (masked["user"], masked["id"]) == ("********40@contoso.example", simulator.user_id(NUMBER))
    assert "2065550140" not in str(result) and "2065550140" not in path.read_text()
    back = module(users_from=str(path))
    assert back["summary"]["changed"] == 2 and simulator.state(NUMBER) == NOT_ENABLED
