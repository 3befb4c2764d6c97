# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest

from ansible_collections.frontline.entra.plugins.module_utils._errors import (
    Interrupted,
    InvalidFile,
    InvalidOptions,
    Unreachable,
)
from ansible_collections.frontline.entra.plugins.module_utils._spec import OneOf, Spec
from ansible_collections.frontline.entra.plugins.module_utils._task import (
    MOST_OF_A_WARNING,
    MOST_WARNINGS,
    SHORTEST_SECRET,
    Task,
    attempt,
    mask_only_long,
)

SPEC = Spec(options={"a": {"type": "str"}}, constraints=(OneOf(("a",), "Nothing to do"),))
SUPPORT = {"status": 503, "code": "x", "request_id": "r", "client_request_id": "c", "date": "d"}


class Host:
    """Records the calls of a task."""

    def __init__(self, secrets=()):
        self.secrets = set(secrets)
        self.warnings = []
        self.steps = []

    def warn(self, text):
        self.warnings.append(text)

    def show(self, step):
        self.steps.append(step)


def task(host=None, **more):
    return Task(SPEC, host or Host(), {"a": "b"}, {"a"}, **more)


def test_warnings_are_masked_shown_once_and_limited_in_number():
    host = Host()
    one = task(host)
    for number in range(50):
        one.warn("The same.")
        one.warn(f"Warning {number} of +12065550101 " + "x" * 5000)
    assert host.warnings[0] == "The same."
    assert host.warnings[1].startswith("Warning 0 of ******** x")
    assert host.warnings[-1] == "There are more warnings, not shown here."
    assert len(host.warnings) == MOST_WARNINGS + 1
    assert max(map(len, host.warnings)) <= MOST_OF_A_WARNING


def test_only_a_secret_that_is_long_enough_is_masked():
    host = Host(["x" * SHORTEST_SECRET, "short", "other"])
    mask_only_long(host)
    task(host).conceal("y" * SHORTEST_SECRET)
    task(host).conceal("y" * (SHORTEST_SECRET - 1))
    assert host.secrets == {"x" * SHORTEST_SECRET, "y" * SHORTEST_SECRET}
    assert ["5 characters" in warning for warning in host.warnings] == [True]


def test_the_token_that_is_the_result_is_not_masked():
    host = Host()
    one = task(host)
    one.conceal("the token")
    one.conceal("the secret")
    one.reveal("the token")
    one.reveal("something else")
    assert host.secrets == {"the secret"}


def test_a_task_is_valid_with_the_options_that_it_needs():
    task().require_valid()
    with pytest.raises(InvalidOptions, match="Nothing to do: set 'a'"):
        Task(SPEC, Host(), {"a": None}).require_valid()
    with pytest.raises(InvalidOptions, match="^One. Two.$"):
        task(problems=["One.", "Two."]).require_valid()


@pytest.mark.parametrize("diff", [False, True])
def test_an_attempt_has_its_result(diff):
    made = {"changed": True, "msg": "Done."}
    result = attempt(task(diff=diff), lambda: {**made, "diff": {}})
    assert result == {**made, "reason": None, "support": None, **({"diff": {}} if diff else {})}


@pytest.mark.parametrize(
    ("error", "reason", "support", "words"),
    [
        (InvalidFile("'src' is no report."), "invalid_file", None, "'src' is no report."),
        (Unreachable("No answer.", SUPPORT), "unreachable", SUPPORT, "No answer."),
        (InvalidOptions("'x' has +12065550101."), "invalid_options", None, "'x' has ********"),
        (KeyError("secret"), "internal_error", None, "Internal error: KeyError"),
        (Interrupted("The task was stopped (SIGTERM)."), "incomplete", None, "The task was stopped (SIGTERM)."),
    ],
)
def test_a_failed_attempt_has_a_reason(error, reason, support, words):
    def fail():
        raise error

    result = attempt(task(), fail)
    assert (result["changed"], result["reason"], result["support"]) == (False, reason, support)
    assert result["msg"].startswith(words) and "secret" not in result["msg"]


def test_invalid_options_prevent_the_attempt():
    result = attempt(task(problems=["'a' is no name."]), lambda: pytest.fail("attempted"))
    assert (result["reason"], result["msg"]) == ("invalid_options", "'a' is no name.")


def test_work_can_be_interrupted_until_it_ends():
    one = task()
    assert one.stop("why") == 0.0
    attempt(one, lambda: {"changed": False})
    assert one.stop("why") is None


def test_resources_are_closed_in_reverse_order():
    one, closed = task(), []
    for name in "ab":
        one.at_the_end(lambda name=name: closed.append(name))
    attempt(one, lambda: {"changed": False})
    assert closed == ["b", "a"]
    one.end()
    assert closed == ["b", "a"]
