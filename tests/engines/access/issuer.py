"""A real OpenID provider on this machine's loopback: discovery, keys, code flow with PKCE. What it lies about is chosen."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
import time
import urllib.parse
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT, SUBJECT = "atrium-desk", "subject-42"


def new_key() -> rsa.RSAPrivateKey:
    """A signing key."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


KEY, STRANGER = new_key(), new_key()


class Issuer:
    """Serves until closed. `claims` replace those of the token, `key` signs it; `codes` are its open requests."""

    def __init__(self) -> None:
        self.claims: dict[str, Any] = {}
        self.key = KEY
        self.codes: dict[str, dict[str, str]] = {}
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.issuer = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def close(self) -> None:
        """Be gone, as a provider is when the network is."""
        self.server.shutdown()
        self.server.server_close()

    def browse(self, address: str) -> None:
        """What a person's browser does: go to the provider, sign in there, come back with a code."""
        threading.Thread(target=_follow, args=(address,), daemon=True).start()

    def token(self, nonce: str, **claims: Any) -> str:
        """An ID token."""
        at = int(time.time())
        whole = {"iss": self.issuer, "aud": CLIENT, "sub": SUBJECT, "iat": at, "exp": at + 300, "nonce": nonce}
        whole |= {**self.claims, **claims}
        return jwt.encode(
            {k: v for k, v in whole.items() if v is not None}, self.key, algorithm="RS256", headers={"kid": "k1"}
        )


def _follow(address: str) -> None:
    with urllib.request.urlopen(address, timeout=5) as answer:
        answer.read()


def _handler(issuer: Issuer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urllib.parse.urlsplit(self.path)
            asked = dict(urllib.parse.parse_qsl(parts.query))
            if parts.path == "/.well-known/openid-configuration":
                self._say({
                    "issuer": issuer.issuer, "authorization_endpoint": issuer.issuer + "/authorize",
                    "token_endpoint": issuer.issuer + "/token", "jwks_uri": issuer.issuer + "/keys",
                })  # fmt: skip
            elif parts.path == "/keys":
                key = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(KEY.public_key()))
                self._say({"keys": [{**key, "kid": "k1", "use": "sig"}]})
            else:
                issuer.codes["code-1"] = asked
                back = urllib.parse.urlencode({"code": "code-1", "state": asked["state"]})
                self.send_response(302)
                self.send_header("Location", f"{asked['redirect_uri']}?{back}")
                self.end_headers()

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            form = dict(urllib.parse.parse_qsl(body))
            asked = issuer.codes.pop(form["code"], {})
            proof = base64.urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest()).rstrip(b"=")
            if proof.decode() != asked.get("code_challenge") or form["redirect_uri"] != asked["redirect_uri"]:
                self.send_error(400)
                return
            self._say({"id_token": issuer.token(asked["nonce"]), "token_type": "Bearer", "access_token": "x"})

        def log_message(self, *_: object) -> None:
            """Quiet."""

        def _say(self, document: dict[str, Any]) -> None:
            text = json.dumps(document).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

    return Handler
