# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""make conformance believes a judge only what it said, and that only when it came to its end."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from conformance.run import judged


@pytest.mark.parametrize(
    ("command", "counts"),
    [
        ("echo passed this; echo passed that", (2, 0)),
        ("echo passed this; echo FAILED that; exit 1", (1, 1)),
        ("echo passed this; exit 3", (1, 1)),
        ("echo FAILED this", (0, 1)),
        ("echo nothing was passed", (0, 1)),
        ("exit 0", (0, 1)),
    ],
)
def test_a_judge_is_counted(capsys: Any, command: str, counts: tuple[int, int]) -> None:
    assert judged("a judge", ["sh", "-c", command]) == counts
    assert f"{counts[0]} passed, {counts[1]} failed" in capsys.readouterr().out


def test_a_judge_is_told_where_the_simulator_is_and_whom_to_trust() -> None:
    asks = "import os, urllib.request as net; net.urlopen(os.environ['CONTROL_URL'] + '/journal'); print('passed it')"
    assert judged("a judge", [sys.executable, "-c", asks]) == (1, 0)
