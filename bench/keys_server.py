# SPDX-License-Identifier: MIT
"""An issuer's HTTPS server with a certificate of its own: what it answers, how late, and how often it was asked."""
import datetime
import http.server
import ipaddress
import json
import os
import ssl
import threading
import time

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


def _certificate(directory):
    """A self-signed one for 127.0.0.1; the path of the certificate, which is its own authority, and of the key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "bench")])
    now = datetime.datetime.utcnow()
    certificate = (x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
                   .serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(days=1))
                   .not_valid_after(now + datetime.timedelta(days=1))
                   .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
                   .add_extension(x509.BasicConstraints(True, None), True).sign(key, hashes.SHA256()))
    paths = os.path.join(directory, "ca.pem"), os.path.join(directory, "ca.key")
    with open(paths[0], "wb") as file:
        file.write(certificate.public_bytes(serialization.Encoding.PEM))
    with open(paths[1], "wb") as file:
        file.write(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    os.chmod(paths[0], 0o644)
    return paths


class KeysServer:
    """`keys` is the list of JWKs it serves, `delay` how long it takes, in seconds; `asked` counts."""

    def __init__(self, directory, keys):
        os.makedirs(directory)
        os.chmod(directory, 0o755)
        self.keys, self.delay, self.asked = keys, 0.0, 0
        self.ca, key = _certificate(directory)
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            """One request."""

            def do_GET(self):
                """The document, as it is now."""
                outer.asked += 1
                time.sleep(outer.delay)
                body = json.dumps({"keys": outer.keys}).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                """Quiet."""

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.handle_error = lambda *_: None  # who gives up waiting, as it is to, has cut the connection
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.ca, key)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.uri = f"https://127.0.0.1:{self.server.server_address[1]}/jwks.json"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        """No answers any more."""
        self.server.shutdown()
        self.server.server_close()
