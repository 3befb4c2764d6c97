# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
import os
import queue
import signal
import time
from types import SimpleNamespace

import pytest

from ansible_collections.frontline.entra.plugins.action import sms_sign_in as action

STEP = {"phase": "reading", "done": 100, "total": 500, "seconds": 20.0, "throttled": 2, "sent": 200}


@pytest.fixture
def told(monkeypatch):
    """What the watcher displays: when, what, how, and with which signals blocked."""
    lines = queue.Queue()

    def display(line, **how):
        lines.put((time.monotonic(), line, how, signal.pthread_sigmask(signal.SIG_BLOCK, ())))

    monkeypatch.setattr(action, "Display", lambda: SimpleNamespace(display=display))
    monkeypatch.setattr(action, "FIRST_AFTER", 0.2)
    monkeypatch.setattr(action, "THEN_EVERY", 0.1)
    return lines


@pytest.fixture
def watcher(told, tmp_path):
    watching = action.Watcher(str(tmp_path / "progress.json"), "tenant-one")
    yield watching
    watching.stop()
    assert not watching.is_alive()


def test_lines_come_after_a_while_and_then_regularly(told, watcher, tmp_path):
    path = tmp_path / "progress.json"
    path.write_text(json.dumps(STEP))
    # As on a share whose clock is ahead.
    os.utime(path, times=(time.time() + 80, time.time() + 80))
    began = time.monotonic()
    watcher.start()
    times, lines, how, blocked = zip(*(told.get(timeout=10) for _line in range(3)))
    assert times[0] - began >= 0.2 and all(later - sooner >= 0.1 for sooner, later in zip(times, times[1:]))
    assert lines[0] == "tenant-one: reading 100 of 500 users, 5.0 a second, 1.0% put off, 80 s left"
    # Not to where results are printed for programs; and signals are for the main thread.
    assert how[0] == {"stderr": True} and {signal.SIGINT, signal.SIGTERM} <= blocked[0]
    watcher.stop()
    assert not watcher.is_alive() and signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, ())


def test_while_nothing_moves_the_rate_falls(told, watcher, tmp_path):
    path = tmp_path / "progress.json"
    path.write_text(json.dumps(STEP))
    os.utime(path, times=(time.time() - 80, time.time() - 80))
    watcher.start()
    assert "100 of 500 users, 1.0 a second" in told.get(timeout=10)[1]


@pytest.mark.parametrize("content", [None, "", "{", "[]", '{"phase": "reading"}'])
def test_a_file_that_is_missing_or_no_progress_is_waited_for(told, watcher, tmp_path, content):
    path = tmp_path / "progress.json"
    if content is not None:
        path.write_text(content)
    watcher.start()
    with pytest.raises(queue.Empty):
        told.get(timeout=0.4)
    path.write_text(json.dumps(STEP))
    assert told.get(timeout=10)[1].startswith("tenant-one: reading 100 of 500 users")


def test_nothing_is_told_of_a_run_that_is_over_soon(told, watcher, tmp_path):
    (tmp_path / "progress.json").write_text(json.dumps(STEP))
    watcher.start()
    watcher.stop()
    with pytest.raises(queue.Empty):
        told.get(timeout=0.4)


@pytest.mark.parametrize(
    ("progress", "more", "watched"),
    [
        (None, {}, True),
        ("", {}, True),
        (" ", {}, True),
        (True, {}, True),
        ("yes", {}, True),
        (None, {"progress_path": ""}, True),
        (None, {"progress_path": " "}, True),
        (False, {}, False),
        ("no", {}, False),
        # The module will say that this is no such value.
        ("perhaps", {}, False),
        (None, {"no_log": True}, False),
        (None, {"async_val": 60}, False),
        (None, {"transport": "ssh"}, False),
        (None, {"become": object()}, False),
    ],
)
def test_the_module_keeps_a_file_where_somebody_looks_at_it(monkeypatch, tmp_path, progress, more, watched):
    """Its name is ours alone: it is gone afterwards, and not in the result."""
    task = SimpleNamespace(
        args={
            "users": ["anna@contoso.example"],
            **({} if progress is None else {"progress": progress}),
            **{name: value for name, value in more.items() if name == "progress_path"},
        },
        async_val=more.get("async_val", 0),
        no_log=more.get("no_log", False),
    )
    connection = SimpleNamespace(
        transport=more.get("transport", "local"), become=more.get("become"), has_native_async=False
    )
    loader = SimpleNamespace(get_basedir=lambda: str(tmp_path))
    given = []

    def run_module(module_args, task_vars, wrap_async):
        given.append(module_args)
        if path := module_args.get("progress_path"):
            with open(path, "w", encoding="utf-8") as file:
                json.dump(STEP, file)
        return {"changed": True, "invocation": {"module_args": {"progress_path": path}}, "wrapped": wrap_async}

    monkeypatch.setattr(action.constants, "DEFAULT_LOCAL_TMP", str(tmp_path))
    monkeypatch.setattr(action.ActionBase, "run", lambda *args: {})
    subject = action.ActionModule(task, connection, None, loader, None, None)
    monkeypatch.setattr(subject, "_execute_module", run_module)

    result = subject.run(task_vars={"inventory_hostname": "tenant-one"})

    assert ("progress_path" in given[0]) is watched and given[0]["users"] == ["anna@contoso.example"]
    assert result["changed"] and result["invocation"]["module_args"]["progress_path"] is None
    assert bool(result["wrapped"]) is ("async_val" in more)
    assert list(tmp_path.iterdir()) == []
