# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""sdk_singly.py FILE [plain]: the states of the users in FILE by Microsoft's Graph SDK, one call each, 16 in flight.

With `plain` the answers are parsed here, which spares the SDK's models: they take milliseconds of CPU for each answer.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections import Counter

import sdk
from msgraph import GraphServiceClient

IN_FLIGHT = 16


async def read(graph: GraphServiceClient, users: list[str]) -> Counter[str]:
    states: Counter[str] = Counter()
    gate = asyncio.Semaphore(IN_FLIGHT)

    async def one(user: str) -> None:
        phone_methods = graph.users.by_user_id(user).authentication.phone_methods
        async with gate:
            if sys.argv[2:] == ["plain"]:
                request = phone_methods.to_get_request_information()
                answer = json.loads(await graph.request_adapter.send_primitive_async(request, "bytes", {}))
                states.update(method["smsSignInState"] for method in answer["value"])
            else:
                found = await phone_methods.get()
                states.update(method.sms_sign_in_state.value for method in found.value)

    await asyncio.gather(*map(one, users))
    return states


if __name__ == "__main__":
    sdk.main(read)
