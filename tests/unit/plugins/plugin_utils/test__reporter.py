# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import time
from types import SimpleNamespace

import pytest

from ansible_collections.frontline.entra.plugins.plugin_utils import _reporter

STEP = {"phase": "reading", "done": 100, "total": 500, "seconds": 20.0, "throttled": 2, "sent": 200}


@pytest.fixture
def lines_sent(monkeypatch):
    """What is sent through the queue of the worker: when, what, how, and with which signals blocked."""
    lines = queue.Queue()

    def send_display(method, line, **how):
        lines.put((time.monotonic(), line, {"method": method, **how}, signal.pthread_sigmask(signal.SIG_BLOCK, ())))

    monkeypatch.setattr(
        _reporter, "Display", lambda: SimpleNamespace(_final_q=SimpleNamespace(send_display=send_display))
    )
    monkeypatch.setattr(_reporter, "pause", lambda elapsed: 0.1 if elapsed > 0.15 else 0.2)
    return lines


@pytest.fixture
def reporter(lines_sent, tmp_path):
    """Begins to report as soon as it is called."""
    with contextlib.ExitStack() as stack:
        reporting = _reporter.Reporter(str(tmp_path / "progress.json"), "tenant-one")
        yield lambda: stack.enter_context(reporting)
    assert not reporting.is_alive()


def test_lines_start_after_some_time_and_come_regularly(lines_sent, reporter, tmp_path):
    path = tmp_path / "progress.json"
    path.write_text(json.dumps(STEP))
    # As on a share whose clock is ahead.
    os.utime(path, times=(time.time() + 80, time.time() + 80))
    began = time.monotonic()
    reporter()
    times, lines, how, blocked = zip(*(lines_sent.get(timeout=10) for _line in range(3)))
    assert times[0] - began >= 0.2 and all(later - sooner >= 0.1 for sooner, later in zip(times, times[1:]))
    assert lines[0] == "tenant-one: reading 100 of 500 users, 5.0 a second, 1.0% throttled, 80 s left"
    # Not to standard output, where programs read results; and signals are for the main thread.
    assert how[0] == {"method": "display", "stderr": True} and {signal.SIGINT, signal.SIGTERM} <= blocked[0]
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, ())


def test_without_progress_the_rate_falls(lines_sent, reporter, tmp_path):
    path = tmp_path / "progress.json"
    path.write_text(json.dumps(STEP))
    os.utime(path, times=(time.time() - 80, time.time() - 80))
    reporter()
    assert "100 of 500 users, 1.0 a second" in lines_sent.get(timeout=10)[1]


@pytest.mark.parametrize(
    "content",
    [
        None,
        "",
        "{",
        "[]",
        '{"phase": "reading"}',
        json.dumps({**STEP, "phase": "\x1b[2J"}),
        f"{' ' * 10_000}{json.dumps(STEP)}",
    ],
)
def test_a_missing_or_invalid_file_is_waited_for(lines_sent, reporter, tmp_path, content):
    path = tmp_path / "progress.json"
    if content is not None:
        path.write_text(content)
    reporter()
    with pytest.raises(queue.Empty):
        lines_sent.get(timeout=0.4)
    path.write_text(json.dumps(STEP))
    assert lines_sent.get(timeout=10)[1].startswith("tenant-one: reading 100 of 500 users")


def test_a_pipe_in_place_of_the_file_does_not_block(lines_sent, reporter, tmp_path):
    path = tmp_path / "progress.json"
    os.mkfifo(path)
    reporter()
    with pytest.raises(queue.Empty):
        lines_sent.get(timeout=0.4)
    path.unlink()
    path.write_text(json.dumps(STEP))
    assert lines_sent.get(timeout=10)[1].startswith("tenant-one: reading 100 of 500 users")


def test_without_a_queue_nothing_is_printed(monkeypatch, lines_sent, reporter, tmp_path):
    """As where a strategy runs tasks in its own process."""
    monkeypatch.setattr(_reporter, "Display", lambda: SimpleNamespace(_final_q=None))
    (tmp_path / "progress.json").write_text(json.dumps(STEP))
    reporter()
    with pytest.raises(queue.Empty):
        lines_sent.get(timeout=0.4)


def test_a_short_run_prints_nothing(lines_sent, tmp_path):
    (tmp_path / "progress.json").write_text(json.dumps(STEP))
    with _reporter.Reporter(str(tmp_path / "progress.json"), "tenant-one"):
        pass
    with pytest.raises(queue.Empty):
        lines_sent.get(timeout=0.4)
