"""A security key in software: answers WebAuthn's questions as a browser with a key would.

Source: WebAuthn Level 2, 5.8.1 (client data), 6.1 (authenticator data), 6.3 (the two operations).
"""

import hashlib
import secrets
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import (
    Aaguid,
    AttestationObject,
    AttestedCredentialData,
    AuthenticatorData,
    CollectedClientData,
)

Json = dict[str, Any]
_FLAG = AuthenticatorData.FLAG


@dataclass
class SecurityKey:
    """One key with one credential, bound to the host that it was made for."""

    host: str
    origin: str = ""
    credential_id: bytes = field(default_factory=lambda: secrets.token_bytes(16))
    private: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )
    n_uses: int = 0

    def register(self, options: Json) -> Json:
        """Return the answer to a question for a new credential."""
        client = self._client_data("webauthn.create", options["publicKey"]["challenge"])
        public = ES256.from_cryptography_key(self.private.public_key())
        made = AttestedCredentialData.create(Aaguid.NONE, self.credential_id, public)
        data = self._data(_FLAG.UP | _FLAG.UV | _FLAG.AT, made)
        attested = AttestationObject.create("none", data, {})
        return self._answer(
            {
                "clientDataJSON": websafe_encode(client),
                "attestationObject": websafe_encode(attested),
            }
        )

    def sign(self, options: Json) -> Json:
        """Return the answer to a question who is there."""
        client = self._client_data("webauthn.get", options["publicKey"]["challenge"])
        data = self._data(_FLAG.UP | _FLAG.UV)
        signature = self.private.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
        return self._answer(
            {
                "clientDataJSON": websafe_encode(client),
                "authenticatorData": websafe_encode(data),
                "signature": websafe_encode(signature),
            }
        )

    def _client_data(self, kind: str, challenge: Any) -> CollectedClientData:
        origin = self.origin or f"https://{self.host}"
        return CollectedClientData.create(kind, challenge, origin)

    def _data(self, flags: Any, credential: bytes = b"") -> AuthenticatorData:
        self.n_uses += 1
        host = hashlib.sha256(self.host.encode()).digest()
        return AuthenticatorData.create(host, flags, self.n_uses, credential)

    def _answer(self, response: Json) -> Json:
        name = websafe_encode(self.credential_id)
        return {
            "id": name,
            "rawId": name,
            "type": "public-key",
            "response": response,
            "clientExtensionResults": {},
        }
