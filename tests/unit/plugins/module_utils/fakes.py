# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fakes of time, the network and Graph for the code under test. Hours pass at once."""

from __future__ import annotations

import base64
import heapq
import itertools
import json
import random
from dataclasses import dataclass, field
from urllib.parse import parse_qs, unquote, urlsplit

from ansible_collections.frontline.entra.plugins.module_utils._domain._retirement import DELIVERY_ENDS
from ansible_collections.frontline.entra.plugins.module_utils._errors import AuthenticationFailed
from ansible_collections.frontline.entra.plugins.module_utils._graph._client import BATCH_SIZE, Graph
from ansible_collections.frontline.entra.plugins.module_utils._graph._gate import Gate
from ansible_collections.frontline.entra.plugins.module_utils._http import DROPPED, Answer, NoAnswer

URL = "https://graph.contoso.example"
ROOT = URL + "/v1.0"
MOBILE = "3179e48a-750b-4051-897c-87b9720928f7"
OFFICE = "e37fc753-ff3b-4958-9484-eaa9425c82bc"
START = 1000.0
MOST_CALLS = 8


class DrivenWorkers:
    """Workers in one thread, on a clock that moves only while the code under test waits.

    A call does its work when it is submitted and ends `latency` seconds later; what it does may change `latency`.
    """

    def __init__(self, latency=0.0):
        self.time = START
        self.latency = latency
        self.most_under_way = 0
        self._ends = []
        self._order = itertools.count()

    def close(self):
        """There are no threads."""

    def now(self):
        return self.time

    def submit(self, call):
        result = call()
        heapq.heappush(self._ends, (self.time + self.latency, next(self._order), result))
        self.most_under_way = max(self.most_under_way, len(self._ends))

    def wait(self, seconds):
        until = float("inf") if seconds is None else self.time + seconds
        if self._ends and self._ends[0][0] <= until:
            end, _order, result = heapq.heappop(self._ends)
            self.time = max(self.time, end)
            return result
        assert until < float("inf"), "waits for ever, and nothing is under way"
        self.time = until
        return None


def without_end_date(warnings):
    """The warnings, except the one of every run to enable in the public cloud: when SMS sign-in ends."""
    return [text for text in warnings if str(DELIVERY_ENDS) not in str(text)]


@dataclass
class Call:
    """One HTTP call as it arrived, `at` a time of the clock. `body` is parsed JSON."""

    at: float
    method: str
    url: str
    headers: dict
    body: object = None
    limit: float = None
    params: object = None

    @property
    def path(self):
        return self.url[len(ROOT) :]

    @property
    def items(self):
        """The requests in it: those of a batch, or itself."""
        if self.path != "/$batch":
            return [(self.method, self.path)]
        return [(item["method"], item["url"]) for item in self.body["requests"]]

    @property
    def token(self):
        return self.headers["Authorization"].split(" ", 1)[1]


class FakeSession:
    """Notes every call and answers with what `answer(call)` returns or raises."""

    secrets = ()
    timeout = 75.0

    def __init__(self, answer, workers):
        self.calls = []
        self._answer = answer
        self._workers = workers

    def for_identity(self):
        return self

    def close(self):
        """Nothing is open."""

    def fetch(self, method, url, headers=None, data=None, params=None, timeout=None):
        body = json.loads(data) if isinstance(data, str) else data
        call = Call(self._workers.now(), method, url, dict(headers or {}), body, timeout, params)
        self.calls.append(call)
        return self._answer(call)

    @property
    def items(self):
        """All requests in the order in which they were sent, those of batches too."""
        return [item for call in self.calls for item in call.items]

    @property
    def writes(self):
        return [path for method, path in self.items if method == "POST"]


class FakeTokens:
    """Bearer tokens `t1`, `t2`, ...; as many as `most`. `claims` are those that new ones were asked for with."""

    def __init__(self, most=1000, answers_claims=False):
        self.number = 1
        self.renewals = []
        self.claims = []
        self.answers_claims = answers_claims
        self._most = most

    def current(self):
        return f"t{self.number}"

    def renew(self, rejected, claims=None):
        self.renewals.append(rejected)
        self.claims.append(claims)
        if self.number >= self._most:
            raise AuthenticationFailed("No other token.")
        self.number += 1


