# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests of released clients that the service answers, and requests that it refuses with documented messages."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import jwt
import pytest
import requests

from graph_simulator import Simulator

ANNA, DOLLAR = "anna@contoso.example", "$adele@contoso.example"
MOBILE = "3179e48a-750b-4051-897c-87b9720928f7"
EVENTUAL = {"ConsistencyLevel": "eventual"}
CLIENT_ID, IDENTITY_ID = "aaaaaaaa-0000-0000-0000-000000000001", "aaaaaaaa-0000-0000-0000-000000000002"
RESOURCE_ID = "/subscriptions/s/resourceGroups/g/providers/Microsoft.ManagedIdentity/userAssignedIdentities/vm"
REPORT = "/reports/authenticationMethods/userRegistrationDetails"


@pytest.fixture(scope="module")
def other() -> Iterator[Simulator]:
    """A tenant with unusual user names and applications."""
    roles = ["UserAuthMethod-Phone.ReadWrite.All", "User.Read.All"]
    tenant = {
        "domain": "contoso.example",
        "apps": [
            {"client_id": CLIENT_ID, "name": "a judge", "secrets": ["s:e+c %r"], "roles": roles},
            {"client_id": IDENTITY_ID, "managed_identity": True, "resource_id": RESOURCE_ID, "roles": roles},
        ],
        "users": [
            {"name": DOLLAR, "mobile": "+1 2065550101", "mail": "adele@contoso.example"},
            {"name": "$o'hara@contoso.example", "mobile": "+1 2065550102"},
            {"name": "members@contoso.example"},
        ],
    }
    with Simulator(tenant) as simulator:
        yield simulator


@pytest.fixture
def session(other: Simulator) -> Iterator[requests.Session]:
    other.reset()
    with requests.Session() as session:
        session.trust_env = False
        session.verify = str(other.ca_file)
        yield session


# -- addresses ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/v1.0//users", 200),
        ("/v1.0///users/anna@contoso.example", 200),
        ("/v1.0//users/anna@contoso.example/authentication/phoneMethods", 200),
        ("/v1.0//$batch", 400),
        ("/v1.0/users//authentication/phoneMethods", 400),
        ("/v1.0//", 400),
    ],
)
def test_empty_segments_after_the_version_are_dropped(graph: Any, path: str, status: int) -> None:
    if path.endswith("$batch"):
        answer = graph.session.post(f"{graph.simulator.graph_url}{path}", json={"requests": []})
        assert (answer.status_code, "'$batch'" in answer.json()["error"]["message"]) == (400, True)
    else:
        assert graph.raw(path)[0] == status


def test_links_of_such_an_address_work(graph: Any) -> None:
    link = graph.call("GET", "//users?$top=100").json()["@odata.nextLink"]
    assert len(graph.session.get(link).json()["value"]) == 100


@pytest.mark.parametrize(
    "path",
    [
        "/users/{user}/authentication/phonemethods",
        "/USERS/{user}/Authentication/PhoneMethods/{mobile}",
        "/Users('{user}')/authentication/phonemethods('{mobile}')",
        "/groups/{group}/Members",
        "/groups/{group}/transitivemembers",
        "/reports/authenticationmethods/userregistrationdetails",
        "/policies/authenticationmethodspolicy/authenticationmethodconfigurations/SMS",
    ],
)
def test_the_case_of_segments_does_not_matter(simulator: Any, graph: Any, path: str) -> None:
    answer = graph.call("GET", path.format(user=ANNA, mobile=MOBILE, group=simulator.group_id("Frontline")))
    assert answer.status_code == 200


def test_an_action_in_lower_case_is_journaled_with_its_user(simulator: Any, graph: Any) -> None:
    path = f"/users/{ANNA}/authentication/phonemethods/{MOBILE}/enablesmssignin"
    assert graph.call("POST", path).status_code == 204
    assert (simulator.state(ANNA), simulator.journal()[-1].user) == ("ready", ANNA)


