"""A real provider of identities on this machine, reached by TLS, and what it was asked."""

import io
import ssl
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import httpx
import oidc_provider_mock
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from werkzeug.serving import make_server

Application = Callable[[dict[str, Any], Any], Iterable[bytes]]


@dataclass(frozen=True)
class Certificate:
    """A certificate for this machine's own names, and its key: both files."""

    certificate: Path
    key: Path

    def client(self, **options: Any) -> httpx.Client:
        """Return a client that trusts it."""
        trusted = ssl.create_default_context(cafile=str(self.certificate))
        return httpx.Client(verify=trusted, timeout=60, **options)


@dataclass
class Provider:
    """A running provider.

    Attributes:
        asked_to_authorize: the parameters of each request for a code.
        asked_for_tokens: those of each request for tokens.
    """

    address: str
    client: httpx.Client
    asked_to_authorize: list[dict[str, str]] = field(default_factory=list)
    asked_for_tokens: list[dict[str, str]] = field(default_factory=list)

    def add_user(self, subject: str, **claims: object) -> None:
        """Add somebody, or change what is vouched for."""
        self.client.put(f"{self.address}/users/{subject}", json=claims).raise_for_status()

    def register(self, redirect_uri: str) -> tuple[str, str]:
        """Register a client; return what it is called, and its secret."""
        body = {"redirect_uris": [redirect_uri], "token_endpoint_auth_method": "client_secret_post"}
        answer = self.client.post(f"{self.address}/oauth2/clients", json=body).raise_for_status()
        told = answer.json()
        return told["client_id"], told["client_secret"]

    def keep(self, app: Application) -> Application:
        """Return the application, with what it is asked kept."""

        def recorded(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
            path, query = environ["PATH_INFO"], environ.get("QUERY_STRING", "")
            if path == "/oauth2/authorize" and environ["REQUEST_METHOD"] == "GET":
                self.asked_to_authorize.append(_flat(query))
            if path == "/oauth2/token":
                body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
                environ["wsgi.input"] = io.BytesIO(body)
                self.asked_for_tokens.append(_flat(body.decode()))
            return app(environ, start_response)

        return recorded


def _flat(query: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(query).items()}


@contextmanager
def running_provider(made: Certificate) -> Iterator[Provider]:
    """Run a provider that knows only clients which have registered."""
    with made.client() as client:
        provider = Provider("", client)
        app = oidc_provider_mock.app(require_client_registration=True)
        tls = (str(made.certificate), str(made.key))
        server = make_server("localhost", 0, provider.keep(app), threaded=True, ssl_context=tls)
        provider.address = f"https://localhost:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield provider
        finally:
            server.shutdown()
            thread.join()
            server.server_close()


def make_certificate(folder: Path) -> Certificate:
    """Make a certificate that vouches for itself, valid for a day."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(tz=UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    names = [x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))]
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    made = Certificate(folder / "localhost.pem", folder / "localhost.key")
    made.certificate.write_bytes(built.public_bytes(serialization.Encoding.PEM))
    made.key.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return made
