# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""The summary of a report in a few sentences."""

from __future__ import annotations

from collections import Counter

from ..._domain._states import READY
from .. import _outcomes as outcomes
from ._counts import states
from ._source import AUDIT, DRY_RUN, Report
from ._text import count
from ._verbs import DONE, PREDICTED, sentence_begin
from ._words import UNKNOWN


def summary(report: Report) -> str:
    """The paragraph at the top of a report."""
    sentences = _audit(report) if report.mode == AUDIT else _run(report)
    unknown = states(report, report.state_read)[UNKNOWN]
    if unknown:
        sentences.append(f"The state of {users(unknown)} is unknown.")
    if not report.finished:
        sentences.insert(0, "The run did not finish: this is the last state that it saved.")
    return " ".join(sentences)


def users(number: int) -> str:
    return count(number, "user", "users")


def _run(report: Report) -> list[str]:
    kinds = Counter(user.outcome for user in report.users)
    dry = report.mode == DRY_RUN
    verbs = PREDICTED if dry else DONE
    parts = [
        f"{kinds[kind]:,} {one if kinds[kind] == 1 else many}" for kind, (one, many) in verbs.items() if kinds[kind]
    ]
    rest = f"; {_listed(parts)}" if parts else ""
    on = states(report, report.state_read)[READY]
    return [
        f"{sentence_begin(report.desired, dry)} for {kinds[outcomes.CHANGED]:,} of {users(len(report.users))}{rest}.",
        f"Nothing was written. SMS sign-in is on for {users(on)}."
        if dry
        else f"SMS sign-in is now on for {users(on)}.",
    ]


def _audit(report: Report) -> list[str]:
    on = states(report, report.state_read)[READY]
    failed = sum(user.outcome == outcomes.FAILED for user in report.users)
    found = [f"SMS sign-in is on for {on:,} of {users(len(report.users))}."]
    if report.sms_only is not None:
        found.append(
            f"{report.sms_only:,} of these {'has' if report.sms_only == 1 else 'have'} no usable other method."
        )
    elif on:
        found.append("Their other sign-in methods were not read.")
    return found + ([f"{users(failed)} could not be read."] if failed else [])


def _listed(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