@pytest.mark.parametrize(
    ("segment", "status"),
    [
        ("/$adele@contoso.example", 400),
        ("/%24adele@contoso.example", 400),
        ("/%24adele%40contoso.example/authentication/phoneMethods", 400),
        ("('$adele@contoso.example')", 200),
        ("('%24adele%40contoso.example')", 200),
        ("(%27%24adele%40contoso.example%27)", 200),
        ("('$adele@contoso.example')/authentication/phoneMethods", 200),
        ("('$o''hara@contoso.example')", 200),
        ("('%24o%27%27hara%40contoso.example')", 200),
        ("('$o'hara@contoso.example')", 400),
        ("('%24o%27hara%40contoso.example')", 400),
    ],
)
def test_a_name_that_begins_with_a_dollar_sign_is_in_parentheses(
    other: Simulator, connect: Any, segment: str, status: int
) -> None:
    graph = connect(other, other.token())
    answer, body = graph.raw(f"/v1.0/users{segment}")
    assert answer == status
    if segment.startswith("/"):
        assert "Since the segment 'users' refers to a collection" in body["error"]["message"]
    (item,) = graph.batch([{"id": "1", "method": "GET", "url": f"/users{segment}"}]).json()["responses"]
    assert item["status"] == status


def test_a_batch_accepts_addresses_with_raw_blanks(graph: Any) -> None:
    url = "users?$select=id,displayName&$filter=userType eq 'Guest' or city eq 'Oslo'&$count=true"
    (answer,) = graph.batch([{"id": "1", "method": "GET", "url": url}]).json()["responses"]
    assert (answer["status"], len(answer["body"]["value"])) == (200, 1)


# -- queries -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/users", "/groups", "/groups/{group}/members", "/groups/{group}/transitiveMembers"])
def test_a_count_without_consistency_level_is_ignored(simulator: Any, graph: Any, path: str) -> None:
    url = f"{path.format(group=simulator.group_id('Workers'))}?$count=true"
    plain, counted = graph.call("GET", url), graph.call("GET", url, headers=EVENTUAL)
    assert (plain.status_code, counted.status_code) == (200, 200)
    assert "@odata.count" not in plain.json() and counted.json()["@odata.count"] > 0


@pytest.mark.parametrize(
    ("path", "number"),
    [
        ("/users/$count?$filter=userType eq 'Guest'", "1"),
        ("/groups/$count", "8"),
        ("/groups/{group}/members/$count", "5"),
        ("/groups/{group}/members/microsoft.graph.user/$count", "1"),
        ("/groups/{group}/transitiveMembers/$count?$count=", "6"),
        ("/groups/{group}/transitiveMembers/microsoft.graph.user/$count", "2"),
        ("/users/anna@contoso.example/authentication/phoneMethods/$count", "2"),
    ],
)
def test_the_count_segment_needs_consistency_level(simulator: Any, graph: Any, path: str, number: str) -> None:
    url = path.format(group=simulator.group_id("Frontline"))
    answer = graph.call("GET", url, headers=EVENTUAL)
    assert (answer.status_code, answer.text, answer.headers["Content-Type"]) == (200, number, "text/plain")
    refused = graph.call("GET", url)
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "Request_BadRequest")
    assert refused.json()["error"]["message"] == "$count is not currently supported."


def test_a_search_without_header_names_the_header(graph: Any) -> None:
    message = graph.call("GET", '/users?$search="displayName:ann"').json()["error"]["message"]
    assert message.endswith("only works through MSGraph with a special request header: 'ConsistencyLevel: eventual'")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("isMfaCapable eq true and userDisplayName eq 'anna'", ["anna"]),
        ("isMfaRegistered eq false", []),
        ("startswith(userDisplayName, 'ann')", ["anna"]),
        ("userPrincipalName in ('anna@contoso.example', 'bob@contoso.example')", ["anna", "bob"]),
        ("userPreferredMethodForSecondaryAuthentication eq 'sms' and startsWith(userPrincipalName, 'bob@')", ["bob"]),
        (
            "(methodsRegistered/any(m:m eq 'officePhone') or methodsRegistered/any(m:m eq 'email')) and isAdmin eq false",
            ["anna"],
        ),
    ],
)
def test_the_report_supports_its_documented_filters(graph: Any, text: str, found: list[str]) -> None:
    rows = graph.call("GET", REPORT, params={"$filter": text}).json()["value"]
    assert [row["userDisplayName"] for row in rows] == found


