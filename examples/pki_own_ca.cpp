// link: bulla::pki
// A CA of one's own: a server makes key and request, the CA signs, the server serves with the chain.
#include <bulla/pki.h>

#include <cstdio>

namespace pki = bulla::pki;

int main() {
  // The CA, once.
  const auto root = pki::NewCa{.name = "Example root CA"}.issue();
  if (!root) return std::puts(root.error().explain().c_str()), 1;
  const auto ca = pki::CertificateAuthority::create(root->chain, root->key.signer());
  if (!ca) return std::puts(ca.error().explain().c_str()), 1;

  // The server: its key stays with it, and is written encrypted.
  const auto made = pki::NewRequest{.names = {"www.example.com", "192.0.2.7"}}.create();
  if (!made) return std::puts(made.error().explain().c_str()), 1;
  const auto key_pem = made->key.to_encrypted_pem({.passphrase = "correct horse battery staple"});
  if (!key_pem) return std::puts(key_pem.error().explain().c_str()), 1;

  // The CA again: what the request asks for, checked.
  const auto request = pki::CertificationRequest::from_pem_or_der(bulla::as_bytes(made->pem()));
  if (!request) return std::puts(request.error().explain().c_str()), 1;
  const auto chain = ca->sign(*request, 90);
  if (!chain) return std::puts(chain.error().explain().c_str()), 1;

  // The server: chain and key belong together, ready for make_server_config.
  const auto identity = bulla::Identity::from_bytes(
      bulla::as_bytes(pki::to_pem(*chain)), bulla::as_bytes(*key_pem), "correct horse battery staple");
  if (!identity) return std::puts(identity.error().explain().c_str()), 1;
  std::printf("%s", pki::describe((*identity)->leaf(), (*identity)->leaf().not_before()).c_str());
  return 0;
}
