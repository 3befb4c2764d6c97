# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""Why the SMS policy refuses users: looked up once for all of them, and for some of them one by one.

Their groups are asked for, never the members of a group, which may have 50,000.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence

from .._domain import _reasons as reasons
from .._domain._permissions import TO_READ_MEMBERS
from .._domain._redaction import redact_name
from .._domain._targets import Target
from .._entra._groups import (
    MOST_GROUPS_ASKED,
    group_names,
    membership_request,
    parse_memberships,
)
from .._entra._sms_policy import (
    ALL_USERS,
    ENABLED,
    TO_READ_POLICY,
    Policy,
    PolicyTarget,
    parse_policy,
    policy_request,
    reason_of,
)
from .._goals._goal import REFUSE, Permission
from .._graph._client import Graph, Job
from .._graph._messages import OK, Reply
from ._doubts import Count, Finding, Planned
from ._optional import briefly, why_unread
from ._selection import Warn

MOST_EXPLAINED = 100
"""Users whose groups are asked for. Five batches; more users seldom have more causes."""

Admit = Callable[[Job], bool]

_ALLOWED = (
    "The SMS policy as it reads now lets this user sign in. An edit of the policy or a group takes time to arrive; run"
    " again, or wait for it with 'policy_timeout'."
)


class PolicyRefusals:
    """A doubt about users refused by the policy: it adds why they are refused, and refuses no others."""

    needs: Sequence[Permission] = ()

    def __init__(self, warn: Warn) -> None:
        self._warn = warn

    def concerns(self, planned: Planned) -> bool:
        return planned.step.verdict == REFUSE and planned.step.reason == reasons.NOT_ALLOWED_BY_POLICY

    def ask(self, planned: Sequence[Planned], graph: Graph, show: Count) -> Mapping[str, Finding]:
        """A finding for each user whose refusal is understood, by name. What may not be read is one warning."""
        admit = briefly(graph)
        policy = self._policy(graph, admit)
        if policy is None:
            return {}
        targets = [one.target for one in planned]
        cause_of_all = cause_for_all(policy)
        if cause_of_all:
            return {target.name: Finding(says=cause_of_all) for target in targets}
        groups = asked_groups(policy)
        if groups:
            targets = self._first_of(targets, groups)
        causes: dict[str, Cause] = {}
        for target, ids in self._memberships(targets, groups, graph, admit):
            cause = cause_for(policy, target, ids)
            if cause is not None:
                causes[target.name] = cause
        named = sorted({one.id for cause in causes.values() for one in cause.targets if one.kind == "group"})
        names, _unread = group_names(graph, [one for one in named if one != ALL_USERS], admit)
        return {name: Finding(says=cause.says(names)) for name, cause in causes.items()}

    def _policy(self, graph: Graph, admit: Admit) -> Policy | None:
        replies: list[Reply] = []

        def keep(_job: Job, reply: Reply) -> tuple[()]:
            replies.append(reply)
            return ()

        graph.exchange([Job(policy_request())], keep, admit)
        reply = replies[0] if replies else None
        policy = parse_policy(reply) if reply is not None and reply.verdict == OK else None
        if policy is None:
            self._cannot("The SMS policy could not be read", TO_READ_POLICY, reply)
        return policy

    def _first_of(self, targets: list[Target], groups: Sequence[str]) -> list[Target]:
        most = max(1, MOST_EXPLAINED // math.ceil(len(groups) / MOST_GROUPS_ASKED))
        if len(targets) > most:
            self._warn(
                f"The SMS policy refuses {len(targets)} users. Why was looked up for the first {most} of them only."
            )
        return targets[:most]

    def _memberships(
        self, targets: Sequence[Target], groups: Sequence[str], graph: Graph, admit: Admit
    ) -> Iterable[tuple[Target, set[str]]]:
        """Which of the `groups` each user is in. Users for whom Graph did not answer all of it in time are left out."""
        asked = [groups[at : at + MOST_GROUPS_ASKED] for at in range(0, len(groups), MOST_GROUPS_ASKED)]
        found: dict[str, list[set[str]]] = {target.name: [] for target in targets}
        unread: list[Reply] = []

        def keep(job: Job, reply: Reply) -> tuple[()]:
            ids = parse_memberships(reply) if reply.verdict == OK else None
            if ids is not None:
                found[job.tag].append(ids)
            elif reason_of(reply) == reasons.FORBIDDEN:
                unread.insert(0, reply)
            elif reply.status != 404:
                unread.append(reply)
            return ()

        jobs = (Job(membership_request(target.address, some), target.name) for target in targets for some in asked)
        graph.exchange(jobs, keep, lambda job: admit(job) and not unread)
        if unread:
            self._cannot("Which groups they are in could not be read", TO_READ_MEMBERS, unread[0])
            return []
        return [
            (target, set().union(*found[target.name])) for target in targets if len(found[target.name]) == len(asked)
        ]

    def _cannot(self, what: str, permission: str, reply: Reply | None) -> None:
        self._warn(
            f"The SMS policy refuses users, and the result does not say why. {what}.{why_unread(reply, permission)}"
        )


class Cause:
    """Why the policy refuses a user. `{}` in `text` becomes the names of `targets`."""

    def __init__(self, text: str, targets: Sequence[PolicyTarget] = ()) -> None:
        self._text = text
        self.targets = targets

    def says(self, names: Mapping[str, str]) -> str:
        shown = [f"'{redact_name(names.get(target.id, target.id))}'" for target in self.targets]
        return self._text.format(" and ".join(shown))


def cause_for_all(policy: Policy) -> str | None:
    """Why the policy refuses all users, None if it does not."""
    if policy.state != ENABLED:
        return f"The SMS policy is off (state {redact_name(policy.state)})."
    if any(target.id == ALL_USERS for target in policy.exclude):
        return "All users are in an exclude target of the SMS policy."
    if not any(target.sign_in is not False for target in policy.include):
        return "The SMS policy has no include target with 'Use for sign-in'."
    return None


def asked_groups(policy: Policy) -> list[str]:
    """The groups that decide whether the policy refuses a user."""
    targets = (*policy.exclude, *policy.include)
    return list(dict.fromkeys(one.id for one in targets if one.kind == "group" and one.id != ALL_USERS))


def cause_for(policy: Policy, target: Target, groups: set[str]) -> Cause | None:
    """Why the policy refuses a user that is in `groups`, None if that is not certain.

    A policy can have single users as targets, which only an id can be compared with.
    """
    covering = groups | {ALL_USERS} | ({target.id} if target.id else set())
    excluded = [one for one in policy.exclude if one.id in covering]
    if excluded:
        return Cause("The user is in the exclude target {} of the SMS policy.", excluded)
    if target.id is None and any(one.kind == "user" for one in (*policy.include, *policy.exclude)):
        return None
    included = [one for one in policy.include if one.id in covering]
    if not included:
        return Cause("The user is in no include target of the SMS policy.")
    if not any(one.sign_in is not False for one in included):
        return Cause("The user is only in the include target {} of the SMS policy, not for sign-in.", included)
    return Cause(_ALLOWED)