@pytest.mark.parametrize("text", ["userType eq 'member'", "isAdmin eq true"])
def test_undocumented_filters_are_a_switch(simulator: Any, graph: Any, text: str) -> None:
    assert graph.call("GET", REPORT, params={"$filter": text}).status_code == 200
    simulator.switch("report_filters_unlisted", False)
    assert graph.call("GET", REPORT, params={"$filter": text}).status_code == 501


def test_known_properties_of_a_user_are_null(graph: Any) -> None:
    names = ["mailNickname", "companyName", "department", "mobilePhone", "signInActivity"]
    body = graph.call("GET", f"/users/{ANNA}?$select={','.join(names)},otherMails").json()
    context = body.pop("@odata.context")
    assert body == {**dict.fromkeys(names), "otherMails": []}
    assert context.endswith(f"$metadata#users({','.join(names)},otherMails)/$entity")


def test_a_user_is_found_by_mail(other: Simulator, connect: Any) -> None:
    query = "?$filter=mail eq 'ADELE@contoso.example'&$select=userPrincipalName,mail"
    found = connect(other, other.token()).call("GET", f"/users{query}").json()["value"]
    assert found == [{"userPrincipalName": DOLLAR, "mail": "adele@contoso.example"}]


@pytest.mark.parametrize("path", ["/users?$top=1&$count=true", f"/users/{ANNA}/authentication/phoneMethods"])
def test_an_answer_without_annotations(graph: Any, path: str) -> None:
    answer = graph.call("GET", path, headers={"Accept": "application/json;odata.metadata=none", **EVENTUAL})
    assert set(answer.json()) <= {"value", "@odata.nextLink", "@odata.count"}
    assert answer.headers["Content-Type"].startswith("application/json;odata.metadata=none;")
    assert "@odata.context" in graph.call("GET", path, headers=EVENTUAL).json()


def test_a_list_reports_the_selected_properties(graph: Any) -> None:
    context = graph.call("GET", "/users?$select=id, displayName&$top=1").json()["@odata.context"]
    assert context.endswith("/v1.0/$metadata#users(id,displayName)")


def test_a_new_phone_method_has_a_location(graph: Any) -> None:
    made = graph.phone(
        "nophone@contoso.example", "", "POST", json={"phoneNumber": "+1 2065550150", "phoneType": "mobile"}
    )
    assert graph.session.get(made.headers["Location"]).json()["phoneNumber"] == "+1 2065550150"


@pytest.mark.parametrize("shown", [True, False])
def test_basic_permissions_show_accounts_by_a_switch(simulator: Any, client: Any, shown: bool) -> None:
    simulator.switch("basic_shows_account", shown)
    basic = client(roles=["User.ReadBasic.All", "GroupMember.ReadBasic.All"])
    query = "$select=userPrincipalName,accountEnabled,userType"
    wanted = [ANNA, True, "Member"] if shown else [ANNA, None, None]
    alone = basic.call("GET", f"/users/{ANNA}?{query}").json()
    member = basic.call("GET", f"/groups/{simulator.group_id('Secret')}/members?{query}")
    assert member.status_code == 403
    member = basic.call("GET", f"/groups/{simulator.group_id('Frontline')}/members?{query}").json()["value"][0]
    for body in (alone, member):
        assert [body["userPrincipalName"], body["accountEnabled"], body["userType"]] == wanted


# -- the login ---------------------------------------------------------------------------------------------------------


def sign_in(other: Simulator, session: requests.Session, tenant: str = "contoso.example", **form: Any) -> Any:
    version, headers = form.pop("version", "v2.0/"), form.pop("headers", None)
    standard = {"grant_type": "client_credentials", "client_id": CLIENT_ID, "client_secret": "s:e+c %r"}
    fields = {name: value for name, value in {**standard, **form}.items() if value}
    return session.post(f"{other.login_url}/{tenant}/oauth2/{version}token", data=fields, headers=headers, timeout=10)


