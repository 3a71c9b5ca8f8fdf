// A real OpenID Connect provider on loopback, for tests: `node server.mjs CONFIG`, where CONFIG is JSON of
// {onedoor: its address, secret, accounts: {subject: claims}}. Prints its issuer when it listens. People sign in by their
// subject alone; consent is given for everything the client asks for.
import {createServer} from 'node:http';
import {once} from 'node:events';
import Provider from 'oidc-provider';

const {onedoor, secret, accounts} = JSON.parse(process.argv[2]);
const server = createServer();
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const issuer = `http://127.0.0.1:${server.address().port}`;

const provider = new Provider(issuer, {
  clients: [{
    client_id: 'onedoor',
    client_secret: secret,
    redirect_uris: [`${onedoor}/sign-in/oidc/callback`],
    post_logout_redirect_uris: [`${onedoor}/sign-in`],
  }],
  claims: {
    openid: ['sub'],
    email: ['email', 'email_verified'],
    profile: ['given_name', 'family_name', 'preferred_username', 'groups'],
  },
  cookies: {keys: [secret]},
  features: {
    devInteractions: {enabled: false},
    rpInitiatedLogout: {
      logoutSource: (ctx, form) => {
        ctx.type = 'html';
        ctx.body = page('Sign out?', `${form}<button form="op.logoutForm" name="logout" value="yes">Yes, sign out</button>`);
      },
      postLogoutSuccessSource: (ctx) => {
        ctx.type = 'html';
        ctx.body = page('Signed out', '');
      },
    },
  },
  findAccount: (ctx, id) => accounts[id] && {accountId: id, claims: () => ({sub: id, ...accounts[id]})},
  interactions: {url: (ctx, interaction) => `/interaction/${interaction.uid}`},
  loadExistingGrant: async (ctx) => {
    const grant = new ctx.oidc.provider.Grant({clientId: ctx.oidc.client.clientId, accountId: ctx.oidc.session.accountId});
    grant.addOIDCScope('openid email profile');
    await grant.save();
    return grant;
  },
  pkce: {required: () => true},
  renderError: (ctx, out) => {
    ctx.type = 'html';
    ctx.body = page('Error', `<p>${out.error}</p>`);
  },
  ttl: {AccessToken: 600, AuthorizationCode: 60, Grant: 600, IdToken: 600, Interaction: 600, Session: 600},
});

const page = (title, content) => `<!doctype html><html lang="en"><meta charset="utf-8"><title>${title}</title>`
  + `<link rel="icon" href="data:,"><h1>${title}</h1>${content}</html>`;
const callback = provider.callback();

server.on('request', async (request, response) => {
  const uid = /^\/interaction\/([\w-]+)$/.exec(request.url)?.[1];
  if (!uid) return callback(request, response);
  try {
    if (request.method === 'POST') {
      let body = '';
      for await (const piece of request) body += piece;
      const accountId = new URLSearchParams(body).get('subject');
      const result = accounts[accountId] ? {login: {accountId}} : {error: 'access_denied'};
      return await provider.interactionFinished(request, response, result, {mergeWithLastSubmission: false});
    }
    response.setHeader('Content-Type', 'text/html');
    return response.end(page('The company’s sign-in', '<form method="post"><label>Subject <input name="subject"></label> <button>Go in</button></form>'));
  } catch (error) {
    response.statusCode = 500;
    return response.end(String(error));
  }
});
console.log(issuer);
