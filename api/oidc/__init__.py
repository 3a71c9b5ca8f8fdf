"""Signing in at the company's identity provider (OpenID Connect): one provider, named by whoever runs the server.

The protocol is Authlib's: authorization code with PKCE, state and nonce, the claims of an ID token. Here is what it is
configured by, how we call out, and what we make of an answer.
"""
