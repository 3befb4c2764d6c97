# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Microsoft's Python SDK against the simulator: each check is behaviour of Graph as its own client expects it.

The client is constructed as in its README; with other addresses than Microsoft's, as for national clouds.
Run by run.py. Prints a line per check, `passed` or `FAILED` and what was checked.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import traceback
from collections.abc import Awaitable, Callable, Iterator
from importlib.metadata import version
from typing import Any

import httpx
from azure.core.credentials import AccessToken
from azure.core.exceptions import ClientAuthenticationError
from azure.identity import ClientSecretCredential
from kiota_abstractions.base_request_configuration import RequestConfiguration
from kiota_abstractions.serialization import Parsable
from kiota_authentication_azure.azure_identity_authentication_provider import AzureIdentityAuthenticationProvider
from msgraph import GraphRequestAdapter, GraphServiceClient
from msgraph.generated.groups.groups_request_builder import GroupsRequestBuilder
from msgraph.generated.models.authentication_method_sign_in_state import AuthenticationMethodSignInState as State
from msgraph.generated.models.authentication_method_state import AuthenticationMethodState
from msgraph.generated.models.authentication_phone_type import AuthenticationPhoneType as PhoneType
from msgraph.generated.models.o_data_errors.o_data_error import ODataError
from msgraph.generated.models.phone_authentication_method import PhoneAuthenticationMethod
from msgraph.generated.models.sms_authentication_method_configuration import SmsAuthenticationMethodConfiguration
from msgraph.graph_request_adapter import options as graph_options
from msgraph_core import GraphClientFactory, PageIterator
from msgraph_core.requests.batch_request_content import BatchRequestContent
from msgraph_core.requests.batch_request_item import BatchRequestItem

GRAPH, CONTROL = f"{os.environ['GRAPH_URL']}/v1.0", os.environ["CONTROL_URL"]
NAMED = "MICROSOFTS_NAMES" in os.environ
SCOPE = "https://graph.microsoft.com/.default"
ANNA, BOB, TWIN, CARL = (f"{name}@contoso.example" for name in ("anna", "bob", "twin", "carl"))
MOBILE, OFFICE = "3179e48a-750b-4051-897c-87b9720928f7", "e37fc753-ff3b-4958-9484-eaa9425c82bc"
ODD_NAMES = [f"{name}@contoso.example" for name in
             ("guest_x.example#EXT#", "o'hara", "a+b", "mary ann", "zoë.müller", "percent%41")]  # fmt: skip
CHECKS: list[Callable[[GraphServiceClient], Awaitable[None]]] = []
REGISTERED = "methodsRegistered/any(t: t eq 'mobilePhone')"


class GivenToken:
    """A credential with a token that the simulator made without a login."""

    def __init__(self, **wanted: Any) -> None:
        self._token = control("POST", "/token", wanted)["access_token"]

    def get_token(self, *scopes: str, **options: Any) -> AccessToken:
        return AccessToken(self._token, 2**31)


def control(method: str, path: str, body: Any = None) -> Any:
    return httpx.request(method, f"{CONTROL}{path}", json=body).raise_for_status().json()


def secret(text: str = os.environ["CLIENT_SECRET"]) -> ClientSecretCredential:
    return ClientSecretCredential(
        os.environ["TENANT_ID"],
        os.environ["CLIENT_ID"],
        text,
        **({} if NAMED else {"authority": os.environ["LOGIN_URL"], "disable_instance_discovery": True}),
    )


def client(credential: Any) -> GraphServiceClient:
    if NAMED:
        return GraphServiceClient(credential, scopes=[SCOPE])
    provider = AzureIdentityAuthenticationProvider(credential, scopes=[SCOPE], allowed_hosts=["localhost"])
    http = GraphClientFactory.create_with_default_middleware(host=os.environ["GRAPH_URL"], options=graph_options)
    return GraphServiceClient(request_adapter=GraphRequestAdapter(provider, client=http))


