# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""The identity that Azure gives to a machine, a container or an app."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from .._domain._redaction import redact
from .._errors import AuthenticationFailed, Unreachable
from .._http import CONNECT, INVALID, REDIRECT, TIMEOUT, Answer, NoAnswer
from ._login import Login, MsalHttp, Passing, acquire, busy
from ._refusal import sentence
from ._token import Token, sendable
from ._way import Option, Way

_ELSEWHERE = (
    "A managed identity only works on a resource of Azure or a machine with Azure Arc. Elsewhere choose another"
    " 'auth_method'."
)

_ADDRESSES = ("IDENTITY_ENDPOINT", "MSI_ENDPOINT", "AZURE_POD_IDENTITY_AUTHORITY_HOST")
_SECRETS = ("IDENTITY_HEADER", "MSI_SECRET")
_VARIABLES = (*_ADDRESSES, *_SECRETS, "IDENTITY_SERVER_THUMBPRINT", "IMDS_ENDPOINT")
"""Variables with which a platform describes its endpoint. MSAL reads them, and counts an empty one as set."""

_BAD_KEY = (
    "The key file of Azure Arc holds no key that a request can carry: one line without blanks, in ASCII. Restart the"
    " agent's service himds, which writes the file."
)

_GONE_SECONDS = 17.5
"""Between tries while the endpoint is being updated (410), which takes up to 70 s (how-to-use-vm-token page)."""

_FIRST_PAUSE = 2.0
"""Seconds after a first failure, doubled after each further one while a token is asked for (the same page)."""


class ManagedIdentity:
    """The system's own identity, or the user-assigned one that `ids` names by one of its three ids."""

    answers_claims = False

    def __init__(
        self,
        login: Login,
        client_id: str | None = None,
        object_id: str | None = None,
        resource_id: str | None = None,
    ) -> None:
        self._login = login
        # MSAL takes one. A client id may be there for other tasks, so the more special options come first.
        chosen = {"object_id": object_id} if object_id else {"resource_id": resource_id} if resource_id else {}
        self._ids = chosen or ({"client_id": client_id} if client_id else {})
        self._http = _IdentityHttp(login, login.session.for_identity(), self._ids)

    @property
    def sent(self) -> int:
        """HTTP calls made to the identity endpoint so far."""
        return self._http.sent

    def token(self, claims: str | None = None) -> Token:
        """A new token. Raises AuthenticationFailed, Unreachable or OutOfTime."""
        self._http.pause = _FIRST_PAUSE

        def ask(msal: Any) -> Any:
            assigned = (
                msal.UserAssignedManagedIdentity(**self._ids) if self._ids else msal.SystemAssignedManagedIdentity()
            )
            client = msal.ManagedIdentityClient(assigned, http_client=self._http)
            try:
                return client.acquire_token_for_client(resource=self._login.resource)
            except msal.ManagedIdentityError as error:
                raise AuthenticationFailed(f"Managed identity: {sentence(redact(str(error)))}") from None
            except UnicodeError:
                raise AuthenticationFailed(_BAD_KEY) from None
            except OSError as error:
                raise AuthenticationFailed(
                    f"The key file of Azure Arc cannot be read: {error.strerror}. Run as root or as a member of the"
                    " group himds."
                ) from None

        with _without_blanks():
            _check_platform(os.environ)
            return acquire(self._login, self._http, ask)


@contextmanager
def _without_blanks() -> Iterator[None]:
    """Takes blank variables out of the environment for a while."""
    blank = {name: os.environ[name] for name in _VARIABLES if name in os.environ and not os.environ[name].strip()}
    for name in blank:
        del os.environ[name]
    try:
        yield
    finally:
        os.environ.update(blank)


def _check_platform(environment: Mapping[str, str]) -> None:
    """Raises AuthenticationFailed where no managed identity can be had, or for a variable that cannot be used."""
    for name in _ADDRESSES:
        address = environment.get(name, "").lstrip()
        if address and not re.fullmatch(r"(?ai)https?://[^\s/@]+(?:/[!-~]*)?", address):
            raise AuthenticationFailed(
                f"The environment variable {name} is not the address of an identity endpoint. The platform sets it, as"
                " http://HOST:PORT/PATH without user name and password. Its value is not shown here."
            )
    for name in _SECRETS:
        if name in environment and not sendable(environment[name]):
            raise AuthenticationFailed(
                f"The environment variable {name} has a blank, a line break or a non-ASCII character, which no request"
                " can hold. Pass it on as the platform sets it. Its value is not shown here."
            )
    if all(name in environment for name in ("IDENTITY_ENDPOINT", "IDENTITY_HEADER", "IDENTITY_SERVER_THUMBPRINT")):
        raise AuthenticationFailed(
            "Managed identities of Service Fabric are not supported. Use a certificate or a secret."
        )
    shell = environment.get("AZUREPS_HOST_ENVIRONMENT", "").startswith("cloud-shell")
    if shell or ("MSI_ENDPOINT" in environment and "MSI_SECRET" not in environment):
        raise AuthenticationFailed("Cloud Shell has no managed identity. Set 'auth_method' to azure_cli there.")


