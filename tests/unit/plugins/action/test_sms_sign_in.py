# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import importlib
import json
import threading
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from ansible_collections.frontline.entra.plugins.action import sms_sign_in as action
from ansible_collections.frontline.entra.plugins.module_utils import _signals
from ansible_collections.frontline.entra.plugins.module_utils._spec import Spec
from ansible_collections.frontline.entra.plugins.plugin_utils._place import load

STEP = {"phase": "reading", "done": 100, "total": 500, "seconds": 20.0, "throttled": 2, "sent": 200}


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
        # The module refuses this value.
        ("perhaps", {}, False),
        (None, {"no_log": True}, False),
        (None, {"async_val": 60}, False),
        (None, {"transport": "ssh"}, False),
        (None, {"become": object()}, False),
    ],
)
def test_the_module_writes_a_progress_file_if_it_is_read(monkeypatch, tmp_path, progress, more, watched):
    """The file is private to the action: it is deleted afterwards, and not in the result."""
    task = SimpleNamespace(
        action="frontline.entra.sms_sign_in",
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

    monkeypatch.setattr(action, "can_work_here", lambda *asked: False)
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
    """The output of the module then has no reader, which the module notices."""
    done, ended = [], threading.Event()
    monkeypatch.setattr(action, "can_work_here", lambda *asked: False)
    monkeypatch.setattr(action, "parent_ended", lambda: ended.is_set)
    monkeypatch.setattr(action.ActionBase, "run", lambda *args: {})
    monkeypatch.setattr(action.ActionBase, "cleanup", lambda self: done.append("cleaned up"))
    monkeypatch.setattr(action.os, "_exit", done.append)
    monkeypatch.setattr(_signals, "CHECK_EVERY", 0.02)
    task = SimpleNamespace(action="frontline.entra.sms_sign_in", args={"progress": False}, async_val=0, no_log=False)
    connection = SimpleNamespace(transport="local", become=None, has_native_async=False)
    subject = action.ActionModule(task, connection, None, None, None, None)

    def run_module(**_how):
        ended.set()
        time.sleep(0.3)
        return {"changed": False}

    monkeypatch.setattr(subject, "_execute_module", run_module)
    assert subject.run() == {"changed": False}
    assert done == ["cleaned up", 1]


def test_an_invalid_path_is_left_to_the_module():
    task = SimpleNamespace(action="frontline.entra.sms_sign_in", args={}, async_val=0, no_log=False)
    connection = SimpleNamespace(transport="local", become=None)
    subject = action.ActionModule(task, connection, None, None, None, None)
    assert subject._wanted({"progress_path": "/tmp/a"})
    assert not subject._wanted({"progress_path": "/tmp/a\0"})


def test_a_module_without_progress_gets_no_file(monkeypatch):
    task = SimpleNamespace(action="frontline.entra.sms_sign_in", args={}, async_val=0, no_log=False)
    connection = SimpleNamespace(transport="local", become=None)
    subject = action.ActionModule(task, connection, None, None, None, None)
    for loaded in (None, load("sms_sign_in")._replace(spec=Spec())):
        monkeypatch.setattr(action.ActionModule, "_loaded", loaded)
        assert not subject._wanted({})


def failing(*_asked):
    raise RuntimeError("what Ansible has changed")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("_loaded", None),
        ("_loaded", load("sms_sign_in")._replace(is_complete=False)),
        ("can_work_here", lambda *asked: False),
        ("can_work_here", failing),
        ("plain", failing),
    ],
)
def test_any_obstacle_to_work_in_process_runs_the_module(monkeypatch, name, value):
    task = SimpleNamespace(action="frontline.entra.sms_sign_in", args={"progress": False}, async_val=0, no_log=False)
    connection = SimpleNamespace(transport="local", become=None, has_native_async=False)
    monkeypatch.setattr(action.ActionBase, "run", lambda *args: {})
    monkeypatch.setattr(action, "can_work_here", lambda *asked: True)
    monkeypatch.setattr(action.ActionModule if name == "_loaded" else action, name, value)
    subject = action.ActionModule(task, connection, None, None, None, None)
    monkeypatch.setattr(subject, "_execute_module", lambda **how: {"changed": False, "by": "module"})
    assert subject.run() == {"changed": False, "by": "module"}


def test_every_module_has_this_action_and_is_loaded_with_it():
    plugins = Path(action.__file__).parents[1]
    modules, actions = ({file.stem for file in (plugins / kind).glob("[a-z]*.py")} for kind in ("modules", "action"))
    assert modules == actions
    for name in actions:
        own = importlib.import_module(f"{action.__package__}.{name}")
        assert issubclass(own.ActionModule, action.ActionModule)
        assert f'\nmain = options_check("{name}")\n' in Path(own.__file__).read_text("utf-8")


def test_only_the_names_of_arguments_are_printed():
    arguments = action.Arguments(client_secret="hunter~2", users=["anna@contoso.example"])
    for text in (str(arguments), repr(arguments), f"{arguments}", "%s" % (arguments,)):  # noqa: UP031 - Ansible's way
        assert text == "<arguments client_secret, users>"
    assert json.loads(json.dumps(arguments)) == {"client_secret": "hunter~2", "users": ["anna@contoso.example"]}
