# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
import stat

import pytest

from ansible_collections.frontline.entra.plugins.module_utils._results._progress import (
    ProgressFile,
    ProgressLines,
    Step,
    pause,
    progress_line,
)


def no_warning(text):
    raise AssertionError(text)


def test_the_file_has_the_last_state_and_the_time_of_the_phase(tmp_path):
    path, now = tmp_path / "progress.json", [100.0]
    file = ProgressFile(str(path), lambda: now[0], no_warning)

    def shown(seconds, *step):
        now[0] += seconds
        file.show(Step(*step))
        return json.loads(path.read_text())

    assert shown(0, "reading", 20, 50, 0, 20) == {
        "phase": "reading",
        "done": 20,
        "total": 50,
        "throttled": 0,
        "sent": 20,
        "waiting": 0,
        "seconds": 0.0,
    }
    assert shown(0.5, "reading", 40, 50, 0, 40)["done"] == 20, "saved a moment ago"
    assert shown(1.0, "reading", 49, 50, 1, 50)["seconds"] == 1.5
    assert shown(0.1, "reading", 50, 50, 1, 51)["done"] == 50, "the end is saved at once"
    assert shown(0.1, "switching", 1, 9, 1, 60)["seconds"] == 0.0, "another phase is news"
    assert shown(0.1, "listing", 999, 0, 1, 61)["done"] == 999
    assert shown(0.1, "listing", 1998, 0, 1, 62)["done"] == 999, "a total that is not known is no end"
    assert [path.name for path in tmp_path.iterdir()] == ["progress.json"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_file_that_cannot_be_written_is_one_warning(tmp_path):
    warnings = []
    file = ProgressFile(str(tmp_path / "missing" / "file"), lambda: 0.0, warnings.append)
    for done in (0, 1):
        file.show(Step("reading", done, 1, 0, 0))
    assert len(warnings) == 1
    assert "'progress_path' cannot be written" in warnings[0]


def test_lines_start_after_some_time_and_then_come_rarely():
    now, lines = [0.0], []
    shown = ProgressLines(lambda line: lines.append((now[0], line)), lambda: now[0])
    for second in range(100):
        now[0] = float(second)
        phase, done = ("reading", second) if second < 50 else ("switching", second - 50)
        shown.show(Step(phase, done, 100, 0, second))
    assert [at for at, _line in lines] == [10.0, 15.0, 20.0, 25.0, 30.0, 35.0, 40.0, 45.0, 50.0, 55.0, 60.0, 75.0, 90.0]
    assert lines[0][1] == "reading 10 of 100 users, 1.0 a second, 0.0% throttled, 2 min left"
    assert lines[-1][1] == "switching 40 of 100 users, 1.0 a second, 0.0% throttled, 60 s left"


STEP = {"phase": "reading", "done": 100, "total": 500, "seconds": 20.0, "throttled": 2, "sent": 200}


@pytest.mark.parametrize(
    ("done", "total", "seconds", "throttled", "sent", "line"),
    [
        (0, 500, 0.0, 0, 0, "reading 0 of 500 users"),
        (100, 500, 20.0, 2, 200, "reading 100 of 500 users, 5.0 a second, 1.0% throttled, 80 s left"),
        (3000, 50000, 10.0, 0, 3000, "reading 3000 of 50000 users, 300 a second, 0.0% throttled, 3 min left"),
        (100, 50000, 20.0, 0, 100, "reading 100 of 50000 users, 5.0 a second, 0.0% throttled, 2 h 46 min left"),
        (100, 200, 3599.0, 0, 0, "reading 100 of 200 users, 0.0 a second, 60 min left"),
        (100, 200, 86340.0, 0, 0, "reading 100 of 200 users, 0.0 a second, 23 h 59 min left"),
        (100, 200, 90000.0, 0, 0, "reading 100 of 200 users, 0.0 a second, 25 h 00 min left"),
        (100, 200, 180060.0, 0, 0, "reading 100 of 200 users, 0.0 a second, 50 h 01 min left"),
        (500, 500, 20.0, 0, 500, "reading 500 of 500 users, 25 a second, 0.0% throttled"),
        (3000, 0, 20.0, 0, 4, "reading 3000 users, 150 a second, 0.0% throttled"),
    ],
)
def test_a_line_has_the_progress_the_rate_and_the_time_left(done, total, seconds, throttled, sent, line):
    step = {"phase": "reading", "done": done, "total": total, "seconds": seconds, "throttled": throttled, "sent": sent}
    assert progress_line(step, 0.0) == line


@pytest.mark.parametrize(
    ("more", "age", "line"),
    [
        ({"waiting": 27.4}, 0.0, "5.0 a second, 1.0% throttled, waiting 27 s for the service, 80 s left"),
        ({"waiting": 27.4}, 20.0, "2.5 a second, 1.0% throttled, waiting 7 s for the service, 3 min left"),
        ({"waiting": 600}, 0.0, "5.0 a second, 1.0% throttled, waiting 10 min for the service, 80 s left"),
        ({"waiting": 27.4}, 26.5, "2.2 a second, 1.0% throttled, 3 min left"),
        ({"waiting": 0}, 0.0, "5.0 a second, 1.0% throttled, 80 s left"),
        ({"waiting": None}, 0.0, "5.0 a second, 1.0% throttled, 80 s left"),
    ],
)
def test_a_line_says_how_long_the_service_makes_the_run_wait(more, age, line):
    """The file is saved when the wait begins, and read later."""
    assert progress_line({**STEP, **more}, age) == f"reading 100 of 500 users, {line}"


@pytest.mark.parametrize(
    "more",
    [
        {"phase": "\x1b[2J"},
        {"phase": ["reading"]},
        {"phase": None},
        {"done": "many"},
        {"done": -1},
        {"total": 1e9},
        {"total": None},
        {"sent": float("nan")},
        {"throttled": float("inf")},
        {"seconds": -0.1},
        {"waiting": "9" * 400},
        {"waiting": ["9"]},
        {"waiting": {"a": 1}},
    ],
)
def test_the_content_of_a_foreign_file_is_not_repeated(more):
    with pytest.raises((ValueError, TypeError)):
        progress_line({**STEP, **more}, 0.0)


@pytest.mark.parametrize(
    ("elapsed", "seconds"),
    [(0, 10), (4, 6), (10, 5), (59.9, 5), (60, 15), (599.9, 15), (600, 60), (86400, 60)],
)
def test_lines_become_rarer(elapsed, seconds):
    assert pause(elapsed) == seconds
