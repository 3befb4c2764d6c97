# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import threading
import time

import pytest

from ansible_collections.frontline.entra.plugins.module_utils._auth import _bounded
from ansible_collections.frontline.entra.plugins.module_utils._auth._bounded import Overdue, bounded


def test_the_result_of_a_call_is_returned():
    assert bounded(lambda: 7, 5.0) == 7


def test_an_exception_of_a_call_is_raised():
    def fail():
        raise KeyError("x")

    with pytest.raises(KeyError, match="x"):
        bounded(fail, 5.0)


def test_a_call_that_hangs_is_abandoned():
    begin = time.monotonic()
    with pytest.raises(Overdue):
        bounded(lambda: time.sleep(5), 0.1)
    assert time.monotonic() - begin < 4


def test_without_another_thread_the_call_is_made_here(monkeypatch):
    class NoThread(threading.Thread):
        def start(self):
            raise RuntimeError("can't start new thread")

    monkeypatch.setattr(_bounded.threading, "Thread", NoThread)
    assert bounded(threading.get_ident, 5.0) == threading.get_ident()
