# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""The SMS policy: from the options of a task to an order, and from a run to one policy in the result."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

from ._domain import _reasons as reasons
from ._domain._redaction import redact_name
from ._domain._targets import positions
from ._entra._sms_policy import ALL_USERS
from ._errors import InvalidOptions
from ._goals._sms_policy import POLICY, Directory, SmsPolicy, SmsPolicyView, Wanted, WantedTarget
from ._options import require_sms_actions
from ._reading import LONGEST_GROUP_NAME
from ._results._outcomes import Outcome
from ._run._inquiry import Inquiry
from ._run._limits import Limits
from ._run._policy_subject import PolicySubject
from ._run._run import Order
from ._spec import texts_of
from ._task import Task
from ._work import Digest

PRESENT = "present"


def policy_order(task: Task) -> Order:
    """The order that the options describe. Raises EntraError."""
    require_sms_actions(task.params, os.environ)
    wanted, directory = read_wanted(task.params), Directory()
    return Order(
        SmsPolicy(wanted, directory),
        PolicySubject(directory, wanted.names),
        Limits(verify_timeout=task.params["verify_timeout"]),
        task.check_mode,
    )


def policy_inquiry(task: Task) -> Inquiry:
    """Raises EntraError."""
    require_sms_actions(task.params, os.environ)
    directory = Directory()
    return Inquiry(SmsPolicyView(directory), PolicySubject(directory))


def read_wanted(params: Mapping[str, Any]) -> Wanted:
    """Raises InvalidOptions for invalid targets, and for a list that would leave no target."""
    lists = {option: _targets(option, params[option]) for option in ("include", "exclude")}
    for option, entries in lists.items():
        if params["replace"] and entries is not None and not any(entry.present for entry in entries):
            what = "names absent targets only" if entries else "is empty"
            raise InvalidOptions(
                f"'{option}' {what}, and with 'replace' it would remove all of its targets. To do that, list them"
                " with 'state: absent' and without 'replace'."
            )
    return Wanted(params["state"], lists["include"], lists["exclude"], params["replace"], params["allow_all_users"])


def _targets(option: str, entries: Sequence[Mapping[str, Any]] | None) -> list[WantedTarget] | None:
    if entries is None:
        return None
    names, problem = texts_of(option, [ALL_USERS if entry.get("all_users") else entry["group"] for entry in entries])
    if problem:
        raise InvalidOptions(problem)
    names = [name.strip() for name in names]
    bad = [f"entry {place}" for place, name in enumerate(names, start=1) if not 0 < len(name) <= LONGEST_GROUP_NAME]
    if bad:
        raise InvalidOptions(
            f"'{option}' has no name of a group at {positions(bad)}. Set 'group' to a name or an id"
            f"{', or all_users to true' if option == 'include' else ''}."
        )
    return [WantedTarget(name, entry["state"] == PRESENT, entry.get("sign_in")) for name, entry in zip(names, entries)]


def one_policy(result: dict[str, Any], *, before: bool) -> dict[str, Any]:
    """The result of a run with its one subject instead of lists and counts; with `before`, the earlier state as well.

    The message and the reason are those of the policy, unless something else ended the run.
    """
    entry: dict[str, Any] = next(iter(result.pop("users")), {})
    for name in ("users_omitted", "summary"):
        result.pop(name)
    result["policy"] = entry.get("policy")
    if before:
        result["previous_policy"] = entry.get("previous_policy")
    if "diff" in result:
        result["diff"] = {side: shown.get(POLICY.name, {}) for side, shown in result["diff"].items()}
    if entry and result["reason"] in (None, reasons.SOME_USERS_FAILED):
        result.update(msg=entry["msg"] or result["msg"], reason=entry["reason"], support=entry["support"])
    return result


def digest_policy(outcomes: Sequence[Outcome]) -> Digest:
    """The message of the info module about the policy, if it was read."""
    read = [outcome.more["policy"] for outcome in outcomes if outcome.more.get("policy")]
    said = [
        f"The SMS policy is {redact_name(policy['state'])}: {len(policy['include'])} include and"
        f" {len(policy['exclude'])} exclude targets."
        for policy in read
    ]
    return Digest(outcomes, {}, " ".join(said))
