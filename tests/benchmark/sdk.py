# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What both scripts on Microsoft's Graph SDK have in common. Runs in the environment of requirements/msgraph.txt."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path

from azure.identity import ClientSecretCredential
from kiota_authentication_azure.azure_identity_authentication_provider import AzureIdentityAuthenticationProvider
from msgraph import GraphRequestAdapter, GraphServiceClient

GRAPH = f"{os.environ['GRAPH_URL']}/v1.0"


def client() -> GraphServiceClient:
    """With the SDK's own middleware and connections: kept open, up to a hundred, HTTP/2 where the service speaks it."""
    credential = ClientSecretCredential(
        os.environ["TENANT_ID"],
        os.environ["CLIENT_ID"],
        os.environ["CLIENT_SECRET"],
        authority=os.environ["LOGIN_URL"],
        disable_instance_discovery=True,
    )
    scopes = ["https://graph.microsoft.com/.default"]
    provider = AzureIdentityAuthenticationProvider(credential, scopes=scopes, allowed_hosts=["localhost"])
    adapter = GraphRequestAdapter(provider)
    adapter.base_url = GRAPH
    return GraphServiceClient(request_adapter=adapter)


def main(read: Callable[[GraphServiceClient, list[str]], Awaitable[Counter[str]]]) -> None:
    """Read the users whose names stand in a file, one a line; print how many are in which state, and the seconds.

    The seconds are those of the reading, which are what grows with the users; a login is among them.
    """
    users = Path(sys.argv[1]).read_text(encoding="utf-8").split()
    started = time.perf_counter()
    states = asyncio.run(read(client(), users))
    print(json.dumps({"states": states, "seconds": time.perf_counter() - started}))
