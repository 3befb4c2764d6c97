// Copyright: (c) 2026, the frontline.entra contributors
// GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

// Microsoft's JavaScript client against the simulator: each check is a promise of Graph as that client understands it.
// Run by run.py. Prints a line per check, `passed` or `FAILED` and what was checked.
"use strict";

const assert = require("node:assert/strict");
const { ClientSecretCredential } = require("@azure/identity");
const {
  BatchRequestContent,
  BatchResponseContent,
  Client,
  GraphError,
  PageIterator,
} = require("@microsoft/microsoft-graph-client");
const {
  TokenCredentialAuthenticationProvider,
} = require("@microsoft/microsoft-graph-client/authProviders/azureTokenCredentials");

const { CLIENT_ID, CLIENT_SECRET, CONTROL_URL, GRAPH_URL, LOGIN_URL, TENANT_ID } = process.env;
const [ANNA, BOB, TWIN, CARL] = ["anna", "bob", "twin", "carl"].map((name) => `${name}@contoso.example`);
const MOBILE = "3179e48a-750b-4051-897c-87b9720928f7";
const OFFICE = "e37fc753-ff3b-4958-9484-eaa9425c82bc";
const SCOPES = ["https://graph.microsoft.com/.default"];
const SMS = "/policies/authenticationMethodsPolicy/authenticationMethodConfigurations/sms";
const SMS_TYPE = "#microsoft.graph.smsAuthenticationMethodConfiguration";

async function control(method, path, body) {
  const answer = await fetch(`${CONTROL_URL}${path}`, { method, body: body && JSON.stringify(body) });
  assert.equal(answer.status, 200);
  return answer.json();
}

const calls = async () => (await control("GET", "/journal")).filter((entry) => entry.kind === "graph");

// Nothing when the simulator has Microsoft's names.
const named = Boolean(process.env.MICROSOFTS_NAMES);
const loginOptions = named ? {} : { authorityHost: LOGIN_URL, disableInstanceDiscovery: true };
const addresses = named ? {} : { baseUrl: GRAPH_URL, customHosts: new Set(["localhost"]) };

const secret = (text) => new ClientSecretCredential(TENANT_ID, CLIENT_ID, text, loginOptions);

// A credential that holds a token which the simulator made without a login.
const given = async (wanted) => {
  const { access_token: token } = await control("POST", "/token", wanted);
  return { getToken: async () => ({ token, expiresOnTimestamp: Infinity }) };
};

const client = (credential) =>
  Client.initWithMiddleware({
    ...addresses,
    authProvider: new TokenCredentialAuthenticationProvider(credential, { scopes: SCOPES }),
  });

const phones = (user) => `/users/${encodeURIComponent(user)}/authentication/phoneMethods`;
const mobile = (user, action = "") => `${phones(user)}/${MOBILE}${action}`;
const state = async (graph, user) => (await graph.api(mobile(user)).get()).smsSignInState;

async function group(graph, name) {
  const found = await graph.api("/groups").filter(`displayName eq '${name}'`).get();
  assert.equal(found.value.length, 1);
  return `/groups/${found.value[0].id}/transitiveMembers`;
}

// All that is on a page and those after it, as the client's own iterator finds it.
async function everything(graph, first, headers = {}) {
  const found = [];
  await new PageIterator(graph, first, (one) => found.push(one), { headers }).iterate();
  return found;
}

// What the client raises for a call that Graph refuses.
async function refused(call, statusCode, code) {
  await assert.rejects(call, (error) => {
    assert.ok(error instanceof GraphError);
    assert.deepEqual([error.statusCode, error.code], [statusCode, code]);
    assert.ok(error.requestId);
    return true;
  });
}

