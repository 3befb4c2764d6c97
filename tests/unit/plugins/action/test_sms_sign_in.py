# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
import os
import queue
import signal
import threading
import time
from types import SimpleNamespace

import pytest

from ansible_collections.frontline.entra.plugins.action import sms_sign_in as action
from ansible_collections.frontline.entra.plugins.module_utils import _signals

STEP = {"phase": "reading", "done": 100, "total": 500, "seconds": 20.0, "throttled": 2, "sent": 200}


@pytest.fixture
def told(monkeypatch):
    """What is sent through the queue of the worker: when, what, how, and with which signals blocked."""
    lines = queue.Queue()

    def send_display(method, line, **how):
        lines.put((time.monotonic(), line, {"method": method, **how}, signal.pthread_sigmask(signal.SIG_BLOCK, ())))

    monkeypatch.setattr(action, "Display", lambda: SimpleNamespace(_final_q=SimpleNamespace(send_display=send_display)))
    monkeypatch.setattr(action, "pause", lambda elapsed: 0.1 if elapsed > 0.15 else 0.2)
    return lines


@pytest.fixture
def reporter(told, tmp_path):
    reporting = action.Reporter(str(tmp_path / "progress.json"), "tenant-one")
    yield reporting
    reporting.stop()
    assert not reporting.is_alive()


def test_lines_come_after_a_while_and_then_regularly(told, reporter, tmp_path):
    path = tmp_path / "progress.json"
    path.write_text(json.dumps(STEP))
    # As on a share whose clock is ahead.
    os.utime(path, times=(time.time() + 80, time.time() + 80))
    began = time.monotonic()
    reporter.start()
    times, lines, how, blocked = zip(*(told.get(timeout=10) for _line in range(3)))
    assert times[0] - began >= 0.2 and all(later - sooner >= 0.1 for sooner, later in zip(times, times[1:]))
    assert lines[0] == "tenant-one: reading 100 of 500 users, 5.0 a second, 1.0% throttled, 80 s left"
    # Not to where results are printed for programs; and signals are for the main thread.
    assert how[0] == {"method": "display", "stderr": True} and {signal.SIGINT, signal.SIGTERM} <= blocked[0]
    reporter.stop()
    assert not reporter.is_alive() and signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, ())


def test_while_nothing_moves_the_rate_falls(told, reporter, tmp_path):
    path = tmp_path / "progress.json"
    path.write_text(json.dumps(STEP))
    os.utime(path, times=(time.time() - 80, time.time() - 80))
    reporter.start()
    assert "100 of 500 users, 1.0 a second" in told.get(timeout=10)[1]


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
def test_a_file_that_is_missing_or_no_progress_is_waited_for(told, reporter, tmp_path, content):
    path = tmp_path / "progress.json"
    if content is not None:
        path.write_text(content)
    reporter.start()
    with pytest.raises(queue.Empty):
        told.get(timeout=0.4)
    path.write_text(json.dumps(STEP))
    assert told.get(timeout=10)[1].startswith("tenant-one: reading 100 of 500 users")


def test_a_pipe_in_place_of_the_file_holds_nothing_up(told, reporter, tmp_path):
    path = tmp_path / "progress.json"
    os.mkfifo(path)
    reporter.start()
    with pytest.raises(queue.Empty):
        told.get(timeout=0.4)
    path.unlink()
    path.write_text(json.dumps(STEP))
    assert told.get(timeout=10)[1].startswith("tenant-one: reading 100 of 500 users")


def test_without_a_queue_nothing_is_printed(monkeypatch, told, reporter, tmp_path):
    """As where a strategy runs tasks in its own process."""
    monkeypatch.setattr(action, "Display", lambda: SimpleNamespace(_final_q=None))
    (tmp_path / "progress.json").write_text(json.dumps(STEP))
    reporter.start()
    with pytest.raises(queue.Empty):
        told.get(timeout=0.4)


def test_nothing_is_told_of_a_run_that_is_over_soon(told, reporter, tmp_path):
    (tmp_path / "progress.json").write_text(json.dumps(STEP))
    reporter.start()
    reporter.stop()
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


def test_a_worker_whose_ansible_has_ended_removes_its_files_and_ends(monkeypatch, tmp_path):
    """So nobody reads the output of the module any more, which notices that."""
    done, ended = [], threading.Event()
    monkeypatch.setattr(action, "parent_ended", lambda: ended.is_set)
    monkeypatch.setattr(action.ActionBase, "run", lambda *args: {})
    monkeypatch.setattr(action.ActionBase, "cleanup", lambda self: done.append("cleaned up"))
    monkeypatch.setattr(action.os, "_exit", done.append)
    monkeypatch.setattr(_signals, "LOOK_EVERY", 0.02)
    task = SimpleNamespace(args={"progress": False}, async_val=0, no_log=False)
    connection = SimpleNamespace(transport="local", become=None, has_native_async=False)
    subject = action.ActionModule(task, connection, None, None, None, None)

    def run_module(**_how):
        ended.set()
        time.sleep(0.3)
        return {"changed": False}

    monkeypatch.setattr(subject, "_execute_module", run_module)
    assert subject.run() == {"changed": False}
    assert done == ["cleaned up", 1]


def test_a_path_that_no_file_can_have_is_left_to_the_module():
    task = SimpleNamespace(args={}, async_val=0, no_log=False)
    connection = SimpleNamespace(transport="local", become=None)
    subject = action.ActionModule(task, connection, None, None, None, None)
    assert subject._wanted({"progress_path": "/tmp/a"})
    assert not subject._wanted({"progress_path": "/tmp/a\0"})


def test_arguments_print_their_names_only():
    arguments = action.Arguments(client_secret="hunter~2", users=["anna@contoso.example"])
    for text in (str(arguments), repr(arguments), f"{arguments}", "%s" % (arguments,)):  # noqa: UP031 - Ansible's way
        assert text == "<arguments client_secret, users>"
    assert json.loads(json.dumps(arguments)) == {"client_secret": "hunter~2", "users": ["anna@contoso.example"]}
