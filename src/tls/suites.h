// The cipher suites (RFC 9846 §B.4, RFC 5289, RFC 7905): one table; hash and AEAD come from the provider.
#pragma once

#include <bulla/provider.h>

#include <span>

namespace bulla::tls {

/// The kind of certificate key that a TLS 1.2 suite asks for; TLS 1.3 suites leave it open.
enum class Authentication : uint8_t { any, ecdsa, rsa };

struct Suite {
  CipherSuite id;
  ProtocolVersion version;
  HashId hash;
  AeadId aead;
  Authentication authentication;
};

/// All suites, in our order of preference.
std::span<const Suite> all_suites() noexcept;
/// The suite, or nullptr if it is not one of ours.
const Suite* find_suite(CipherSuite id) noexcept;
/// Whether `provider` has the suite's hash and AEAD.
bool supports(const Provider& provider, const Suite& suite) noexcept;
/// Whether a key of this type can authenticate a handshake under the suite. Ed25519 counts as ecdsa (RFC 8422
/// §5.10); ML-DSA keys fit those of TLS 1.3 only.
bool fits(const Suite& suite, KeyType key) noexcept;

}  // namespace bulla::tls
