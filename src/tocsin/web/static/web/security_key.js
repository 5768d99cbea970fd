// Asks the browser for a security key (WebAuthn) and puts its answer into a field of the form.
"use strict";

const toBytes = (text) =>
  Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (each) => each.charCodeAt(0));

const toText = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

const withBytes = (list) => (list || []).map((each) => ({ ...each, id: toBytes(each.id) }));

async function askKey(act, options) {
  const asked = { ...options, challenge: toBytes(options.challenge) };
  if (act === "create") {
    asked.user = { ...options.user, id: toBytes(options.user.id) };
    asked.excludeCredentials = withBytes(options.excludeCredentials);
    return navigator.credentials.create({ publicKey: asked });
  }
  asked.allowCredentials = withBytes(options.allowCredentials);
  return navigator.credentials.get({ publicKey: asked });
}

function asJson(credential) {
  const response = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature"]) {
    if (credential.response[name]) response[name] = toText(credential.response[name]);
  }
  return JSON.stringify({
    id: credential.id,
    rawId: toText(credential.rawId),
    type: credential.type,
    response,
    clientExtensionResults: credential.getClientExtensionResults(),
  });
}

for (const place of document.querySelectorAll("[data-key-options]")) {
  const { keyOptions, keyField, keyAct } = place.dataset;
  const button = place.querySelector("button");
  const status = place.querySelector("[role=status]");
  if (!window.PublicKeyCredential) {
    status.textContent = "This browser knows no security keys.";
    continue;
  }
  button.hidden = false;
  button.addEventListener("click", async () => {
    status.textContent = "Touch your security key now.";
    try {
      const credential = await askKey(keyAct, JSON.parse(keyOptions).publicKey);
      button.form.elements[keyField].value = asJson(credential);
      button.form.requestSubmit();
    } catch {
      status.textContent = "The key did not answer. Nothing was changed. Try again.";
    }
  });
}