def phones(graph: GraphServiceClient, user: str) -> Any:
    return graph.users.by_user_id(user).authentication.phone_methods


def mobile(graph: GraphServiceClient, user: str) -> Any:
    return phones(graph, user).by_phone_authentication_method_id(MOBILE)


def sms(graph: GraphServiceClient) -> Any:
    configurations = graph.policies.authentication_methods_policy.authentication_method_configurations
    return configurations.by_authentication_method_configuration_id("sms")


async def group(graph: GraphServiceClient, name: str) -> Any:
    wanted = GroupsRequestBuilder.GroupsRequestBuilderGetQueryParameters(filter=f"displayName eq '{name}'")
    (found,) = known(await graph.groups.get(RequestConfiguration(query_parameters=wanted))).value
    return graph.groups.by_group_id(found.id)


async def everything(graph: GraphServiceClient, first: Any, **headers: str) -> list[Any]:
    """All items of a page and the following ones, from the SDK's own iterator."""
    found: list[Any] = []
    iterator = PageIterator(first, graph.request_adapter)
    for name, value in headers.items():
        iterator.headers.add(name, value)
    await iterator.iterate(lambda one: not found.append(known(one)))
    return found


def known(model: Any) -> Any:
    """The model, which may have no properties unknown to Microsoft's classes."""
    for one in parts(model):
        if unknown := [name for name in getattr(one, "additional_data", {}) if "@odata." not in name]:
            raise AssertionError(f"{type(one).__name__} does not know {', '.join(unknown)}")
    return model


def parts(model: Any) -> Iterator[Any]:
    if isinstance(model, list):
        for one in model:
            yield from parts(one)
    elif isinstance(model, Parsable):
        yield model
        for name, value in vars(model).items():
            if name != "backing_store":
                yield from parts(value)
        if store := getattr(model, "backing_store", None):
            for _name, value in store.enumerate_():
                yield from parts(value)


async def refused(call: Any) -> ODataError:
    """What the SDK raises for a call that Graph refuses."""
    try:
        await call
    except ODataError as error:
        inner = error.error.inner_error
        expect(bool(inner.request_id and inner.client_request_id and inner.date), True)
        return error
    raise AssertionError("it was not refused")


def expect(seen: Any, wanted: Any) -> None:
    if seen != wanted:
        raise AssertionError(f"{seen!r} instead of {wanted!r}")


# -- the checks, in the order of their lines ---------------------------------------------------------------------------


@CHECKS.append
async def a_wrong_secret_is_refused_by_the_login(graph: GraphServiceClient) -> None:
    try:
        secret("wrong").get_token(SCOPE)
    except ClientAuthenticationError as error:
        expect("AADSTS7000215" in str(error), True)
    else:
        raise AssertionError("it was accepted")


@CHECKS.append
async def phone_methods_are_listed(graph: GraphServiceClient) -> None:
    found = known(await phones(graph, BOB).get()).value
    expect(
        [(one.phone_type, one.phone_number, one.sms_sign_in_state) for one in found],
        [
            (PhoneType.Mobile, "+1 2065550102", State.Ready),
            (PhoneType.Office, "+1 2065550190x12", State.NotSupported),
        ],
    )


@CHECKS.append
async def one_phone_method_is_read(graph: GraphServiceClient) -> None:
    method = known(await mobile(graph, ANNA).get())
    expect((method.id, method.sms_sign_in_state), (MOBILE, State.NotEnabled))


@CHECKS.append
async def a_user_reads_their_own(graph: GraphServiceClient) -> None:
    given = GivenToken(user=ANNA, scopes=["UserAuthMethod-Phone.Read"])
    (method,) = known(await client(given).me.authentication.phone_methods.get()).value
    expect(method.phone_number, "+1 2065550101")


@CHECKS.append
async def names_with_special_characters_are_found(graph: GraphServiceClient) -> None:
    for name in ODD_NAMES:
        expect(len((await phones(graph, name).get()).value), 1)


