# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""Whether a user is an administrator, by the registration report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .._domain import _reasons as reasons
from .._entra._registration import admins_among
from .._goals._goal import WRITE
from .._graph._client import Graph
from ._doubts import Count, Finding, Planned
from ._preflight import report_for


class Admins:
    """Administrators, and users that the report does not show to be none."""

    needs = (report_for("exclude_admins"),)

    def concerns(self, planned: Planned) -> bool:
        return planned.step.verdict == WRITE

    def ask(self, planned: Sequence[Planned], graph: Graph, show: Count) -> Mapping[str, Finding]:
        """Raises PermissionMissing, LicenceMissing, and EntraError when the report cannot be read.

        Users that the selection has found in the report are not looked up again.
        """
        admin = {one.target.name: one.target.admin for one in planned}
        unknown = [one.target for one in planned if one.target.admin is None]
        admin.update(admins_among(graph, unknown) if unknown else {})
        return {name: Finding(_REASONS[known]) for name, known in admin.items() if known is not False}


_REASONS: Mapping[bool | None, str] = {True: reasons.PRIVILEGED_USER, None: reasons.NOT_IN_REPORT}