def answer(status=200, body=None, **headers):
    """An HTTP answer; underscores in the names of `headers` stand for dashes, a text as `body` goes as it is."""
    text = body if isinstance(body, str) else "" if body is None else json.dumps(body)
    return Answer(status, {name.replace("_", "-"): value for name, value in headers.items()}, text)


def error(code, message="", **more):
    """Graph's error envelope."""
    return {"error": {"code": code, "message": message, **more}}


def per_item(reply, shuffle=None):
    """What answers each request by itself, inside a batch too, with `reply(call, method, path)`.

    That is `(status, body)`, `(status, body, headers)`, or None for a request that gets lost. `shuffle` orders the
    items of a batch.
    """

    def respond(call):
        if call.path != "/$batch":
            found = reply(call, call.method, call.path)
            if found is None:
                raise NoAnswer(DROPPED, "The connection broke.")
            return Answer(
                found[0], found[2] if len(found) > 2 else {}, json.dumps(found[1]) if found[1] is not None else ""
            )
        responses = []
        for item in call.body["requests"]:
            found = reply(call, item["method"], item["url"])
            if found is not None:
                response = {"id": item["id"], "status": found[0], "headers": found[2] if len(found) > 2 else {}}
                responses.append(response if found[1] is None else {**response, "body": found[1]})
        if shuffle:
            shuffle(responses)
        return answer(200, {"responses": responses})

    return respond


def client(respond, workers=None, tokens=None, deadline=None, most_calls=MOST_CALLS):
    """The real client of Graph over a fake session that answers with `respond`; and that session."""
    workers = workers or DrivenWorkers()
    session = FakeSession(respond, workers)
    gate = Gate(most_calls, BATCH_SIZE, random.Random(1))
    graph = Graph(session, URL, tokens or FakeTokens(), workers, gate, deadline, random.Random(2))
    return graph, session


AUTHORITY = "https://login.contoso.example"
TENANT = "contoso.example"


def login(*replies, authority=AUTHORITY):
    """Answers discovery as Entra does, and asks for a token with `replies` in turn, the last one for ever."""
    left = list(replies)
    discovery = {
        "issuer": f"{authority}/{TENANT}/v2.0",
        "authorization_endpoint": f"{authority}/{TENANT}/oauth2/v2.0/authorize",
        "token_endpoint": f"{authority}/{TENANT}/oauth2/v2.0/token",
    }

    def respond(call):
        if call.url.endswith("/.well-known/openid-configuration"):
            return answer(200, discovery)
        found = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(found, Exception):
            raise found
        return found

    return respond


def granted(token="a-token", **more):
    return answer(200, {"token_type": "Bearer", "expires_in": 3600, "access_token": token, **more})


def jwt(**claims):
    """An unsigned token with these claims."""

    def part(value):
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    return f"{part({'alg': 'none'})}.{part(claims)}.c2lnbmF0dXJl"


@dataclass
class Write:
    """How one write to a user ends.

    `effect`: whether the state moves; `after`: how many seconds later reads show it; `by_id`: whether it takes effect
    only if the user is addressed by id. A `status` of None is a connection that breaks.
    """

    status: int = 204
    effect: bool = True
    after: float = 0.0
    by_id: bool = False
    code: str = "serviceError"
    message: str = ""
    headers: dict = field(default_factory=dict)
    moves_to: str = None


def unshown(done, total):
    """Progress that a test does not look at."""


@dataclass
class FakeUser:
    """A user of the fake tenant.

    `state` None is a mobile phone whose state Graph does not give, `phone` False is no mobile phone. `ends` is how its
    number ends if not like `number`, "masked" for one that Graph masks. `on_write` are the writes to come, in order;
    beyond them all end well. `on_read` are replies that take the place of the next reads, None for a true one.
    """

    number: int
    state: str = "notEnabled"
    phone: bool = True
    enabled: bool = True
    guest: bool = False
    on_write: list = field(default_factory=list)
    on_read: list = field(default_factory=list)
    readable: bool = True
    resolvable: bool = True
    ends: object = None
    history: list = field(default_factory=list)

    @property
    def id(self):
        return f"{self.number:08d}-aaaa-4444-8888-000000000000"

    @property
    def name(self):
        return f"user{self.number}@contoso.example"

    @property
    def phone_number(self):
        if self.ends == "masked":
            return "+1 XXXXXXXX01"
        return f"+1 20655501{(self.number if self.ends is None else self.ends) % 100:02d}"