def claims_of(token: str) -> dict[str, Any]:
    claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return claims


def test_a_token_of_an_application_has_the_claims_of_a_real_one(other: Simulator, session: requests.Session) -> None:
    scope = f"{other.graph_url}/.default"
    claims = claims_of(sign_in(other, session, scope=scope).json()["access_token"])
    assert set(claims) == {
        "aud", "iss", "iat", "nbf", "exp", "aio", "app_displayname", "appid", "appidacr", "idp", "idtyp", "oid", "rh",
        "roles", "sub", "tenant_region_scope", "tid", "uti", "ver", "wids", "xms_tcdt",
    }  # fmt: skip
    assert (claims["app_displayname"], claims["appidacr"], claims["sub"]) == ("a judge", "1", claims["oid"])
    assert claims["idp"] == claims["iss"]


@pytest.mark.parametrize("slash", ["", "/"])
@pytest.mark.parametrize("resource", ["https://graph.microsoft.com", "https://management.core.windows.net"])
def test_the_audience_of_a_token_is_the_resource_as_written(
    other: Simulator, session: requests.Session, resource: str, slash: str
) -> None:
    token = sign_in(other, session, scope=f"{resource}{slash}/.default").json()["access_token"]
    assert claims_of(token)["aud"] == resource + slash
    answer = session.get(f"{other.graph_url}/v1.0/users", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == (200 if "graph" in resource else 401)


def test_an_application_may_send_its_secret_in_a_header(other: Simulator, session: requests.Session) -> None:
    def basic(text: str) -> dict[str, str]:
        return {"Authorization": f"Basic {base64.b64encode(text.encode()).decode()}"}

    form = {"client_id": None, "client_secret": None, "scope": f"{other.graph_url}/.default"}
    good = sign_in(other, session, **form, headers=basic(f"{CLIENT_ID}:{quote('s:e+c %r', safe='')}"))
    assert good.status_code == 200
    bad = sign_in(other, session, **form, headers=basic(f"{CLIENT_ID}:wrong"))
    assert (bad.status_code, bad.json()["error_codes"]) == (401, [7000215])
    garbage = sign_in(other, session, **form, headers={"Authorization": "Basic %%%"})
    assert (garbage.status_code, garbage.json()["error"]) == (401, "invalid_client")


def test_the_first_version_of_the_login(other: Simulator, session: requests.Session) -> None:
    configuration = session.get(f"{other.login_url}/contoso.example/.well-known/openid-configuration").json()
    assert configuration["issuer"] == f"https://sts.windows.net/{claims_of(other.token())['tid']}/"
    assert session.get(configuration["jwks_uri"]).json()["keys"]
    assert configuration["token_endpoint"].endswith("/oauth2/token")
    answer = sign_in(other, session, version="", resource="https://graph.microsoft.com/").json()
    assert (answer["resource"], answer["expires_in"]) == ("https://graph.microsoft.com/", "3599")
    assert int(answer["expires_on"]) - int(answer["not_before"]) == 3599
    assert sign_in(other, session, version="").json()["error_codes"] == [900144]
    assert sign_in(other, session, version="", resource="https://evil.example").json()["error_codes"] == [500011]


@pytest.mark.parametrize(("tenant", "number"), [("organizations", 50059), ("common", 9001023)])
def test_an_application_must_name_its_tenant_and_a_user_need_not(
    other: Simulator, session: requests.Session, tenant: str, number: int
) -> None:
    configuration = session.get(f"{other.login_url}/{tenant}/v2.0/.well-known/openid-configuration").json()
    assert configuration["issuer"] == f"{other.login_url}/{{tenantid}}/v2.0"
    assert configuration["token_endpoint"] == f"{other.login_url}/{tenant}/oauth2/v2.0/token"
    refused = sign_in(other, session, tenant, scope=f"{other.graph_url}/.default")
    assert (refused.status_code, refused.json()["error_codes"]) == (400, [number])
    begun = session.post(configuration["device_authorization_endpoint"], data={"client_id": CLIENT_ID, "scope": "x"})
    form = {"client_secret": None, "device_code": begun.json()["device_code"]}
    for grant in ("device_code", "urn:ietf:params:oauth:grant-type:device_code"):
        assert sign_in(other, session, tenant, grant_type=grant, **form).json()["error"] == "authorization_pending"


def test_the_discovery_document_has_the_members_of_a_real_one(other: Simulator, session: requests.Session) -> None:
    document = session.get(f"{other.login_url}/contoso.example/v2.0/.well-known/openid-configuration").json()
    assert {
        "response_modes_supported", "claims_supported", "userinfo_endpoint", "end_session_endpoint",
        "kerberos_endpoint", "cloud_instance_name", "cloud_graph_host_name", "msgraph_host", "rbac_url",
        "request_uri_parameter_supported", "http_logout_supported", "frontchannel_logout_supported",
    } <= set(document)  # fmt: skip


@pytest.mark.parametrize("place", ["headers", "form", "query"])
def test_a_correlation_id_is_accepted_in_three_places(other: Simulator, session: requests.Session, place: str) -> None:
    given = {"client-request-id": "7f1c0000-0000-0000-0000-000000000001"}
    if place == "query":
        answer = session.get(f"{other.login_url}/nowhere.example/v2.0/.well-known/openid-configuration", params=given)
    elif place == "form":
        answer = sign_in(other, session, "nowhere.example", **given)
    else:
        answer = sign_in(other, session, "nowhere.example", headers=given)
    wanted = given["client-request-id"]
    assert (answer.json()["correlation_id"], answer.headers["client-request-id"]) == (wanted, wanted)
    assert other.journal()[-1].client_request_id == wanted


# -- managed identities ------------------------------------------------------------------------------------------------

IMDS = "/metadata/identity/oauth2/token"


@pytest.mark.parametrize(
    ("path", "query", "status"),
    [
        (IMDS, {}, 200),
        (f"{IMDS}/", {}, 200),
        (IMDS, {"api-version": "2021-02-01"}, 200),
        (IMDS, {"api-version": "2017-09-01"}, 400),
        (IMDS, {"api-version": "latest"}, 400),
        (IMDS, {"client_id": IDENTITY_ID.upper()}, 200),
        (IMDS, {"client_id": CLIENT_ID}, 400),
        (IMDS, {"object_id": "99999999-0000-0000-0000-000000000001"}, 400),
        (IMDS, {"msi_res_id": RESOURCE_ID}, 200),
        (IMDS, {"msi_res_id": "/subscriptions/s/other"}, 400),
        ("/msi/token", {"api-version": "2019-08-01", "mi_res_id": RESOURCE_ID}, 200),
        ("/msi/token", {"api-version": "2019-08-01", "object_id": "nobody"}, 400),
    ],
)
def test_a_request_selects_its_identity(
    other: Simulator, session: requests.Session, path: str, query: dict[str, str], status: int
) -> None:
    headers = {"Metadata": "true", "X-IDENTITY-HEADER": other.identity_header}
    parameters = {"api-version": "2018-02-01", "resource": "https://graph.microsoft.com/", **query}
    answer = session.get(f"{other.identity_url}{path}", params=parameters, headers=headers)
    assert answer.status_code == status, answer.text
    if status == 200:
        assert claims_of(answer.json()["access_token"])["appidacr"] == "2"
    elif "id" in "".join(query):
        assert "Identity not found" in answer.text


def test_an_identity_is_found_by_its_object_id(other: Simulator, session: requests.Session) -> None:
    object_id = claims_of(other.token(client_id=IDENTITY_ID))["oid"]
    query = {"api-version": "2018-02-01", "resource": "https://graph.microsoft.com", "object_id": object_id}
    answer = session.get(f"{other.identity_url}{IMDS}", params=query, headers={"Metadata": "true"})
    assert answer.json()["client_id"] == IDENTITY_ID


def test_app_service_refuses_in_its_own_form(other: Simulator, session: requests.Session) -> None:
    answer = session.get(f"{other.identity_url}/msi/token", headers={"X-IDENTITY-HEADER": "wrong"})
    assert (answer.status_code, set(answer.json())) == (401, {"statusCode", "message", "correlationId"})
