# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import locale
import os
import signal
import threading
import time
import warnings as python_warnings

import pytest

from ansible_collections.frontline.entra.plugins.module_utils import _signals
from ansible_collections.frontline.entra.plugins.module_utils._results import _progress
from ansible_collections.frontline.entra.plugins.module_utils._results._progress import Step
from ansible_collections.frontline.entra.plugins.module_utils._spec import OneOf, Spec
from ansible_collections.frontline.entra.plugins.module_utils._task import attempt
from ansible_collections.frontline.entra.plugins.plugin_utils import _here
from ansible_collections.frontline.entra.plugins.plugin_utils._here import work_here
from ansible_collections.frontline.entra.plugins.plugin_utils._place import Loaded

SPEC = Spec(
    options={
        "user": {"type": "str", "aliases": ["name"]},
        "secret": {"type": "str", "no_log": True},
        "count": {"type": "int", "default": 1},
        "file": {"type": "path"},
        "progress": {"type": "bool", "default": True},
    },
    constraints=(OneOf(("user",), "No user"),),
)
INTERNAL = {"check_mode": False, "diff": False, "no_log": False, "module_name": "frontline.entra.thing"}


@pytest.fixture(autouse=True)
def not_stopped(monkeypatch):
    monkeypatch.setattr(_here._ENDED, "by_signal", False)


def no_leave():
    raise AssertionError("left")


def work(do, options, folder=".", say=lambda line: None, leave=no_leave, **internal):
    loaded = Loaded(SPEC, lambda task: attempt(task, lambda: do(task)), True)
    return work_here(loaded, options, {**INTERNAL, **internal}, str(folder), say, leave)


def done(task, **more):
    return {"changed": False, "msg": "Done.", "reason": None, **more}


@pytest.mark.parametrize(
    ("options", "reason", "words"),
    [
        ({"user": "a"}, None, "Done."),
        ({"user": ""}, "invalid_options", "No user: set 'user'"),
        ({"user": "a", "count": "many"}, "invalid_options", "count"),
        ({"user": "a", "count": True}, "invalid_options", "'count' is the boolean true"),
        (
            {"user": "a", "other": 1},
            "invalid_options",
            "Unsupported parameters for (frontline.entra.thing) module: other",
        ),
        ({"user": "a", "file": "b\0"}, "invalid_options", "NUL"),
    ],
)
def test_options_are_checked_as_in_a_module(options, reason, words):
    result = work(done, options)
    assert (result["reason"], result.get("failed", False)) == (reason, reason is not None)
    assert words in result["msg"]
    assert result["invocation"]["module_args"]["user"] == (options["user"] or None)


def test_secrets_are_masked_in_all_values_but_booleans():
    def do(task):
        task.conceal("concealed-one")
        task.warn("It is hidden-one.")
        return done(task, users=[{"user": "hidden-one"}], more="concealed-one", yes=True)

    result = work(do, {"user": "hidden-one", "secret": "hidden-one"})
    assert "hidden-one" not in repr(result) and "concealed-one" not in repr(result)
    assert result["yes"] is True
    result = work(done, {"user": "short", "secret": "short"})
    assert result["invocation"]["module_args"]["user"] == "short"
    assert ["5 characters" in warning for warning in result["warnings"]] == [True]


def test_the_invocation_is_left_out_if_ansible_omits_it():
    assert "invocation" not in work(done, {"user": "a"}, inject_invocation=False)
    assert "invocation" in work(done, {"user": "a"}, inject_invocation=True)


def test_an_alias_beside_the_option_is_a_warning():
    assert "Both option user and its alias name" in work(done, {"user": "a", "name": "b"})["warnings"][0]


def test_relative_paths_are_in_the_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("PLACE", "there")
    seen = []
    work(
        lambda task: seen.append((os.getcwd(), task.params["file"])) or done(task),
        {"user": "a", "file": "$PLACE/x"},
        tmp_path,
    )
    assert seen == [(str(tmp_path), "there/x")]


def process():
    return {
        "folder": os.getcwd(),
        "environment": dict(os.environ),
        "umask": (mask := os.umask(0o022), os.umask(mask))[0],
        "locale": locale.setlocale(locale.LC_ALL),
        "handlers": [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)],
        "others": [signal.getsignal(number) for number in (signal.SIGALRM, signal.SIGUSR1)],
        "timer": signal.getitimer(signal.ITIMER_REAL),
        "mask": signal.pthread_sigmask(signal.SIG_BLOCK, ()),
        "threads": threading.active_count(),
        "files": sorted(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else None,
        "filters": list(python_warnings.filters),
    }


@pytest.mark.parametrize("fails", [False, True])
def test_a_task_leaves_the_process_as_it_was(tmp_path, fails):
    def do(task):
        if fails:
            raise OSError("unforeseen")
        return done(task)

    before = process()
    assert work(do, {"user": "a"}, tmp_path)["reason"] == ("internal_error" if fails else None)
    assert process() == before


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_stopped_task_has_a_result_and_prevents_further_tasks(number, monkeypatch):
    monkeypatch.setattr(_here, "TO_SEND", 3600)
    monkeypatch.setattr(_here, "Watch", lambda over, react: threading.Thread(target=int))
    before = signal.getsignal(number)

    def do(task):
        os.kill(os.getpid(), number)
        time.sleep(5)

    result = work(do, {"user": "a"})
    assert (result["failed"], result["reason"]) == (True, "incomplete")
    assert f"The task was stopped ({number.name})" in result["msg"]
    assert signal.getsignal(number) is before
    with pytest.raises(AssertionError, match="left"):
        work(done, {"user": "a"})


def test_a_stopped_process_without_a_reader_ends(monkeypatch):
    left = threading.Event()
    monkeypatch.setattr(_here, "TO_SEND", 0.05)
    monkeypatch.setattr(_signals, "CHECK_EVERY", 0.02)
    work(lambda task: os.kill(os.getpid(), signal.SIGTERM), {"user": "a"}, leave=left.set)
    assert left.wait(5)


def test_without_ansible_the_process_ends_when_the_work_has_stopped(monkeypatch):
    monkeypatch.setattr(_signals, "CHECK_EVERY", 0.02)
    monkeypatch.setattr(_here, "parent_ended", lambda: lambda: True)
    with pytest.raises(AssertionError, match="left"):
        work(lambda task: time.sleep(5), {"user": "a"})


@pytest.mark.parametrize(
    ("options", "internal", "printed"),
    [({}, {}, True), ({"progress": False}, {}, False), ({}, {"no_log": True}, False), ({"count": "x"}, {}, False)],
)
def test_progress_is_printed_if_requested(monkeypatch, options, internal, printed):
    monkeypatch.setattr(_progress, "pause", lambda elapsed: 0.0)
    lines = []

    def do(task):
        task.show(Step("reading", 1, 4, 0, 1))
        return done(task)

    work(do, {"user": "a", **options}, say=lines.append, **internal)
    assert lines == (["reading 1 of 4 users, 0.0% throttled"] if printed else [])
