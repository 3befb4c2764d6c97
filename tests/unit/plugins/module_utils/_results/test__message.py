# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.frontline.entra.plugins.module_utils._domain import _reasons as reasons
from ansible_collections.frontline.entra.plugins.module_utils._domain._words import Words
from ansible_collections.frontline.entra.plugins.module_utils._errors import EntraError, InvalidOptions
from ansible_collections.frontline.entra.plugins.module_utils._graph._messages import no_reply, reply
from ansible_collections.frontline.entra.plugins.module_utils._results._message import (
    UNREADABLE,
    describe,
    explain,
    run_reason,
    without_names,
)
from ansible_collections.frontline.entra.plugins.module_utils._results._outcomes import KINDS, Outcome


def words(desired):
    return Words(desired, f"already {desired}", f"would be {desired}", f"To be {desired}.", "switching")


def users(*lines):
    """One outcome for each line: the kind, then the reason, or the word that an unchanged user counts under."""
    kinds = [line.split() for line in lines]
    return [
        Outcome(
            f"user{number}@contoso.example",
            None,
            kind,
            counts_as=" ".join(more) if kind == "unchanged" else "",
            reason=more[0] if more and kind != "unchanged" else None,
        )
        for number, (kind, *more) in enumerate(kinds, 1)
    ]


WITHOUT_PROBLEM = [
    ([], "enabled", False, "No users selected."),
    ([], "disabled", True, "No users selected."),
    (["unchanged"] * 5, "enabled", False, "5 already enabled."),
    (["unchanged"] * 5, "enabled", True, "5 already enabled."),
    (["unchanged", "unchanged"], "disabled", False, "2 already disabled."),
    (["changed"], "enabled", False, "1 enabled."),
    (["changed", "changed"], "disabled", False, "2 disabled."),
    (
        ["changed"] * 3 + ["unchanged"] * 2 + ["refused guest"],
        "enabled",
        True,
        "3 would be enabled, 2 already enabled, 1 refused.",
    ),
    (["changed", "deferred", "deferred"], "disabled", True, "1 would be disabled, 2 deferred."),
    (
        ["unchanged", "unchanged blocked by policy", "changed ready"],
        "disabled",
        False,
        "1 disabled, 1 already disabled, 1 blocked by policy.",
    ),
    (["unchanged blocked by policy"], "disabled", True, "1 blocked by policy."),
    (
        ["failed phone_number_not_unique", "changed", "unchanged", "refused guest", "refused guest"],
        "enabled",
        False,
        "1 of 5 users failed: user1@contoso.example (phone_number_not_unique). 1 enabled, 1 already enabled, 2 refused.",
    ),
    (
        ["failed user_not_found", "changed"],
        "enabled",
        True,
        "1 of 2 users failed: user1@contoso.example (user_not_found). 1 would be enabled.",
    ),
    (["failed forbidden"], "enabled", False, "1 of 1 users failed: user1@contoso.example (forbidden)."),
    (
        ["failed throttled"] * 6,
        "enabled",
        False,
        "6 of 6 users failed: "
        + ", ".join(f"user{number}@contoso.example (throttled)" for number in range(1, 6))
        + " and 1 more.",
    ),
    (
        ["failed throttled"] * 5,
        "enabled",
        False,
        "5 of 5 users failed: "
        + ", ".join(f"user{number}@contoso.example (throttled)" for number in range(1, 6))
        + ".",
    ),
]
WITH_PROBLEM = [
    ([], "No group."),
    (["skipped skipped"] * 14, "No group."),
    (["skipped skipped", "unchanged"], "No group. 1 already enabled, 1 skipped."),
    (
        ["failed forbidden", "skipped skipped", "changed", "planned"],
        "No group. 1 of 4 users failed: user1@contoso.example (forbidden). 1 enabled, 1 skipped.",
    ),
]


@pytest.mark.parametrize(("lines", "wanted", "check_mode", "message"), WITHOUT_PROBLEM)
def test_the_message_of_a_completed_run(lines, wanted, check_mode, message):
    assert describe(users(*lines), words(wanted), check_mode, None) == message


