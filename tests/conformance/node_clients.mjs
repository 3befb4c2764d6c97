// Copyright: (c) 2026, the frontline.entra contributors
// GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

// Microsoft's identity clients for Node and its TypeScript SDK of Graph against the simulator.
// Run by run.py from beside node_modules. Prints a line per check, `passed` or `FAILED` and what was checked.
import assert from "node:assert/strict";
import { createHash, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import * as identity from "@azure/identity";
import * as msal from "@azure/msal-node";
import { AzureIdentityAuthenticationProvider } from "@microsoft/kiota-authentication-azure";
import { createGraphServiceClient, GraphRequestAdapter } from "@microsoft/msgraph-sdk";
import "@microsoft/msgraph-sdk-users";

const { env } = process;
const { CLIENT_ID, CLIENT_SECRET, CONTROL_URL, CREDENTIALS, GRAPH_URL, LOGIN_URL } = env;
const { MACHINE_CLIENT_ID, MACHINE_HEADER, MACHINE_URL, TENANT_ID } = env;
const named = Boolean(env.MICROSOFTS_NAMES);
const where = named ? {} : { authorityHost: LOGIN_URL, disableInstanceDiscovery: true };
const scope = `${GRAPH_URL}/.default`;
const [ANNA, BOB, TWIN, CARL, ADMIN] = ["anna", "bob", "twin", "carl", "admin"].map((name) => `${name}@contoso.example`);
const ODD_NAMES = ["guest_x.example#EXT#", "o'hara", "a+b", "mary ann", "zoë.müller", "percent%41"];
const MOBILE = "3179e48a-750b-4051-897c-87b9720928f7";

const file = (name) => readFileSync(`${CREDENTIALS}/${name}`, "utf8");
const federated = async () => file("federated.jwt");

async function control(method, path, body) {
  const answer = await fetch(`${CONTROL_URL}${path}`, { method, body: body && JSON.stringify(body) });
  assert.equal(answer.status, 200);
  return answer.json();
}

async function graphAccepts(token, path) {
  const answer = await fetch(`${GRAPH_URL}/v1.0${path}`, { headers: { Authorization: `Bearer ${token}` } });
  assert.equal(answer.status, 200, await answer.clone().text());
  return answer.json();
}

// Whether the credential's token lives as long as it should, and Graph accepts it.
async function works(credential, options = {}) {
  const { token, expiresOnTimestamp } = await credential.getToken(scope, options);
  const left = (expiresOnTimestamp - Date.now()) / 1000;
  assert.ok(left > 3000 && left < 3700, `the token expires in ${left} seconds`);
  await graphAccepts(token, `/users/${ANNA}`);
}

// Runs with these environment variables.
async function withVariables(values, run) {
  Object.assign(env, values);
  try {
    await run();
  } finally {
    for (const name of Object.keys(values)) delete env[name];
  }
}

// A prompt for a device code that a user follows.
const followedBy =
  (user) =>
  ({ userCode }) =>
    void control("POST", "/device", { user_code: userCode, user });

const authority = (tenant = TENANT_ID) => ({
  clientId: CLIENT_ID,
  authority: `${LOGIN_URL}/${tenant}`,
  ...(named ? {} : { knownAuthorities: [new URL(LOGIN_URL).host] }),
});
const application = (credential) => new msal.ConfidentialClientApplication({ auth: { ...authority(), ...credential } });
const tokenOf = (credential) => application(credential).acquireTokenByClientCredential({ scopes: [scope] });

function sdk() {
  const credential = new identity.ClientSecretCredential(TENANT_ID, CLIENT_ID, CLIENT_SECRET, where);
  const { hostname } = new URL(GRAPH_URL);
  const adapter = new GraphRequestAdapter(
    new AzureIdentityAuthenticationProvider(credential, [scope], undefined, new Set([hostname])),
  );
  if (!named) adapter.baseUrl = `${GRAPH_URL}/v1.0`;
  return createGraphServiceClient(adapter);
}
const phones = (graph, user) => graph.users.byUserId(user).authentication.phoneMethods;
const mobile = (graph, user) => phones(graph, user).byPhoneAuthenticationMethodId(MOBILE);

const CHECKS = {
  "a secret signs in": () => works(new identity.ClientSecretCredential(TENANT_ID, CLIENT_ID, CLIENT_SECRET, where)),
  "continuous access evaluation may be announced": () =>
    works(new identity.ClientSecretCredential(TENANT_ID, CLIENT_ID, CLIENT_SECRET, where), { enableCae: true }),
  "a wrong secret is refused": () =>
    assert.rejects(
      new identity.ClientSecretCredential(TENANT_ID, CLIENT_ID, "wrong", where).getToken(scope),
      /AADSTS7000215/,
    ),
  "a certificate signs in, with its chain too": async () => {
    for (const sendCertificateChain of [false, true]) {
      const options = { ...where, sendCertificateChain };
      await works(new identity.ClientCertificateCredential(TENANT_ID, CLIENT_ID, `${CREDENTIALS}/app.pem`, options));
    }
  },
  "an assertion signs in": () => works(new identity.ClientAssertionCredential(TENANT_ID, CLIENT_ID, federated, where)),
  "a federated token in a file signs in": () => {
    const given = { tenantId: TENANT_ID, clientId: CLIENT_ID, tokenFilePath: `${CREDENTIALS}/federated.jwt` };
    return works(new identity.WorkloadIdentityCredential({ ...given, ...where }));
  },
  "a machine has an identity": () =>
    // This client writes a slash behind the path when it gets another address.
    withVariables(named ? {} : { AZURE_POD_IDENTITY_AUTHORITY_HOST: MACHINE_URL }, async () => {
      await works(new identity.ManagedIdentityCredential());
      await works(new identity.ManagedIdentityCredential({ clientId: MACHINE_CLIENT_ID }));
    }),
  "App Service has an identity": () =>
    withVariables({ IDENTITY_ENDPOINT: `${MACHINE_URL}/msi/token`, IDENTITY_HEADER: MACHINE_HEADER }, () =>
      works(new identity.ManagedIdentityCredential()),
    ),
  "the environment signs in": () => {
    const given = { AZURE_TENANT_ID: TENANT_ID, AZURE_CLIENT_ID: CLIENT_ID, AZURE_CLIENT_SECRET: CLIENT_SECRET };
    return withVariables(named ? given : { ...given, AZURE_AUTHORITY_HOST: LOGIN_URL }, () =>
      works(new identity.DefaultAzureCredential(named ? {} : { disableInstanceDiscovery: true })),
    );
  },
  "a user signs in with a device code": async () => {
    // Without a tenant it goes through "organizations".
    for (const tenant of [{ tenantId: TENANT_ID }, {}]) {
      const options = { ...tenant, clientId: CLIENT_ID, userPromptCallback: followedBy(ADMIN), ...where };
      const { token } = await new identity.DeviceCodeCredential(options).getToken(`${GRAPH_URL}/User.Read`);
      assert.equal((await graphAccepts(token, "/me")).userPrincipalName, ADMIN);
    }
  },
  "MSAL: a secret signs in": async () => {
    assert.equal((await tokenOf({ clientSecret: CLIENT_SECRET })).tokenType, "Bearer");
  },
  "MSAL: a certificate signs in by its SHA-256": async () => {
    const { raw } = new X509Certificate(file("certificate.pem"));
    const thumbprintSha256 = createHash("sha256").update(raw).digest("hex");
    const given = { thumbprintSha256, privateKey: file("key.pem"), x5c: file("certificate.pem") };
    assert.ok((await tokenOf({ clientCertificate: given })).accessToken);
  },
  "MSAL: an assertion signs in": async () => {
    assert.ok((await tokenOf({ clientAssertion: federated })).accessToken);
  },
  "MSAL: a user signs in with a device code, and is refreshed silently": async () => {
    const app = new msal.PublicClientApplication({ auth: authority() });
    const scopes = [`${GRAPH_URL}/User.Read`];
    const given = await app.acquireTokenByDeviceCode({ scopes, deviceCodeCallback: followedBy(ADMIN) });
    assert.deepEqual([given.account.username, given.tenantId], [ADMIN, TENANT_ID]);
    const again = await app.acquireTokenSilent({ scopes, account: given.account, forceRefresh: true });
    assert.equal(again.fromCache, false);
  },
  "SDK: phone methods are listed": async () => {
    const found = (await phones(sdk(), BOB).get()).value;
    assert.deepEqual(
      found.map((one) => [one.phoneType, one.phoneNumber, one.smsSignInState]),
      [
        ["mobile", "+1 2065550102", "ready"],
        ["office", "+1 2065550190x12", "notSupported"],
      ],
    );
  },
  "SDK: SMS sign-in is enabled and disabled": async () => {
    const method = mobile(sdk(), ANNA);
    await method.enableSmsSignIn.post();
    assert.equal((await method.get()).smsSignInState, "ready");
    await method.disableSmsSignIn.post();
    assert.equal((await method.get()).smsSignInState, "notEnabled");
  },
  "SDK: a phone method is added, changed and deleted": async () => {
    const graph = sdk();
    assert.equal((await phones(graph, CARL).post({ phoneNumber: "+1 2065550150", phoneType: "mobile" })).id, MOBILE);
    await mobile(graph, CARL).patch({ phoneNumber: "+1 2065550151", phoneType: "mobile" });
    assert.equal((await mobile(graph, CARL).get()).phoneNumber, "+1 2065550151");
    await mobile(graph, CARL).delete();
    assert.deepEqual((await phones(graph, CARL).get()).value, []);
  },
  "SDK: phone methods are counted": async () => {
    assert.equal(await phones(sdk(), BOB).count.get({ headers: { ConsistencyLevel: "eventual" } }), 2);
  },
  "SDK: users are read page by page": async () => {
    const graph = sdk();
    let page = await graph.users.get({ queryParameters: { top: 100, select: ["id", "userPrincipalName"] } });
    const found = [...page.value];
    while (page.odataNextLink) {
      page = await graph.users.withUrl(page.odataNextLink).get();
      found.push(...page.value);
    }
    assert.equal(new Set(found.map((one) => one.id)).size, 262);
  },
  "SDK: a number in use is refused": () =>
    assert.rejects(mobile(sdk(), TWIN).enableSmsSignIn.post(), (error) => {
      const details = error.errorEscaped ?? error.error;
      assert.deepEqual([error.responseStatusCode, details?.code], [409, "phoneNumberNotUnique"]);
      assert.ok(details.innerError?.requestId);
      return true;
    }),
  "SDK: names with special characters are found": async () => {
    for (const name of ODD_NAMES) {
      assert.equal((await phones(sdk(), `${name}@contoso.example`).get()).value.length, 1, name);
    }
  },
};

const versions = ["@azure/identity", "@azure/msal-node", "@microsoft/msgraph-sdk"].map((name) => {
  const { version } = JSON.parse(readFileSync(new URL(`node_modules/${name}/package.json`, import.meta.url), "utf8"));
  return `${name} ${version}`;
});
console.log([...versions, `node ${process.versions.node}`].join(", "));
for (const [name, check] of Object.entries(CHECKS)) {
  await control("POST", "/reset");
  try {
    await check();
    console.log(`passed ${name}`);
  } catch (error) {
    process.exitCode = 1;
    const text = error?.message || error?.errorEscaped?.message || error?.error?.message || error;
    console.log(`FAILED ${name}: ${String(text).split("\n").join(" ")}`);
    console.error(error);
  }
}
// Clients keep timers.
process.exit();
