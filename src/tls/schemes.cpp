#include "tls/schemes.h"

#include <algorithm>

namespace bulla::tls {
namespace {

using A = SignatureAlgorithm;
using enum ProtocolVersion;

constexpr Scheme table[] = {
    {SignatureScheme::ecdsa_secp256r1_sha256, A::ecdsa_sha256, KeyType::ec_p256, tls12, tls13},
    {SignatureScheme::ed25519, A::ed25519, KeyType::ed25519, tls12, tls13},
    {SignatureScheme::ecdsa_secp384r1_sha384, A::ecdsa_sha384, KeyType::ec_p384, tls12, tls13},
    {SignatureScheme::ecdsa_secp521r1_sha512, A::ecdsa_sha512, KeyType::ec_p521, tls12, tls13},
    {SignatureScheme::rsa_pss_rsae_sha256, A::rsa_pss_sha256, KeyType::rsa, tls12, tls13},
    {SignatureScheme::rsa_pss_rsae_sha384, A::rsa_pss_sha384, KeyType::rsa, tls12, tls13},
    {SignatureScheme::rsa_pss_rsae_sha512, A::rsa_pss_sha512, KeyType::rsa, tls12, tls13},
    {SignatureScheme::rsa_pss_pss_sha256, A::rsa_pss_sha256, KeyType::rsa_pss, tls12, tls13},
    {SignatureScheme::rsa_pss_pss_sha384, A::rsa_pss_sha384, KeyType::rsa_pss, tls12, tls13},
    {SignatureScheme::rsa_pss_pss_sha512, A::rsa_pss_sha512, KeyType::rsa_pss, tls12, tls13},
    // After those that every peer of today has: nothing is gained where a peer could sign with either, since
    // who can forge the others need not ask, and a chain costs some 10 KB more.
    {SignatureScheme::mldsa65, A::ml_dsa_65, KeyType::ml_dsa_65, tls13, tls13},
    {SignatureScheme::mldsa87, A::ml_dsa_87, KeyType::ml_dsa_87, tls13, tls13},
    {SignatureScheme::mldsa44, A::ml_dsa_44, KeyType::ml_dsa_44, tls13, tls13},
    {SignatureScheme::rsa_pkcs1_sha256, A::rsa_pkcs1_sha256, KeyType::rsa, tls12, tls12},
    {SignatureScheme::rsa_pkcs1_sha384, A::rsa_pkcs1_sha384, KeyType::rsa, tls12, tls12},
    {SignatureScheme::rsa_pkcs1_sha512, A::rsa_pkcs1_sha512, KeyType::rsa, tls12, tls12},
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

std::vector<SignatureScheme> schemes_up_to(ProtocolVersion version, std::span<const SignatureScheme> list) {
  std::vector<SignatureScheme> out;
  std::ranges::copy_if(list, std::back_inserter(out), [&](SignatureScheme id) {
    const Scheme* scheme = find_scheme(id);
    return !scheme || scheme->lowest <= version;
  });
  return out;
}

bool fits(const Scheme& scheme, const PublicKeyView& key, ProtocolVersion version) noexcept {
  if (!allows(key, scheme.algorithm) || version < scheme.lowest || version > scheme.highest) return false;
  if (version == tls13) return scheme.key == key.type;
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