class FakeTenant:
    """A small stateful Graph: users, groups, phone methods, writes that take effect late, never or unseen."""

    def __init__(self, *users, groups=None, me=None, page=100):
        self.workers = DrivenWorkers()
        self.users = list(users)
        self.groups = groups or {}
        self.me = me
        self.written = []
        self.lookups = 0
        self.rejected_tokens = ()
        self._page = page
        self._index = {known: user for user in users for known in (user.id, user.name.lower())}

    def client(self, **kwargs):
        """The real client of Graph over this tenant, and its fake session."""
        return client(per_item(self._reply), workers=self.workers, **kwargs)

    def state_of(self, user):
        """What a read shows now."""
        seen = [state for since, state in user.history if since <= self.workers.now()]
        return seen[-1] if seen else user.state

    def _reply(self, call, method, path):
        if call.token in self.rejected_tokens:
            return 401, error("InvalidAuthenticationToken", "Lifetime validation failed, the token is expired.")
        parts = urlsplit(path)
        segments = [unquote(segment) for segment in parts.path.split("/")[1:]]
        if segments[0] == "groups":
            return self._groups(segments, parse_qs(parts.query))
        address = "me" if segments[0] == "me" else segments.pop(1)
        user = self.me if address == "me" else self._index.get(address.lower())
        if user is None:
            return 404, error("Request_ResourceNotFound", "Resource does not exist.")
        if len(segments) == 1:
            self.lookups += 1
            if not user.resolvable:
                return 403, error("Authorization_RequestDenied", "Insufficient privileges.")
            return 200, {"id": user.id, "userPrincipalName": user.name}
        if method == "GET":
            return self._read(user)
        return self._write(user, address, segments[-1])

    def _read(self, user):
        scripted = user.on_read.pop(0) if user.on_read else None
        if scripted is not None:
            return scripted
        if not user.readable:
            return 403, error("accessDenied", "Request Authorization failed")
        methods = [
            {"id": OFFICE, "phoneType": "office", "phoneNumber": "+1 2065550199", "smsSignInState": "notSupported"}
        ]
        if user.phone:
            mobile = {"id": MOBILE, "phoneType": "mobile", "phoneNumber": user.phone_number}
            methods.append({**mobile, "smsSignInState": self.state_of(user)})
        return 200, {"value": methods}

    def _write(self, user, address, action):
        write = user.on_write.pop(0) if user.on_write else Write()
        self.written.append((self.workers.now(), user.number, address, action))
        if write.effect and (not write.by_id or address == user.id):
            state = write.moves_to or ("ready" if action == "enableSmsSignIn" else "notEnabled")
            user.history.append((self.workers.now() + write.after, state))
        if write.status is None:
            return None
        body = None if write.status == 204 else error(write.code, write.message)
        return write.status, body, write.headers

    def _groups(self, segments, query):
        if len(segments) == 1:
            clause = query["$filter"][0]
            found = [
                {"id": identifier, "displayName": name}
                for identifier, (name, _members) in self.groups.items()
                if clause == "displayName eq '{}' and securityEnabled eq true".format(name.replace("'", "''"))
            ]
            return 200, {"value": found}
        if segments[1] not in self.groups:
            return 404, error("Request_ResourceNotFound", "Resource does not exist.")
        users = self.groups[segments[1]][1]
        if users is None:
            return 403, error("Authorization_RequestDenied", "Insufficient privileges.")
        start = int(query.get("$skiptoken", ["0"])[0])
        page = {"value": [self._member(user) for user in users[start : start + self._page]]}
        if start + self._page < len(users):
            page["@odata.nextLink"] = f"{ROOT}/groups/{segments[1]}/transitiveMembers?$skiptoken={start + self._page}"
        return 200, page

    def _member(self, user):
        if not isinstance(user, FakeUser):
            return user
        return {
            "@odata.type": "#microsoft.graph.user",
            "id": user.id,
            "userPrincipalName": user.name,
            "accountEnabled": user.enabled,
            "userType": "Guest" if user.guest else "Member",
        }
