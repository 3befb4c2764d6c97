# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run on a driven clock, which moves only while everybody waits: no CPU time is in its seconds."""

from __future__ import annotations

import random
from collections.abc import Sequence

from ansible_collections.frontline.entra.plugins.module_utils._auth._source import TokenSource
from ansible_collections.frontline.entra.plugins.module_utils._auth._token import Token, read_token
from ansible_collections.frontline.entra.plugins.module_utils._domain._outcomes import Outcome
from ansible_collections.frontline.entra.plugins.module_utils._graph._client import BATCH_SIZE, Graph
from ansible_collections.frontline.entra.plugins.module_utils._graph._gate import Gate
from ansible_collections.frontline.entra.plugins.module_utils._module import MOST_CALLS
from ansible_collections.frontline.entra.plugins.module_utils._people import Scope
from ansible_collections.frontline.entra.plugins.module_utils._reconcile import Order, Run
from benchmark.peers import CLIENT_ID
from driven import GRAPH_URL, Workers, World


class _Given:
    """A token without a login."""

    name, sent = "given", 0

    def __init__(self, token: str) -> None:
        self._token = token

    def token(self) -> Token:
        return read_token(self._token)


def carry_out(world: World, users: Sequence[str]) -> list[Outcome]:
    """Let `users` sign in, from the first request to the last proof, with a token got before."""
    tokens = TokenSource(_Given(world.token(client_id=CLIENT_ID, expires_in=10**7)), lambda _token: None)

    def reconcile(workers: Workers) -> list[Outcome]:
        gate = Gate(MOST_CALLS, BATCH_SIZE, random.Random(1))
        graph = Graph(world.session, GRAPH_URL, tokens, workers, gate, None, random.Random(2))
        run = Run(Order(Scope(users)), graph, tokens, print, lambda _outcomes: None)
        run.execute()
        return run.outcomes

    return world.run(reconcile)