@CHECKS.append
async def a_name_that_begins_with_a_dollar_sign_is_refused(graph: GraphServiceClient) -> None:
    error = await refused(graph.users.by_user_id("$adele@contoso.example").get())
    expect((error.response_status_code, "refers to a collection" in error.error.message), (400, True))


@CHECKS.append
async def a_phone_method_is_added(graph: GraphServiceClient) -> None:
    wanted = PhoneAuthenticationMethod(phone_type=PhoneType.Mobile, phone_number="+1 2065550150")
    made = known(await phones(graph, CARL).post(wanted))
    expect((made.id, made.sms_sign_in_state), (MOBILE, State.Ready))


@CHECKS.append
async def a_phone_method_is_changed(graph: GraphServiceClient) -> None:
    await mobile(graph, ANNA).patch(PhoneAuthenticationMethod(phone_number="+1 2065550151"))
    expect((await mobile(graph, ANNA).get()).phone_number, "+1 2065550151")


@CHECKS.append
async def a_phone_method_is_deleted(graph: GraphServiceClient) -> None:
    await phones(graph, BOB).by_phone_authentication_method_id(OFFICE).delete()
    expect([one.phone_type for one in (await phones(graph, BOB).get()).value], [PhoneType.Mobile])


@CHECKS.append
async def sms_sign_in_is_enabled(graph: GraphServiceClient) -> None:
    await mobile(graph, ANNA).enable_sms_sign_in.post()
    expect((await mobile(graph, ANNA).get()).sms_sign_in_state, State.Ready)


@CHECKS.append
async def sms_sign_in_is_disabled(graph: GraphServiceClient) -> None:
    await mobile(graph, BOB).disable_sms_sign_in.post()
    expect((await mobile(graph, BOB).get()).sms_sign_in_state, State.NotEnabled)


@CHECKS.append
async def a_number_in_use_is_refused(graph: GraphServiceClient) -> None:
    error = await refused(mobile(graph, TWIN).enable_sms_sign_in.post())
    expect((error.response_status_code, error.error.code), (409, "phoneNumberNotUnique"))
    expect((await mobile(graph, TWIN).get()).sms_sign_in_state, State.PhoneNumberNotUnique)


@CHECKS.append
async def a_user_who_does_not_exist_is_refused(graph: GraphServiceClient) -> None:
    error = await refused(phones(graph, "nobody@contoso.example").get())
    expect((error.response_status_code, error.error.code), (404, "Request_ResourceNotFound"))


@CHECKS.append
async def a_missing_permission_is_refused(graph: GraphServiceClient) -> None:
    given = client(GivenToken(client_id=os.environ["CLIENT_ID"], roles=["User.Read.All"]))
    expect((await refused(phones(given, ANNA).get())).response_status_code, 403)


@CHECKS.append
async def a_user_is_read(graph: GraphServiceClient) -> None:
    expect(known(await graph.users.by_user_id(ANNA).get()).user_principal_name, ANNA)


@CHECKS.append
async def the_sms_policy_is_read(graph: GraphServiceClient) -> None:
    policy = known(await sms(graph).get())
    expect((type(policy), policy.state), (SmsAuthenticationMethodConfiguration, AuthenticationMethodState.Enabled))
    expect([(one.id, one.is_usable_for_sign_in) for one in policy.include_targets], [("all_users", True)])
    expect(len(policy.exclude_targets), 1)


@CHECKS.append
async def the_sms_policy_is_changed(graph: GraphServiceClient) -> None:
    await sms(graph).patch(SmsAuthenticationMethodConfiguration(state=AuthenticationMethodState.Disabled))
    expect((await sms(graph).get()).state, AuthenticationMethodState.Disabled)
    expect((await mobile(graph, ANNA).get()).sms_sign_in_state, State.NotAllowedByPolicy)


@CHECKS.append
async def the_registration_report_is_read_page_by_page(graph: GraphServiceClient) -> None:
    report = graph.reports.authentication_methods.user_registration_details
    wanted = type(report).UserRegistrationDetailsRequestBuilderGetQueryParameters(filter=REGISTERED)
    rows = await everything(graph, await report.get(RequestConfiguration(query_parameters=wanted)))
    expect(len(rows), 261)
    expect({type(row).__name__ for row in rows}, {"UserRegistrationDetails"})


