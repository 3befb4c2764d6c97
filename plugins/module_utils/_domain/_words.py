# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""The words in which messages describe what a run is about."""

from __future__ import annotations

from typing import NamedTuple


class Words(NamedTuple):
    """How messages describe subjects of a run: `2 enabled, 3 already enabled`, `2 would be enabled`.

    `subjects` in the plural; `phase` names the writing in progress lines; `planned` is the message of a user that is
    not written to yet.
    """

    changed: str
    unchanged: str
    would: str
    planned: str
    phase: str
    subjects: str = "users"


NO_WORDS = Words("", "", "", "", "")
"""Words for a run that did not begin."""
