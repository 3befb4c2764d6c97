# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import os
import pathlib
import signal
import socket
import subprocess
import sys
import threading
import time

import pytest

from ansible_collections.frontline.entra.plugins.module_utils import _signals
from ansible_collections.frontline.entra.plugins.module_utils._errors import Interrupted
from ansible_collections.frontline.entra.plugins.module_utils._signals import (
    StopSignals,
    Watch,
    abandoned,
    has_no_reader,
    parent_ended,
)


def send(number):
    os.kill(os.getpid(), number)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_ends_a_task_without_writes_at_once(number):
    with pytest.raises(Interrupted, match=number.name), StopSignals(abandoned()):
        send(number)
        time.sleep(5)


def test_a_task_with_writes_gets_a_grace_period():
    asked = []
    start = time.monotonic()
    with pytest.raises(Interrupted, match="The task was stopped"), StopSignals(abandoned()) as signals:
        signals.ask = lambda why: asked.append(why) or 0.1
        send(signal.SIGTERM)
        # Repeated signals do not shorten it.
        send(signal.SIGINT)
        time.sleep(5)
    assert 0.1 <= time.monotonic() - start < 4
    assert asked == ["The task was stopped (SIGTERM)."] * 2


def test_a_finished_task_is_not_interrupted():
    with StopSignals(abandoned()) as signals:
        signals.ask = lambda why: None
        send(signal.SIGTERM)


def test_a_task_that_ends_in_time_is_not_interrupted():
    answers = iter([0.05, None])
    with StopSignals(abandoned()) as signals:
        signals.ask = lambda why: next(answers)
        send(signal.SIGTERM)
        time.sleep(0.1)


def test_the_previous_handlers_are_restored():
    handlers = [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT, signal.SIGALRM, signal.SIGUSR1)]
    with StopSignals(abandoned()):
        assert signal.getsignal(signal.SIGTERM) not in handlers
    assert [
        signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT, signal.SIGALRM, signal.SIGUSR1)
    ] == handlers
    assert signal.getitimer(signal.ITIMER_REAL)[0] == 0


def test_a_signal_that_is_ignored_stays_ignored():
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with StopSignals(abandoned()):
            send(signal.SIGHUP)
    finally:
        signal.signal(signal.SIGHUP, before)


@pytest.fixture
def quickly(monkeypatch):
    monkeypatch.setattr(_signals, "CHECK_EVERY", 0.02)


def test_the_end_of_ansible_acts_as_a_signal(quickly, monkeypatch):
    """The main thread wakes, gets its grace period, and is then interrupted."""
    over, asked = [], []
    monkeypatch.setattr(_signals, "parent_ended", lambda: lambda: bool(over))
    start = time.monotonic()
    with pytest.raises(Interrupted, match="Ansible has ended"), StopSignals(abandoned()) as signals:
        signals.ask = lambda why: asked.append(why) or 0.1
        over.append(True)
        time.sleep(5)
    assert 0.1 <= time.monotonic() - start < 4
    assert asked == ["The task was stopped (Ansible has ended)."] * 2


def test_while_ansible_runs_the_task_continues(quickly):
    with StopSignals(abandoned()):
        time.sleep(0.1)


def test_without_a_thread_to_watch_the_run_continues(monkeypatch):
    def start(thread):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", start)
    with StopSignals(abandoned()):
        pass


def test_a_watch_reacts_once(quickly):
    reactions = []
    watch = Watch(lambda: True, lambda: reactions.append(signal.pthread_sigmask(signal.SIG_BLOCK, ())))
    watch.start()
    watch.join(5)
    assert len(reactions) == 1 and {signal.SIGTERM, signal.SIGUSR1} <= reactions[0]


def test_a_stopped_watch_does_not_react(quickly):
    reactions = []
    watch = Watch(lambda: bool(reactions), lambda: reactions.append("reacted"))
    watch.start()
    watch.stop()
    assert not watch.is_alive() and reactions == []


def test_a_changed_parent_process_means_that_the_parent_ended(monkeypatch):
    has_ended = parent_ended()
    assert not has_ended()
    other = os.getppid() + 1
    monkeypatch.setattr(os, "getppid", lambda: other)
    assert has_ended()


def test_a_pipe_or_socket_has_a_reader_until_its_other_end_is_closed():
    reader, writer = os.pipe()
    ours, theirs = socket.socketpair()
    descriptors = (writer, ours.fileno())
    assert [has_no_reader(descriptor) for descriptor in descriptors] == [False, False]
    os.close(reader)
    theirs.close()
    assert [has_no_reader(descriptor) for descriptor in descriptors] == [True, True]
    os.close(writer)
    ours.close()


def test_a_file_needs_no_reader(tmp_path):
    with (tmp_path / "output").open("w") as file, open(os.devnull, "w") as nothing:
        assert not has_no_reader(file.fileno()) and not has_no_reader(nothing.fileno())


@pytest.mark.parametrize("whom", ["shell", "reader"])
def test_a_process_stops_when_its_shell_or_its_reader_has_ended(whom):
    """As the module below a shell below a worker of Ansible: the shell is the parent, the worker reads."""
    program = (
        "import sys, time\n"
        "from ansible_collections.frontline.entra.plugins.module_utils._errors import Interrupted\n"
        "from ansible_collections.frontline.entra.plugins.module_utils._signals import StopSignals, abandoned\n"
        "try:\n"
        "    with StopSignals(abandoned()):\n"
        "        print('started', file=sys.stderr, flush=True)\n"
        "        time.sleep(30)\n"
        "except Interrupted as error:\n"
        "    print(error.message, file=sys.stderr, flush=True)\n"
    )
    command = ["sh", "-c", '"$@"; true', "sh", sys.executable, "-c", program]
    root = str(pathlib.Path(_signals.__file__).parents[5])
    pipe = subprocess.PIPE
    shell = subprocess.Popen(command, stdout=pipe, stderr=pipe, env={**os.environ, "PYTHONPATH": root})
    with shell:
        assert shell.stderr.readline() == b"started\n"
        if whom == "shell":
            shell.kill()
        else:
            shell.stdout.close()
        assert shell.stderr.readline() == b"The task was stopped (Ansible has ended).\n"
