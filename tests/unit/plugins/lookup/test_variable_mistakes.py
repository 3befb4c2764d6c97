# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest

from ansible_collections.frontline.entra.plugins.lookup.variable_mistakes import misspelt_prefixes, mistakes

KNOWN = {
    "sms_sign_in_users": "raw",
    "sms_sign_in_exclude_users": "raw",
    "sms_sign_in_exclude_groups": "raw",
    "sms_sign_in_report_path": "path",
}


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        (
            "sms_sign_in_exclude_group",
            "sms_sign_in_exclude_group is not a variable of this role. Did you mean sms_sign_in_exclude_groups?",
        ),
        (
            "sms_sign_in_exclude_user",
            "sms_sign_in_exclude_user is not a variable of this role. Did you mean sms_sign_in_exclude_users?",
        ),
        (
            "sms_sign_in_Users",
            "sms_sign_in_Users is not a variable of this role. Did you mean sms_sign_in_users?",
        ),
        (
            "sms_sign_in_reportpath",
            "sms_sign_in_reportpath is not a variable of this role. Did you mean sms_sign_in_report_path?",
        ),
        (
            "sms_sign_in_zzzzzzzzzzzzzzzzzzzzzzzz",
            "sms_sign_in_zzzzzzzzzzzzzzzzzzzzzzzz is not a variable of this role.",
        ),
    ],
)
def test_an_unknown_variable_is_named_with_the_nearest_known_one(name, sentence):
    """Its value is not even looked at: it may be a secret."""
    assert mistakes([name], KNOWN, None) == [sentence]


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("sms_signin_exclude_groups", "sms_sign_in_exclude_groups"),
        ("SMS_SIGN_IN_EXCLUDE_USERS", "sms_sign_in_exclude_users"),
        ("smsSignInUsers", "sms_sign_in_users"),
        ("sms_sing_in_users", "sms_sign_in_users"),
        ("sms_sign__in_exclude_group", "sms_sign_in_exclude_groups"),
        # Other mistakes are found by the prefix.
        ("sms_sign_in_user", None),
        ("sms_sign_off_users", None),
        ("sms_signin_domain", None),
        ("__sms_sign_in_users", None),
        ("contoso_sms_sign_in_users", None),
        ("users", None),
    ],
)
def test_a_slip_in_the_prefix_is_found(name, nearest):
    """Without it a list of users to exclude would be ignored."""
    sentence = f"{name} is not a variable of this role. Did you mean {nearest}?"
    assert misspelt_prefixes([name], KNOWN, "sms_sign_in_") == ([sentence] if nearest else [])


def test_a_variable_of_the_users_own_beside_the_known_one_is_none():
    """As in `sms_sign_in_users: "{{ sms_signin_users }}"`."""
    assert misspelt_prefixes(["sms_sign_in_users", "sms_signin_users"], KNOWN, "sms_sign_in_") == []


def test_every_mistake_is_listed_and_no_known_variable():
    names = ["sms_sign_in_exclude", "sms_sign_in_report_path", "sms_sign_in_user", "sms_sign_in_users"]
    found = mistakes(names, KNOWN, {"sms_sign_in_report_path": "report.csv"}.__getitem__)
    assert [sentence.split()[0] for sentence in found] == names[:-1]


@pytest.mark.parametrize(
    ("path", "relative"),
    [
        ("report.csv", True),
        ("./report.csv", True),
        ("../report.csv", True),
        (" report.csv ", True),
        ("$NO_SUCH_VARIABLE/report.csv", True),
        ("~no-such-user/report.csv", True),
        ("/tmp/report.csv", False),
        (" /tmp/report.csv", False),
        ("~/report.csv", False),
        ("$HOME/report.csv", False),
        ("${HOME}/report.csv", False),
        ("", False),
        (" ", False),
        (None, False),
        # The module refuses what is no text.
        (5, False),
    ],
)
def test_a_path_must_be_full(path, relative, monkeypatch):
    monkeypatch.setenv("HOME", "/home/anna")
    found = mistakes(["sms_sign_in_report_path"], KNOWN, lambda name: path)
    assert bool(found) is relative
    if found:
        assert "relative path" in found[0] and "{{ playbook_dir }}" in found[0]