@CHECKS.append
async def members_of_all_kinds_are_distinguished(graph: GraphServiceClient) -> None:
    members = known(await (await group(graph, "Frontline")).transitive_members.get()).value
    kinds = sorted(type(one).__name__ for one in members)
    expect(kinds, ["Device", "Group", "OrgContact", "ServicePrincipal", "User", "User"])


@CHECKS.append
async def users_of_a_group_are_read_page_by_page(graph: GraphServiceClient) -> None:
    users = (await group(graph, "Workers")).transitive_members.graph_user
    wanted = type(users).GraphUserRequestBuilderGetQueryParameters(count=True, top=100, select=["id", "accountEnabled"])
    configuration = RequestConfiguration(query_parameters=wanted)
    configuration.headers.add("ConsistencyLevel", "eventual")
    first = await users.get(configuration)
    expect(first.odata_count, 250)
    found = await everything(graph, first, ConsistencyLevel="eventual")
    expect((len({one.id for one in found}), {one.account_enabled for one in found}), (250, {True}))


@CHECKS.append
async def a_batch_is_answered_item_by_item(graph: GraphServiceClient) -> None:
    calls = {
        "read": mobile(graph, ANNA).to_get_request_information(),
        "enable": mobile(graph, ANNA).enable_sms_sign_in.to_post_request_information(),
        "taken": mobile(graph, TWIN).enable_sms_sign_in.to_post_request_information(),
        "change": mobile(graph, CARL).to_get_request_information(),
    }
    items = [BatchRequestItem(call, id=name) for name, call in calls.items()]
    for item in items:
        # Graph wants relative addresses; the SDK leaves that to its caller.
        item.url = f"/{item.url.removeprefix(GRAPH).lstrip('/')}"
        if item.method == "POST":
            # Graph wants a body in a batch for an action without parameters.
            item.headers = {"Content-Type": "application/json"}
            item._body = b"{}"
    # This SDK drops bodies that are JSON, so only statuses are checked.
    answers = await graph.batch.post(BatchRequestContent({item.id: item for item in items}))
    expect(answers.get_response_status_codes(), {"read": 200, "enable": 204, "taken": 409, "change": 404})
    expect((await mobile(graph, ANNA).get()).sms_sign_in_state, State.Ready)


@CHECKS.append
async def a_throttled_call_is_repeated_after_its_wait(graph: GraphServiceClient) -> None:
    control("POST", "/faults", {"match": {}, "then": {"status": 429, "headers": {"Retry-After": "1"}}})
    await mobile(graph, ANNA).enable_sms_sign_in.post()
    first, second = (entry for entry in control("GET", "/journal") if entry["kind"] == "graph")
    expect((first["status"], second["status"], second["at"] - first["done"] >= 1), (429, 204, True))


@CHECKS.append
async def an_unavailable_service_is_retried(graph: GraphServiceClient) -> None:
    control("POST", "/faults", {"match": {}, "then": {"status": 503}})
    await phones(graph, ANNA).get()
    expect([entry["status"] for entry in control("GET", "/journal") if entry["kind"] == "graph"], [503, 200])


async def main() -> bool:
    print(", ".join(f"{name} {version(name)}" for name in ("msgraph-sdk", "msgraph-core", "azure-identity")))
    graph, passed = client(secret()), True
    for check in CHECKS:
        name = check.__name__.replace("_", " ")
        control("POST", "/reset")
        try:
            await check(graph)
        except Exception as error:  # any error of the SDK is a failed check
            passed = False
            print(f"FAILED {name}: {type(error).__name__}: {error}", flush=True)
            traceback.print_exc()
        else:
            print(f"passed {name}", flush=True)
    return passed


if __name__ == "__main__":
    logging.disable()
    sys.exit(not asyncio.run(main()))
