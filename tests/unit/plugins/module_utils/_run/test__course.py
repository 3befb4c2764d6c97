# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from types import SimpleNamespace

import pytest

from ansible_collections.frontline.entra.plugins.module_utils._errors import EntraError, InternalError, Interrupted
from ansible_collections.frontline.entra.plugins.module_utils._results._progress import Step as Position
from ansible_collections.frontline.entra.plugins.module_utils._run._course import Course


@pytest.fixture
def shown():
    return []


@pytest.fixture
def course(shown):
    return Course(SimpleNamespace(throttled=2, asked=9), shown.append)


def test_progress_has_the_place_and_the_requests_so_far(course, shown):
    course.report("reading", 3, 7)
    course.check(4, 5)

    assert shown == [Position("reading", 3, 7, 2, 9), Position("checking", 4, 5, 2, 9)]


def test_pages_of_a_list_add_up_until_another_phase(course, shown):
    course.list_more(100)
    course.list_more(20)
    course.report("reading", 50, 120)
    course.list_more(3)

    assert [(one.phase, one.done, one.total) for one in shown] == [
        ("listing", 100, 0),
        ("listing", 120, 0),
        ("reading", 50, 120),
        ("listing", 3, 0),
    ]


def test_a_wait_is_shown_in_whole_seconds_at_the_last_place(course, shown):
    course.wait(2.5)
    assert shown == []

    course.report("reading", 3, 7)
    course.wait(2.5)
    course.wait(0)
    course.report("reading", 4, 7)
    assert [(one.done, one.waiting) for one in shown] == [(3, 0), (3, 3), (3, 0), (4, 0)]


@pytest.mark.parametrize(
    ("problem", "raised", "cause"),
    [
        (EntraError("No more."), EntraError, "No more."),
        (Interrupted("Stopped."), Interrupted, "Stopped."),
        (ValueError("bug"), InternalError, "Internal error"),
    ],
)
def test_an_early_end_has_a_cause(course, problem, raised, cause):
    with pytest.raises(raised) as caught, course.ending():
        assert (course.over, course.cause) == (False, "")
        raise problem

    assert course.over and course.cause == caught.value.message and course.cause.startswith(cause)


def test_a_course_to_the_end_has_no_cause(course):
    with course.ending():
        assert not course.over

    assert (course.over, course.cause) == (True, "")
