#include "tls/suites.h"

#include <optional>

namespace bulla::tls {
namespace {

using enum ProtocolVersion;
using enum AeadId;
using enum Authentication;

constexpr Suite table[] = {
    {CipherSuite::aes_128_gcm_sha256, tls13, HashId::sha256, aes_128_gcm, any},
    {CipherSuite::aes_256_gcm_sha384, tls13, HashId::sha384, aes_256_gcm, any},
    {CipherSuite::chacha20_poly1305_sha256, tls13, HashId::sha256, chacha20_poly1305, any},
    {CipherSuite::ecdhe_ecdsa_with_aes_128_gcm_sha256, tls12, HashId::sha256, aes_128_gcm, ecdsa},
    {CipherSuite::ecdhe_rsa_with_aes_128_gcm_sha256, tls12, HashId::sha256, aes_128_gcm, rsa},
    {CipherSuite::ecdhe_ecdsa_with_aes_256_gcm_sha384, tls12, HashId::sha384, aes_256_gcm, ecdsa},
    {CipherSuite::ecdhe_rsa_with_aes_256_gcm_sha384, tls12, HashId::sha384, aes_256_gcm, rsa},
    {CipherSuite::ecdhe_ecdsa_with_chacha20_poly1305_sha256, tls12, HashId::sha256, chacha20_poly1305, ecdsa},
    {CipherSuite::ecdhe_rsa_with_chacha20_poly1305_sha256, tls12, HashId::sha256, chacha20_poly1305, rsa},
};

}  // namespace

std::span<const Suite> all_suites() noexcept {
  return table;
}

const Suite* find_suite(CipherSuite id) noexcept {
  for (const Suite& suite : table)
    if (suite.id == id) return &suite;
  return nullptr;
}

bool supports(const Provider& provider, const Suite& suite) noexcept {
  return provider.hash(suite.hash) && provider.aead(suite.aead);
}

namespace {

/// The kind of suite in which a key signs TLS 1.2; nothing where it does not sign in that version
/// (draft-ietf-tls-mldsa §3.3).
std::optional<Authentication> authentication_by(KeyType key) noexcept {
  switch (key) {
    case KeyType::rsa:
    case KeyType::rsa_pss: return rsa;
    case KeyType::ec_p256:
    case KeyType::ec_p384:
    case KeyType::ec_p521:
    case KeyType::ed25519: return ecdsa;
    case KeyType::ml_dsa_44:
    case KeyType::ml_dsa_65:
    case KeyType::ml_dsa_87: break;
  }
  return {};
}

}  // namespace

bool fits(const Suite& suite, KeyType key) noexcept {
  return suite.authentication == any || suite.authentication == authentication_by(key);
}

}  // namespace bulla::tls
