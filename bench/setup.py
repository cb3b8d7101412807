# SPDX-License-Identifier: MIT
"""What all sites of one bench share: an issuer, tokens, the built programs, a directory for it all."""
import json
import os
import shutil
import subprocess
import time

import jwt
from cryptography.hazmat.primitives import serialization

import sites

ISSUER = "https://dev-tenant.eu.auth0.example/"
AUDIENCE = "https://api.example.test/"


class Setup:
    """Made once; remove() takes it all away but the npm packages, which stay in the build directory."""

    def __init__(self, build_directory, root):
        self.build_directory, self.root, self.made = os.path.abspath(build_directory), root, 0
        os.chmod(root, 0o755)
        issuer = os.path.join(root, "issuer")
        subprocess.run([self.build("bearer-issuer"), "init", issuer, "--issuer", ISSUER], check=True, stdout=subprocess.DEVNULL)
        self.jwks = os.path.join(root, "jwks.json")
        shutil.copy(os.path.join(issuer, "www/.well-known/jwks.json"), self.jwks)
        self.kid = json.load(open(self.jwks, encoding="utf-8"))["keys"][0]["kid"]
        with open(os.path.join(issuer, "private", self.kid + ".pem"), "rb") as file:
            self.key = serialization.load_pem_private_key(file.read(), None)
        self.public_key = os.path.join(root, "public.pem")
        with open(self.public_key, "wb") as file:
            file.write(self.key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo))
        self.subject = '"sub":"auth0|'
        self.token = self.mint(0)
        self.keys_server = None

    def build(self, program):
        """A built program."""
        return os.path.join(self.build_directory, program)

    def directory(self, name):
        """One in the build directory, kept."""
        path = os.path.join(self.build_directory, "bench-" + name)
        os.makedirs(path, exist_ok=True)
        return path

    def fresh(self):
        """A name for a new directory."""
        self.made += 1
        return os.path.join(self.root, f"site-{self.made}")

    def mint(self, number, padding=0):
        """A token like Auth0's (740 octets and `padding`; -1: as short as can be), for another user with each number."""
        now = int(time.time())
        claims = {"iss": ISSUER, "sub": f"auth0|5f7c8ec7c33c6c004bbafe{number:06d}", "aud": [AUDIENCE, ISSUER + "userinfo"], "iat": now - 10,
                  "exp": now + 86400, "azp": "my_client_id_of_32_characters_xx", "scope": "openid profile read:messages"}
        if padding < 0:
            claims = {"iss": ISSUER, "sub": "auth0|0", "aud": AUDIENCE, "exp": now + 86400}
        elif padding:
            claims["padding"] = "x" * (padding * 3 // 4)
        return jwt.encode(claims, self.key, algorithm="RS256", headers={"kid": self.kid})

    def tokens(self, count):
        """A file with that many distinct ones."""
        path = os.path.join(self.root, f"tokens-{count}")
        if not os.path.exists(path):
            with open(path, "w", encoding="ascii") as file:
                for number in range(count):
                    file.write(self.mint(number + 1) + "\n")
        return path

    def write_settings(self, path, cache, **more):
        """A bearer.env."""
        settings = {"AUTH0_ISSUER": ISSUER, "AUTH0_API_AUDIENCE": AUDIENCE, "BEARER_JWKS_URI": "file://" + self.jwks, "BEARER_CACHE_DIR": cache,
                    **more}
        with open(path, "w", encoding="utf-8") as file:
            file.writelines(f"{name}={value}\n" for name, value in settings.items())

    def answer_of(self, path, token=None):
        """What bearer.fcgi answers, whole, as the bare program is to repeat it; asked as plain CGI."""
        home = self.fresh()
        os.makedirs(home)
        self.write_settings(os.path.join(home, "bearer.env"), home)
        environment = {"GATEWAY_INTERFACE": "CGI/1.1", "REQUEST_METHOD": "GET", "PATH_INFO": path, "BEARER_CONFIG": os.path.join(home, "bearer.env")}
        if token:
            environment["HTTP_AUTHORIZATION"] = "Bearer " + token
        answer = subprocess.run([self.build("bearer.fcgi")], env=environment, check=True, capture_output=True, stdin=subprocess.DEVNULL).stdout
        if not answer.startswith(b"Status: 200 "):
            raise RuntimeError(f"{path}: {answer!r}")
        return answer

    def installation(self, name, program="bearer.fcgi", path="/private", workers=4):
        """A site with bearer.fcgi, or with the bare program that answers what bearer.fcgi would."""
        site = sites.Installation(name, self.fresh(), self, self.build("bench/bare" if program == "bare" else "bearer.fcgi"), workers)
        if program == "bare":
            with open(site.path("libexec/answer"), "wb") as file:
                file.write(self.answer_of(path, self.token if path != "/public" else None))
        return site

    def peer_environment(self):
        """For programs that fetch keys themselves, or want them as a file."""
        if self.keys_server is None:
            self.keys_server = sites.Site("keys", self.fresh(), None)
            shutil.copy(self.jwks, self.keys_server.directory)
            self.keys_server.serve(["/usr/bin/python3", "-m", "http.server", str(self.keys_server.port), "--bind", "127.0.0.1", "--directory",
                                    self.keys_server.directory])
        return {"JWKS_URI": self.keys_server.url + "/jwks.json", "ISSUER": ISSUER, "AUDIENCE": AUDIENCE, "PUBLIC_KEY": self.public_key}

    def stop(self):
        """Ends what it started."""
        if self.keys_server:
            self.keys_server.stop()