const CHECKS = {
  "a wrong secret is refused by the login": async () => {
    await assert.rejects(secret("wrong").getToken(SCOPES), /AADSTS7000215/);
  },
  "phone methods are listed": async (graph) => {
    const found = (await graph.api(phones(BOB)).get()).value;
    assert.deepEqual(
      found.map((one) => [one.phoneType, one.phoneNumber, one.smsSignInState]),
      [
        ["mobile", "+1 2065550102", "ready"],
        ["office", "+1 2065550190x12", "notSupported"],
      ],
    );
  },
  "one phone method is read": async (graph) => {
    const method = await graph.api(mobile(ANNA)).get();
    assert.deepEqual([method.id, method.smsSignInState], [MOBILE, "notEnabled"]);
  },
  "a user reads their own": async () => {
    const own = client(await given({ user: ANNA, scopes: ["UserAuthMethod-Phone.Read"] }));
    assert.equal((await own.api("/me/authentication/phoneMethods").get()).value[0].phoneNumber, "+1 2065550101");
  },
  "names with special characters are found": async (graph) => {
    for (const name of ["guest_x.example#EXT#@contoso.example", "o'hara@contoso.example"]) {
      assert.equal((await graph.api(phones(name)).get()).value.length, 1);
    }
  },
  "a phone method is added": async (graph) => {
    const made = await graph.api(phones(CARL)).post({ phoneType: "mobile", phoneNumber: "+1 2065550150" });
    assert.deepEqual([made.id, made.smsSignInState], [MOBILE, "ready"]);
  },
  "a phone method is changed": async (graph) => {
    await graph.api(mobile(ANNA)).patch({ phoneNumber: "+1 2065550151" });
    assert.equal((await graph.api(mobile(ANNA)).get()).phoneNumber, "+1 2065550151");
  },
  "a phone method is deleted": async (graph) => {
    await graph.api(`${phones(BOB)}/${OFFICE}`).delete();
    assert.deepEqual((await graph.api(phones(BOB)).get()).value.map((one) => one.phoneType), ["mobile"]);
  },
  "sms sign in is enabled": async (graph) => {
    await graph.api(mobile(ANNA, "/enableSmsSignIn")).post();
    assert.equal(await state(graph, ANNA), "ready");
  },
  "sms sign in is disabled": async (graph) => {
    await graph.api(mobile(BOB, "/disableSmsSignIn")).post();
    assert.equal(await state(graph, BOB), "notEnabled");
  },
  "a number in use is refused": async (graph) => {
    await refused(graph.api(mobile(TWIN, "/enableSmsSignIn")).post(), 409, "phoneNumberNotUnique");
    assert.equal(await state(graph, TWIN), "phoneNumberNotUnique");
  },
  "a user who does not exist is refused": async (graph) => {
    await refused(graph.api(phones("nobody@contoso.example")).get(), 404, "Request_ResourceNotFound");
  },
  "a missing permission is refused": async () => {
    const narrow = client(await given({ client_id: CLIENT_ID, roles: ["User.Read.All"] }));
    await refused(narrow.api(phones(ANNA)).get(), 403, "accessDenied");
  },
  "a user is read": async (graph) => {
    assert.equal((await graph.api(`/users/${ANNA}`).get()).userPrincipalName, ANNA);
  },
  "the sms policy is read": async (graph) => {
    const policy = await graph.api(SMS).get();
    assert.deepEqual([policy["@odata.type"], policy.state], [SMS_TYPE, "enabled"]);
    assert.deepEqual(policy.includeTargets.map((one) => [one.id, one.isUsableForSignIn]), [["all_users", true]]);
    assert.equal(policy.excludeTargets.length, 1);
  },
  "the sms policy is changed": async (graph) => {
    await graph.api(SMS).patch({ "@odata.type": SMS_TYPE, state: "disabled" });
    assert.equal((await graph.api(SMS).get()).state, "disabled");
    assert.equal(await state(graph, ANNA), "notAllowedByPolicy");
  },
  "the registration report is read page by page": async (graph) => {
    const report = graph.api("/reports/authenticationMethods/userRegistrationDetails");
    const first = await report.filter("methodsRegistered/any(t: t eq 'mobilePhone')").get();
    assert.equal(first.value.length, 100);
    assert.equal((await everything(graph, first)).length, 261);
  },
  "members of all kinds are name apart": async (graph) => {
    const members = (await graph.api(await group(graph, "Frontline")).get()).value;
    const kinds = members.map((one) => one["@odata.type"].replace("#microsoft.graph.", "")).sort();
    assert.deepEqual(kinds, ["device", "group", "orgContact", "servicePrincipal", "user", "user"]);
  },
  "users of a group are read page by page": async (graph) => {
    const headers = { ConsistencyLevel: "eventual" };
    const users = graph.api(`${await group(graph, "Workers")}/microsoft.graph.user`);
    const first = await users.headers(headers).count(true).top(100).select("id,accountEnabled").get();
    assert.equal(first["@odata.count"], 250);
    const found = await everything(graph, first, headers);
    assert.equal(new Set(found.map((one) => one.id)).size, 250);
    assert.ok(found.every((one) => one.accountEnabled));
  },
  "a batch is answered item by item": async (graph) => {
    // Graph wants a body in a batch for an action without parameters.
    const action = { method: "POST", headers: { "Content-Type": "application/json" }, body: "{}" };
    const items = {
      read: [mobile(ANNA)],
      enable: [mobile(ANNA, "/enableSmsSignIn"), action],
      taken: [mobile(TWIN, "/enableSmsSignIn"), action],
      change: [mobile(BOB), { ...action, method: "PATCH", body: JSON.stringify({ phoneNumber: "+1 2065550152" }) }],
      missing: [mobile(CARL)],
    };
    // The content class keeps what follows the host, and Graph wants no version there.
    const steps = Object.entries(items).map(([id, [path, options]]) => ({
      id,
      request: new Request(`${GRAPH_URL}${path}`, options),
    }));
    const content = await new BatchRequestContent(steps).getContent();
    const answers = new BatchResponseContent(await graph.api("/$batch").post(content));
    const seen = Object.keys(items).map((id) => [id, answers.getResponseById(id).status]);
    assert.deepEqual(Object.fromEntries(seen), { read: 200, enable: 204, taken: 409, change: 204, missing: 404 });
    assert.equal((await answers.getResponseById("read").json()).id, MOBILE);
    assert.equal((await answers.getResponseById("taken").json()).error.code, "phoneNumberNotUnique");
    assert.equal(await state(graph, ANNA), "ready");
  },
  "items that depend on a refused one are not run": async (graph) => {
    const action = { method: "POST", headers: { "Content-Type": "application/json" }, body: "{}" };
    const content = new BatchRequestContent([
      { id: "1", request: new Request(`${GRAPH_URL}${mobile(CARL)}`) },
      { id: "2", request: new Request(`${GRAPH_URL}${mobile(ANNA, "/enableSmsSignIn")}`, action), dependsOn: ["1"] },
    ]);
    const answers = new BatchResponseContent(await graph.api("/$batch").post(await content.getContent()));
    assert.deepEqual(["1", "2"].map((id) => answers.getResponseById(id).status), [404, 424]);
    assert.equal(await state(graph, ANNA), "notEnabled");
  },
  "a throttled call is repeated after its wait": async (graph) => {
    await control("POST", "/faults", { match: {}, then: { status: 429, headers: { "Retry-After": "1" } } });
    await graph.api(mobile(ANNA, "/enableSmsSignIn")).post();
    const [first, second] = await calls();
    assert.deepEqual([first.status, second.status, second.at - first.done >= 1], [429, 204, true]);
  },
  "an unavailable service is retried": async (graph) => {
    await control("POST", "/faults", { match: {}, then: { status: 503 } });
    await graph.api(phones(ANNA)).get();
    assert.deepEqual((await calls()).map((entry) => entry.status), [503, 200]);
  },
};

async function main() {
  const names = ["@microsoft/microsoft-graph-client", "@azure/identity"];
  const versions = names.map((name) => `${name} ${require(`${process.env.NODE_PATH}/${name}/package.json`).version}`);
  console.log([...versions, `node ${process.versions.node}`].join(", "));
  const graph = client(secret(CLIENT_SECRET));
  for (const [name, check] of Object.entries(CHECKS)) {
    await control("POST", "/reset");
    try {
      await check(graph);
      console.log(`passed ${name}`);
    } catch (error) {
      process.exitCode = 1;
      console.log(`FAILED ${name}: ${error.message.split("\n").join(" ")}`);
      console.error(error);
    }
  }
}

main();
