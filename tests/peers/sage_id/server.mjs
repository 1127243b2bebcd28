// Sage ID at its strictest: somebody else's certified OAuth server on a loopback port, alive as long as its stdin is.
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { createServer } from "node:http";
import Provider from "oidc-provider";

const { CLIENT_ID, CLIENT_SECRET, REDIRECT_URI, ACCESS_TOKEN_SECONDS = "2", PORT = "0" } = process.env;
const PERSON = "auth0|priya";
const SCOPE = "openid profile email offline_access";
const HOUR = 3600;

const counts = { token_posts: 0, exchanges: 0, refreshes: 0, refusals: 0, reuses: 0, consumed: 0, grants_revoked: 0 };

function strict(issuer) {
  const key = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ format: "jwk" });
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: CLIENT_ID,
        client_secret: CLIENT_SECRET,
        redirect_uris: [REDIRECT_URI],
        response_types: ["code"],
        grant_types: ["authorization_code", "refresh_token"],
        token_endpoint_auth_method: "client_secret_post",
        id_token_signed_response_alg: "ES256",
      },
    ],
    clientAuthMethods: ["client_secret_post"],
    responseTypes: ["code"],
    pkce: { required: () => true },
    rotateRefreshToken: true,
    // Sage's documented link asks for no `prompt=consent`, without which this library drops offline_access. OIDC Core
    // §11 leaves the choice to the server; as Sage ID does, this one gives a refresh token that outlives the session.
    issueRefreshToken: (_, client) => client.grantTypeAllowed("refresh_token"),
    expiresWithSession: () => false,
    extraParams: ["audience"],
    claims: { openid: ["sub"], profile: ["name"], email: ["email"] },
    scopes: SCOPE.split(" "),
    findAccount: (_, sub) => ({
      accountId: sub,
      claims: () => ({ sub, name: "Priya Shah", email: "priya@example.com" }),
    }),
    features: { devInteractions: { enabled: false }, revocation: { enabled: true }, userinfo: { enabled: true } },
    interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
    routes: { authorization: "/authorize", token: "/oauth/token", revocation: "/oauth/revoke", userinfo: "/userinfo" },
    ttl: {
      AccessToken: Number(ACCESS_TOKEN_SECONDS),
      AuthorizationCode: 60,
      RefreshToken: HOUR,
      Grant: HOUR,
      IdToken: HOUR,
      Interaction: HOUR,
      Session: HOUR,
    },
    cookies: { keys: [randomBytes(32).toString("hex")] },
    jwks: { keys: [{ ...key, use: "sig", alg: "ES256", kid: "strict" }] },
  });
  // It gives a refresh token, so it says what Sage ID says of one: that lasting access was granted.
  provider.use(async (context, next) => {
    await next();
    if (context.path.endsWith("/token") && context.body?.refresh_token) context.body.scope = SCOPE;
  });
  provider.on("grant.success", ({ oidc }) => {
    counts[oidc.params.grant_type === "refresh_token" ? "refreshes" : "exchanges"] += 1;
  });
  provider.on("grant.error", ({ oidc }) => {
    counts.refusals += 1;
    if (oidc?.entities.RefreshToken?.consumed) counts.reuses += 1;
  });
  provider.on("refresh_token.consumed", () => (counts.consumed += 1));
  provider.on("grant.revoked", () => (counts.grants_revoked += 1));
  provider.on("server_error", (_, error) => console.error(error));
  return provider;
}

// Whoever asks is Priya, and she agrees to everything.
async function signIn(provider, request, response) {
  const { params } = await provider.interactionDetails(request, response);
  const grant = new provider.Grant({ accountId: PERSON, clientId: params.client_id });
  grant.addOIDCScope(SCOPE);
  const result = { login: { accountId: PERSON }, consent: { grantId: await grant.save() } };
  await provider.interactionFinished(request, response, result);
}

const server = createServer();

server.listen(Number(PORT), "127.0.0.1", () => {
  const { port } = server.address();
  const provider = strict(`http://127.0.0.1:${port}`);
  const answer = provider.callback();
  let turn = Promise.resolve();
  server.on("request", (request, response) => {
    const fault = (error) => {
      console.error(error);
      response.writeHead(500).end();
    };
    const { pathname } = new URL(request.url, "http://127.0.0.1");
    if (pathname === "/_counts") {
      response.writeHead(200, { "Content-Type": "application/json" }).end(JSON.stringify(counts));
    } else if (pathname.startsWith("/interaction/")) {
      signIn(provider, request, response).catch(fault);
    } else if (request.method === "POST") {
      if (pathname === "/oauth/token") counts.token_posts += 1;
      // One after another, so that of two uses of one refresh token the second is always seen to be the second.
      turn = turn.then(() => answer(request, response)).catch(fault);
    } else {
      answer(request, response);
    }
  });
  console.log(`listening on ${port}`);
});

process.stdin.on("end", () => process.exit()).resume();
process.on("SIGTERM", () => process.exit());
