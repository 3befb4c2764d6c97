# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""The chart of states: bars, and the table of their figures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from ._charts import figures, stacked_bar
from ._counts import few, states
from ._source import AUDIT, DRY_RUN, Report
from ._text import escaped
from ._user import User
from ._words import OTHER, STATES, Look


def state_charts(report: Report, prefix: str) -> str:
    """Bars of the states before and after, or as read and expected, and the table of their figures."""
    counted = [(heading, few(states(report, read))) for heading, read in _readings(report)]
    present = list(dict.fromkeys([*STATES, *(state for _heading, counts in counted for state in counts)]))
    present = [state for state in present if any(counts[state] for _heading, counts in counted)]
    bars = "".join(
        f'<p class="axis">{heading}</p>'
        + stacked_bar(f"{prefix}bar{number}", f"States: {heading}", _parts(present, counts))
        for number, (heading, counts) in enumerate(counted)
    )
    heads = "".join(
        f'<th scope="col" class="n">{heading}</th><th scope="col" class="n share">Share</th>'
        for heading, _counts in counted
    )
    rows = "".join(_state_row(state, [counts for _heading, counts in counted], len(report.users)) for state in present)
    return (
        f'<figure id="{prefix}states"><figcaption>States of all users</figcaption>{bars}'
        '<div class="scroll" role="group" aria-label="States" tabindex="0"><table class="lines states"><thead><tr>'
        '<th scope="col">State</th>'
        f"{heads}</tr></thead><tbody>{rows}</tbody></table></div></figure>"
    )


def _readings(report: Report) -> list[tuple[str, Callable[[User], str | None]]]:
    if report.mode == AUDIT:
        return [("As read", lambda user: user.state)]
    first, last = ("As read", "Expected") if report.mode == DRY_RUN else ("Before", "After")
    return [(first, lambda user: user.previous_state), (last, lambda user: user.state)]


def _state_row(state: str, counted: Sequence[Counter[str]], total: int) -> str:
    look = _look(state)
    cells = "".join(figures(counts[state], total) for counts in counted)
    return (
        f'<tr><th scope="row"><span class="{look.css}" aria-hidden="true">{look.shape}</span>'
        f' <code>{escaped(state)}</code> <span class="means">{look.meaning}</span></th>{cells}</tr>'
    )


def _parts(present: Sequence[str], counts: Counter[str]) -> list[tuple[str, str, int]]:
    return [(_look(state).css, state, counts[state]) for state in present]


def _look(state: str) -> Look:
    return STATES.get(state, OTHER)
