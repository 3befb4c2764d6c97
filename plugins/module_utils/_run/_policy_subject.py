# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""The SMS policy as the subject of a run, and what is looked up beside it: group names and the migration state."""

from __future__ import annotations

from collections.abc import Sequence

from .._auth._source import TokenSource
from .._domain._permissions import TO_READ_MEMBERS
from .._domain._redaction import redact_name
from .._domain._targets import Target
from .._entra._groups import find_group, group_names
from .._entra._sms_policy import (
    ALL_USERS,
    TO_READ_POLICY,
    migration_request,
    parse_migration_state,
    parse_policy,
    policy_request,
)
from .._goals._goal import Permission
from .._goals._sms_policy import POLICY, Directory
from .._graph._client import Graph, Job
from .._graph._messages import OK, Reply
from ._optional import briefly, why_unread
from ._preflight import GROUPS_BY_NAME
from ._selection import Scope, Warn

_COMPLETE = "migrationComplete"


class PolicySubject:
    """The one policy. `gather` fills `directory`; `names` are the groups that the options give by name."""

    scope = Scope()

    def __init__(self, directory: Directory, names: Sequence[str] = ()) -> None:
        self.known = [POLICY]
        self._directory = directory
        self._names = names

    @property
    def needs(self) -> Sequence[Permission]:
        return [GROUPS_BY_NAME] if self._names else []

    def gather(self, graph: Graph, tokens: TokenSource, warn: Warn) -> list[Target]:
        """Raises EntraError for a name that does not lead to one group. What is only shown may stay unknown: that is
        a warning.
        """
        for name in self._names:
            self._directory.ids[name] = find_group(graph, name)
        admit = briefly(graph)
        replies: dict[bool, Reply] = {}

        def keep(job: Job, reply: Reply) -> tuple[()]:
            replies[job.tag] = reply
            return ()

        jobs = [Job(policy_request(), True), Job(migration_request(), False)]
        graph.exchange(jobs, keep, lambda job: job.tag or admit(job))
        policy = parse_policy(replies[True]) if replies[True].verdict == OK else None
        if policy is None:
            # The run reads it again, and says what is wrong.
            return self.known
        self._note_migration(replies.get(False), warn)
        shown = {target.id for target in (*policy.include, *policy.exclude) if target.kind == "group"}
        self._note_names(graph, {*shown, *self._directory.ids.values()} - {ALL_USERS}, warn)
        return self.known

    def _note_migration(self, reply: Reply | None, warn: Warn) -> None:
        read = reply is not None and reply.verdict == OK
        state = parse_migration_state(reply) if reply is not None and read else None
        self._directory.migration_state = state
        if state == _COMPLETE:
            return
        if read:
            shown = redact_name(state or "unknown")
            problem = f"The migration of authentication methods is not complete (state {shown})."
        else:
            detail = why_unread(reply, TO_READ_POLICY)
            problem = f"The state of the migration of authentication methods could not be read.{detail}"
        warn(
            f"{problem} Until it is complete, the older settings for multifactor authentication and password reset may"
            " allow text messages as well."
        )

    def _note_names(self, graph: Graph, ids: set[str], warn: Warn) -> None:
        names, unread = group_names(graph, sorted(ids), briefly(graph))
        self._directory.names.update(names)
        if unread:
            problem = "Groups of the SMS policy are shown by id, as their names could not be read."
            warn(problem + why_unread(unread[0], TO_READ_MEMBERS))