@pytest.mark.parametrize(("lines", "message"), WITH_PROBLEM)
def test_the_message_of_a_run_that_was_stopped_begins_with_the_problem(lines, message):
    assert describe(users(*lines), words("enabled"), False, "No group.") == message


@given(st.lists(st.sampled_from(KINDS), max_size=30), st.booleans(), st.sampled_from(["enabled", "disabled"]))
def test_the_message_counts_every_user_once(kinds, check_mode, wanted):
    message = describe(users(*kinds), words(wanted), check_mode, None)
    counts = [int(count) for count in re.findall(r"(?:^|[.,] )(\d+) ", message)]
    assert sum(counts) == len(kinds)


def test_the_message_can_leave_out_the_names():
    outcomes = users("failed forbidden", "failed throttled", "changed")
    assert describe(outcomes, words("enabled"), False, None, names=False) == "2 of 3 users failed. 1 enabled."


def test_the_message_is_one_short_line_for_any_names_and_problem():
    outcomes = [Outcome("x" * 10_000 + "\n\x1b[31m", None, "failed"), Outcome("a\nb\u202e\ud800", None, "failed")]
    message = describe(outcomes, words("enabled"), False, "Stopped\n" + "y" * 10_000)
    assert message.startswith("Stopped y")
    assert "2 of 2 users failed: xxx" in message
    assert message.isprintable()
    assert len(message) < 2500


def test_the_message_shows_no_phone_number():
    outcomes = [
        Outcome("12065550101@contoso.example", None, "failed", reason="throttled", phone_number="+1 2065550101")
    ]
    message = describe(outcomes, words("enabled"), False, "No group is called '+1 206-555-0102'.")
    assert message == ("No group is called '********'. 1 of 1 users failed: ********01@contoso.example (throttled).")


@pytest.mark.parametrize(
    ("failure", "stopped", "failed", "skipped", "reason"),
    [
        (None, None, 0, 0, None),
        (None, None, 1, 0, "some_users_failed"),
        (None, None, 1, 1, "some_users_failed"),
        (None, "Writing stopped.", 1, 1, "incomplete"),
        (None, "Writing stopped.", 1, 0, "incomplete"),
        (EntraError("No.", reason="group_empty"), None, 0, 0, "group_empty"),
        (InvalidOptions("No."), "Writing stopped.", 1, 1, "invalid_options"),
    ],
)
def test_the_reason_of_a_run(failure, stopped, failed, skipped, reason):
    assert run_reason(failure, stopped, {"failed": failed, "skipped": skipped}) == reason


def test_a_long_problem_is_cut():
    assert len(describe([], words("enabled"), False, "word " * 700)) == 2000


@pytest.mark.parametrize("reason", ["too_many_changes", "exclude_not_found", "group_empty", "incomplete"])
def test_without_names_a_problem_is_its_reason(reason):
    assert "Anna" not in without_names("Anna was not found.", reason)
    assert without_names(None, reason) is None


def test_a_problem_without_names_is_kept():
    assert without_names("'max_changes' must be a number.", "invalid_options") == "'max_changes' must be a number."


BROKE = no_reply("dropped", "The connection broke.", "ours")


@pytest.mark.parametrize(
    ("reason", "answer", "said"),
    [
        ("guest", None, reasons.SENTENCES["guest"]),
        ("unknown_state", reply(200, {}, {}, "ours"), reasons.SENTENCES["unknown_state"]),
        ("service_error", reply(503, {}, None, "ours"), f"{reasons.SENTENCES['service_error']} Graph said: 503."),
        ("service_error", reply(200, {}, {}, "ours"), UNREADABLE),
        # There is nothing to put into a support case.
        ("service_error", BROKE, "No answer came from Microsoft Graph. The connection broke. Run again."),
        ("unverified", BROKE, f"{reasons.SENTENCES['unverified']} The connection broke."),
    ],
)
def test_a_reason_is_explained_with_what_the_service_said(reason, answer, said):
    assert explain(reason, answer) == said
