#include "tls/schemes.h"

#include <algorithm>

namespace bulla::tls {
namespace {

using A = SignatureAlgorithm;

constexpr Scheme table[] = {
    {SignatureScheme::ecdsa_secp256r1_sha256, A::ecdsa_sha256, KeyType::ec_p256, true},
    {SignatureScheme::ed25519, A::ed25519, KeyType::ed25519, true},
    {SignatureScheme::ecdsa_secp384r1_sha384, A::ecdsa_sha384, KeyType::ec_p384, true},
    {SignatureScheme::ecdsa_secp521r1_sha512, A::ecdsa_sha512, KeyType::ec_p521, true},
    {SignatureScheme::rsa_pss_rsae_sha256, A::rsa_pss_sha256, KeyType::rsa, true},
    {SignatureScheme::rsa_pss_rsae_sha384, A::rsa_pss_sha384, KeyType::rsa, true},
    {SignatureScheme::rsa_pss_rsae_sha512, A::rsa_pss_sha512, KeyType::rsa, true},
    {SignatureScheme::rsa_pss_pss_sha256, A::rsa_pss_sha256, KeyType::rsa_pss, true},
    {SignatureScheme::rsa_pss_pss_sha384, A::rsa_pss_sha384, KeyType::rsa_pss, true},
    {SignatureScheme::rsa_pss_pss_sha512, A::rsa_pss_sha512, KeyType::rsa_pss, true},
    {SignatureScheme::rsa_pkcs1_sha256, A::rsa_pkcs1_sha256, KeyType::rsa, false},
    {SignatureScheme::rsa_pkcs1_sha384, A::rsa_pkcs1_sha384, KeyType::rsa, false},
    {SignatureScheme::rsa_pkcs1_sha512, A::rsa_pkcs1_sha512, KeyType::rsa, false},
};

bool is_ec(KeyType key) noexcept {
  return key == KeyType::ec_p256 || key == KeyType::ec_p384 || key == KeyType::ec_p521;
}

}  // namespace

std::span<const Scheme> all_schemes() noexcept {
  return table;
}

const Scheme* find_scheme(SignatureScheme id) noexcept {
  for (const Scheme& scheme : table)
    if (scheme.id == id) return &scheme;
  return nullptr;
}

bool fits(const Scheme& scheme, const PublicKeyView& key, ProtocolVersion version) noexcept {
  if (!allows(key, scheme.algorithm)) return false;
  if (version == ProtocolVersion::tls13) return scheme.in_tls13 && scheme.key == key.type;
  return scheme.key == key.type || (is_ec(scheme.key) && is_ec(key.type));
}

std::optional<SignatureScheme> choose_scheme(std::span<const SignatureScheme> ours,
                                             std::span<const SignatureScheme> peer_accepts,
                                             const PublicKeyView& key, ProtocolVersion version) noexcept {
  const auto usable = [&](SignatureScheme id) {
    const Scheme* scheme = find_scheme(id);
    return scheme && fits(*scheme, key, version) && std::ranges::find(peer_accepts, id) != peer_accepts.end();
  };
  for (const SignatureScheme id : ours)
    if (usable(id)) return id;
  if (!ours.empty()) return std::nullopt;
  // A curve's own hash first: an ECDSA key signs in TLS 1.2 with any hash, but its own is what peers expect.
  for (const Scheme& scheme : table)
    if (scheme.key == key.type && usable(scheme.id)) return scheme.id;
  for (const Scheme& scheme : table)
    if (usable(scheme.id)) return scheme.id;
  return std::nullopt;
}

}  // namespace bulla::tls
