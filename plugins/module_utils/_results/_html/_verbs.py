# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""Verbs for the outcomes of users, in singular and plural."""

from __future__ import annotations

from collections.abc import Mapping

from ..._domain._states import DISABLED, ENABLED
from .. import _outcomes as outcomes

DONE: Mapping[str, tuple[str, str]] = {
    outcomes.UNCHANGED: ("needed no change", "needed no change"),
    outcomes.REFUSED: ("was refused", "were refused"),
    outcomes.FAILED: ("failed", "failed"),
    outcomes.SKIPPED: ("was skipped", "were skipped"),
    outcomes.DEFERRED: ("was deferred", "were deferred"),
    outcomes.PLANNED: ("was planned, with no known outcome", "were planned, with no known outcome"),
}
PREDICTED: Mapping[str, tuple[str, str]] = {
    **DONE,
    outcomes.UNCHANGED: ("needs no change", "need no change"),
    outcomes.REFUSED: ("would be refused", "would be refused"),
    outcomes.FAILED: ("would fail", "would fail"),
    outcomes.DEFERRED: ("would be deferred", "would be deferred"),
}

_CHANGED: Mapping[str, tuple[str, str, str]] = {
    ENABLED: (ENABLED, "SMS sign-in was", "SMS sign-in would be"),
    DISABLED: (DISABLED, "SMS sign-in was", "SMS sign-in would be"),
}
_OF_PHONES = ("changed", "Phone numbers were", "Phone numbers would be")


def changed_to(desired: str | None) -> str:
    """The outcome of changed users, in one word."""
    return _CHANGED.get(desired or "", _OF_PHONES)[0]


def sentence_begin(desired: str | None, dry: bool) -> str:
    """The beginning of the sentence about the users that changed."""
    word, was, would = _CHANGED.get(desired or "", _OF_PHONES)
    return f"{would if dry else was} {word}"
