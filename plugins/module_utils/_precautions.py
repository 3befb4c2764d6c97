# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""Precautions of a task that changes SMS sign-in: limits, doubts, and the date."""

from __future__ import annotations

import os
from datetime import datetime, timezone

from ._domain import _retirement
from ._domain._states import DISABLED, ENABLED
from ._domain._targets import entries
from ._entra._authentication_methods import PASSWORD
from ._errors import InvalidOptions
from ._options import connection, require_sms_actions
from ._run._doubts import Doubt, UnfitMembers
from ._run._policy_refusals import PolicyRefusals
from ._task import Task


def take_precautions(task: Task, desired: str) -> None:
    """Check the requirements of a task beyond valid options, and warn. Raises EntraError."""
    _require_limit(task)
    require_sms_actions(task.params, os.environ)
    _warn_of_retirement(task, desired)


def read_doubts(task: Task, desired: str) -> list[Doubt]:
    """The doubts about writing to users of a task. Raises InvalidOptions."""
    required = entries(task.params["require_methods"])
    if required and desired != DISABLED:
        raise InvalidOptions("'require_methods' is for state disabled only. Leave it out.")
    if task.params["require_methods"] and not required:
        raise InvalidOptions("'require_methods' is a list of blank texts. Name methods, or give an empty list.")
    if PASSWORD in required:
        task.warn(
            "'require_methods' lists password. A password is registered for nearly every user, whether the user knows"
            " it or not, so it says little about being locked out."
        )
    doubts: list[Doubt] = [UnfitMembers(task.warn), PolicyRefusals(task.warn)] if desired == ENABLED else []
    # Imported where asked for: few runs need them.
    if task.params["exclude_admins"]:
        from ._run._admins import Admins

        doubts.append(Admins())
    if required:
        from ._run._other_methods import NoOtherMethod

        doubts.append(NoOtherMethod(required))
    return doubts


def _require_limit(task: Task) -> None:
    """Raises InvalidOptions for a real run over the whole registration report without `max_changes`."""
    if not task.params["registered"] or task.params["max_changes"] is not None:
        return
    if not task.check_mode:
        raise InvalidOptions(
            "'registered' needs 'max_changes' outside check mode, because it can select every user of the tenant. Run"
            " in check mode first to see how many users would change."
        )
    task.warn("A real run needs 'max_changes', because 'registered' is set.")


def _warn_of_retirement(task: Task, desired: str) -> None:
    """Warn of the end of SMS sign-in in the public cloud, where it is enabled. Raises InvalidOptions."""
    cloud = connection(task.params, os.environ).cloud.name
    warning = _retirement.warning(cloud, datetime.now(timezone.utc).date()) if desired == ENABLED else None
    if warning:
        task.warn(warning)