class _IdentityHttp(MsalHttp):
    """Asks the identity endpoint, which is on this machine or one hop away and has its own ways to refuse."""

    speaker = "The identity endpoint"
    advice = _ELSEWHERE

    def __init__(self, login: Login, session: Any, ids: Mapping[str, str]) -> None:
        super().__init__(login, session)
        self._asked_for = " ".join(f"{name} {value}" for name, value in ids.items()) or "the system-assigned identity"
        self.pause = _FIRST_PAUSE
        self._has_key = False

    def get(self, url: str, params: Any = None, headers: Any = None, **kwargs: Any) -> Any:
        # MSAL sends the content of the key file of Azure Arc with its second request.
        self._has_key = "Authorization" in (headers or {})
        return super().get(url, params=params, headers=headers, **kwargs)

    def _check_host(self, url: str) -> None:
        """Any: the platform names it, by its own variables."""

    def _no_answer(self, nothing: NoAnswer) -> Exception:
        if nothing.kind == INVALID:
            where = f"{nothing.message} Check {' and '.join(_ADDRESSES)}."
            return AuthenticationFailed(_BAD_KEY if self._has_key else where)
        if nothing.kind == CONNECT and not self._answered:
            return Unreachable(f"No identity endpoint answers here: {nothing.message} {_ELSEWHERE}")
        if nothing.kind == REDIRECT:
            return Unreachable(
                f"{self.speaker} answered with a redirect, so it is not an identity endpoint of Azure. {_ELSEWHERE}"
            )
        if nothing.kind == TIMEOUT:
            # Something accepts connections, and may be busy.
            return Passing(f"{self.speaker}: {nothing.message} {_ELSEWHERE}", most_tries=2, retry_after=_FIRST_PAUSE)
        return super()._no_answer(nothing)

    def _judge(self, method: str, answer: Answer) -> None:
        status, body = answer.status, answer.json()
        if status == 401 and answer.headers.get("www-authenticate", "").lower().startswith("basic"):
            if self._has_key:
                raise AuthenticationFailed(f"{self.speaker} does not accept the key of Azure Arc. {_BAD_KEY}")
            # The challenge of Azure Arc, which MSAL answers.
            return
        if status == 410:
            raise Passing(f"{self.speaker} is being updated. Run again later.", retry_after=_GONE_SECONDS)
        if status == 429 or status >= 500 or (status == 404 and isinstance(body, dict)):
            trouble = busy(self.speaker, answer)
            if trouble.retry_after is None:
                trouble.retry_after = self.pause
                self.pause *= 2
            raise trouble
        if not isinstance(body, dict):
            raise Unreachable(
                f"{self.speaker} answered (status {status}) with something that is not JSON, so it is not an"
                f" identity endpoint of Azure. {_ELSEWHERE}"
            )
        if status != 200 or not isinstance(body.get("access_token"), str):
            raise AuthenticationFailed(
                f"{self.speaker} refused (status {status}): {_reason(body)} It was asked for {self._asked_for}."
                " Check that this identity is assigned to the resource."
            )


def _reason(body: Mapping[str, Any]) -> str:
    """What the endpoint says; each kind of it says it elsewhere."""
    inner = body.get("error")
    nested = inner.get("message") if isinstance(inner, dict) else inner
    words = body.get("error_description") or body.get("message") or nested
    return sentence(redact(str(words)[:1000])) if words else "no reason was given."


MANAGED_IDENTITY = Way(
    name="managed_identity",
    options=(Option("identity_object_id", {"type": "str"}), Option("identity_resource_id", {"type": "str"})),
    exclusive=(("identity_object_id", "identity_resource_id"),),
    build=lambda login, value: ManagedIdentity(
        login, value["client_id"], value["identity_object_id"], value["identity_resource_id"]
    ),
)
