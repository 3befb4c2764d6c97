# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Microsoft's azure-identity for Python against the simulator: every credential that needs no browser.

Run by run.py. Prints a line per check, `passed` or `FAILED` and what was checked.
"""

from __future__ import annotations

import base64
import json
import logging
import os
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

import httpx
from azure import identity
from azure.core.exceptions import ClientAuthenticationError

NAMED = "MICROSOFTS_NAMES" in os.environ
GRAPH, CONTROL, MACHINE = (os.environ[name] for name in ("GRAPH_URL", "CONTROL_URL", "MACHINE_URL"))
TENANT, CLIENT, SECRET, MACHINE_ID = (
    os.environ[name] for name in ("TENANT_ID", "CLIENT_ID", "CLIENT_SECRET", "MACHINE_CLIENT_ID")
)
FILES = Path(os.environ["CREDENTIALS"])
WHERE: dict[str, Any] = {} if NAMED else {"authority": os.environ["LOGIN_URL"], "disable_instance_discovery": True}
SCOPE = f"{GRAPH}/.default"
ADMIN, UNKNOWN = "admin@contoso.example", "99999999-0000-0000-0000-000000000001"
CHECKS: list[Callable[[], None]] = []


def control(method: str, path: str, body: Any = None) -> Any:
    return httpx.request(method, f"{CONTROL}{path}", json=body).raise_for_status().json()


def works(credential: Any, **options: Any) -> dict[str, Any]:
    """The claims of the credential's token, which Graph has accepted."""
    token = credential.get_token(SCOPE, **options)
    left = token.expires_on - time.time()
    if not 3000 < left < 3700:
        raise AssertionError(f"the token expires in {left} seconds")
    headers = {"Authorization": f"Bearer {token.token}"}
    httpx.get(f"{GRAPH}/v1.0/users/anna@contoso.example", headers=headers).raise_for_status()
    part = token.token.split(".")[1]
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return claims


def refused(credential: Any, words: str, kind: type[Exception] = ClientAuthenticationError) -> None:
    try:
        credential.get_token(SCOPE)
    except kind as error:
        expect(words in str(error), True, str(error))
    else:
        raise AssertionError("it was not refused")


def expect(seen: Any, wanted: Any, text: str = "") -> None:
    if seen != wanted:
        raise AssertionError(f"{text or repr(seen)} instead of {wanted!r}")


@contextmanager
def variables(**values: str) -> Iterator[None]:
    """Sets these environment variables inside the block."""
    os.environ.update(values)
    try:
        yield
    finally:
        for name in values:
            os.environ.pop(name, None)


def machine() -> Any:
    """The address of a managed identity, if it is not the usual one."""
    return variables(**({} if NAMED else {"AZURE_POD_IDENTITY_AUTHORITY_HOST": MACHINE}))


def app_service(header: str = os.environ["MACHINE_HEADER"]) -> Any:
    return variables(IDENTITY_ENDPOINT=f"{MACHINE}/msi/token", IDENTITY_HEADER=header)


def answers_as(user: str | None) -> Callable[..., None]:
    """A prompt that a user follows, or declines."""

    def prompt(uri: str, user_code: str, expires_on: Any) -> None:
        threading.Thread(target=control, args=("POST", "/device", {"user_code": user_code, "user": user})).start()

    return prompt


# -- the checks, in the order of their lines ---------------------------------------------------------------------------


@CHECKS.append
def a_secret_signs_in() -> None:
    claims = works(identity.ClientSecretCredential(TENANT, CLIENT, SECRET, **WHERE))
    expect((claims["app_displayname"], claims["appidacr"], claims["idtyp"]), ("a client", "1", "app"))


@CHECKS.append
def the_tenant_may_be_a_domain() -> None:
    works(identity.ClientSecretCredential("contoso.example", CLIENT, SECRET, **WHERE))


@CHECKS.append
def continuous_access_evaluation_may_be_announced() -> None:
    works(identity.ClientSecretCredential(TENANT, CLIENT, SECRET, **WHERE), enable_cae=True)


@CHECKS.append
def claims_can_be_requested() -> None:
    wanted = '{"access_token":{"nbf":{"essential":true,"value":"1"}}}'
    works(identity.ClientSecretCredential(TENANT, CLIENT, SECRET, **WHERE), claims=wanted)


@CHECKS.append
def a_wrong_secret_is_refused() -> None:
    refused(identity.ClientSecretCredential(TENANT, CLIENT, "wrong", **WHERE), "AADSTS7000215")


@CHECKS.append
def an_unknown_tenant_is_refused() -> None:
    refused(identity.ClientSecretCredential(UNKNOWN, CLIENT, SECRET, **WHERE), "authority")


