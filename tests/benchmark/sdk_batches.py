# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""sdk_batches.py FILE [IN_FLIGHT]: the states of the users in FILE by the batch helper of Microsoft's Graph SDK.

Without IN_FLIGHT as the helper does it: a collection, whose batches go one after the other. It drops bodies that are
JSON objects, so there are statuses instead of states. With IN_FLIGHT, so many of its batches at a time, their answers
parsed here.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections import Counter

import sdk
from msgraph import GraphServiceClient
from msgraph_core.requests.batch_request_content import BatchRequestContent
from msgraph_core.requests.batch_request_content_collection import BatchRequestContentCollection
from msgraph_core.requests.batch_request_item import BatchRequestItem


def collection(graph: GraphServiceClient, users: list[str]) -> BatchRequestContentCollection:
    made = BatchRequestContentCollection()
    for number, user in enumerate(users):
        request = graph.users.by_user_id(user).authentication.phone_methods.to_get_request_information()
        item = BatchRequestItem(request, id=str(number))
        # Graph wants relative addresses; the SDK leaves that to its caller.
        item.url = item.url.removeprefix(sdk.GRAPH)
        made.add_batch_request_item(item)
    return made


async def one_after_the_other(graph: GraphServiceClient, users: list[str]) -> Counter[str]:
    answers = await graph.batch.post(collection(graph, users))
    batches = (answer.get_response_status_codes() for answer in answers.get_responses())
    return Counter(str(status) for statuses in batches for status in statuses.values())


async def side_by_side(graph: GraphServiceClient, users: list[str]) -> Counter[str]:
    states: Counter[str] = Counter()
    gate = asyncio.Semaphore(int(sys.argv[2]))

    async def one(batch: BatchRequestContent) -> None:
        async with gate:
            request = await graph.batch.to_post_request_information(batch)
            answer = await graph.request_adapter.send_primitive_async(request, "bytes", {})
        for item in json.loads(answer)["responses"]:
            states.update(method["smsSignInState"] for method in item["body"]["value"])

    await asyncio.gather(*map(one, collection(graph, users).get_batch_requests_for_execution()))
    return states


if __name__ == "__main__":
    sdk.main(side_by_side if len(sys.argv) > 2 else one_after_the_other)
