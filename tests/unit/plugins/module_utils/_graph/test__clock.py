# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import threading
import time

import pytest

from ansible_collections.frontline.entra.plugins.module_utils._graph._clock import Threads


def test_calls_run_in_parallel_and_return_as_they_end():
    workers, meeting = Threads(), threading.Barrier(3, timeout=10)
    for number in range(3):
        workers.submit(lambda number=number: (meeting.wait(), number)[1])
    assert sorted(workers.wait(10) for _call in range(3)) == [0, 1, 2]


def test_a_thread_is_reused():
    workers = Threads()
    names = set()
    for _call in range(5):
        workers.submit(lambda: threading.current_thread().name)
        names.add(workers.wait(10))
    assert len(names) == 1


def test_waiting_ends_without_a_result():
    workers, done = Threads(), threading.Event()
    workers.submit(lambda: done.wait(10))
    begin = workers.now()
    assert workers.wait(0.02) is None
    assert workers.now() - begin >= 0.02
    done.set()
    assert workers.wait(None) is True


def test_a_failure_is_raised_by_wait():
    workers = Threads()
    workers.submit(lambda: 1 // 0)
    with pytest.raises(ZeroDivisionError):
        workers.wait(10)
    workers.submit(lambda: "next")
    assert workers.wait(10) == "next"


def test_a_call_that_hangs_blocks_neither_others_nor_the_end():
    workers, done = Threads(), threading.Event()
    workers.submit(lambda: done.wait(60))
    workers.submit(lambda: "other")
    assert workers.wait(10) == "other"
    hanging = [thread for thread in threading.enumerate() if thread is not threading.main_thread()]
    assert all(thread.daemon for thread in hanging if "_work" in thread.name)
    done.set()
    assert workers.wait(10) is True


def test_closed_workers_leave_no_thread():
    before, workers, done = threading.active_count(), Threads(), threading.Event()
    for _call in range(2):
        workers.submit(lambda: done.wait(10))
    workers.close()
    done.set()
    end = time.monotonic() + 10
    while threading.active_count() > before and time.monotonic() < end:
        time.sleep(0.01)
    assert threading.active_count() == before
    assert [workers.wait(10) for _call in range(2)] == [True, True]


def test_its_clock_is_monotonic():
    assert abs(Threads().now() - time.monotonic()) < 1


def test_existing_threads_do_the_calls_if_no_more_can_be_started(monkeypatch):
    workers = Threads()
    workers.submit(lambda: 1)
    assert workers.wait(10) == 1

    def cannot(_thread):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", cannot)
    for number in range(5):
        workers.submit(lambda number=number: number)
    assert sorted(workers.wait(10) for _call in range(5)) == [0, 1, 2, 3, 4]
    with pytest.raises(RuntimeError):
        Threads().submit(lambda: 1)