@CHECKS.append
def an_application_must_name_its_tenant() -> None:
    refused(identity.ClientSecretCredential("organizations", CLIENT, SECRET, **WHERE), "AADSTS50059")


@CHECKS.append
def a_certificate_signs_in() -> None:
    claims = works(identity.CertificateCredential(TENANT, CLIENT, str(FILES / "app.pem"), **WHERE))
    expect(claims["appidacr"], "2")


@CHECKS.append
def a_certificate_signs_in_with_its_chain() -> None:
    data = (FILES / "app.pem").read_bytes()
    works(identity.CertificateCredential(TENANT, CLIENT, certificate_data=data, send_certificate_chain=True, **WHERE))


@CHECKS.append
def a_certificate_in_a_pfx_file_signs_in() -> None:
    path, password = str(FILES / "app.pfx"), os.environ["PASSPHRASE"]
    works(identity.CertificateCredential(TENANT, CLIENT, path, password=password, **WHERE))


@CHECKS.append
def a_federated_token_signs_in() -> None:
    path = str(FILES / "federated.jwt")
    works(identity.WorkloadIdentityCredential(tenant_id=TENANT, client_id=CLIENT, token_file_path=path, **WHERE))


@CHECKS.append
def an_assertion_signs_in() -> None:
    works(identity.ClientAssertionCredential(TENANT, CLIENT, (FILES / "federated.jwt").read_text, **WHERE))


@CHECKS.append
def a_subject_in_another_case_is_refused() -> None:
    read = (FILES / "wrong-case.jwt").read_text
    refused(identity.ClientAssertionCredential(TENANT, CLIENT, read, **WHERE), "AADSTS7002138")


@CHECKS.append
def a_machine_has_an_identity() -> None:
    with machine():
        works(identity.ManagedIdentityCredential())
        works(identity.ManagedIdentityCredential(client_id=MACHINE_ID))


@CHECKS.append
def a_machine_has_no_unknown_identity() -> None:
    with machine():
        for wanted in ({"client_id": UNKNOWN}, {"identity_config": {"object_id": UNKNOWN}}):
            refused(identity.ManagedIdentityCredential(**wanted), "", Exception)


@CHECKS.append
def app_service_has_an_identity() -> None:
    with app_service():
        works(identity.ManagedIdentityCredential())
        works(identity.ManagedIdentityCredential(client_id=MACHINE_ID))


@CHECKS.append
def app_service_explains_a_refusal() -> None:
    with app_service("wrong"):
        refused(identity.ManagedIdentityCredential(), "X-IDENTITY-HEADER", Exception)


@CHECKS.append
def the_environment_signs_in() -> None:
    given = {"AZURE_TENANT_ID": TENANT, "AZURE_CLIENT_ID": CLIENT, "AZURE_CLIENT_SECRET": SECRET}
    options = {} if NAMED else {"disable_instance_discovery": True}
    with variables(**given, **({} if NAMED else {"AZURE_AUTHORITY_HOST": os.environ["LOGIN_URL"]})):
        works(identity.EnvironmentCredential(**options))
        works(identity.DefaultAzureCredential(**options))


@CHECKS.append
def the_default_credential_finds_the_identity_of_a_machine() -> None:
    with machine():
        works(identity.DefaultAzureCredential(exclude_developer_credentials=True))


@CHECKS.append
def a_user_signs_in_with_a_device_code() -> None:
    # Without a tenant it goes through "organizations".
    for tenant in ({"tenant_id": TENANT}, {}):
        credential = identity.DeviceCodeCredential(CLIENT, **tenant, prompt_callback=answers_as(ADMIN), **WHERE)
        token = credential.get_token(f"{GRAPH}/User.Read").token
        me = httpx.get(f"{GRAPH}/v1.0/me", headers={"Authorization": f"Bearer {token}"}).raise_for_status().json()
        expect(me["userPrincipalName"], ADMIN)
        expect(credential.authenticate(scopes=[f"{GRAPH}/User.Read"]).username, ADMIN)


@CHECKS.append
def a_user_declines_a_device_code() -> None:
    refused(
        identity.DeviceCodeCredential(CLIENT, tenant_id=TENANT, prompt_callback=answers_as(None), **WHERE),
        "AADSTS65004",
    )


def main() -> int:
    print(", ".join(f"{name} {version(name)}" for name in ("azure-identity", "msal")))
    failed = 0
    for check in CHECKS:
        name = check.__name__.replace("_", " ")
        control("POST", "/reset")
        try:
            check()
        except Exception as error:  # any error of the client is a failed check
            failed = 1
            print(f"FAILED {name}: {type(error).__name__}: {' '.join(str(error).split())}", flush=True)
            traceback.print_exc()
        else:
            print(f"passed {name}", flush=True)
    return failed


if __name__ == "__main__":
    logging.disable()
    sys.exit(main())
