// ECDHE in TLS 1.2, RFC 8422: what both sides must see alike, and the levels that their messages are sent
// under.
#pragma once

#include "tls/groups.h"
#include "tls/tls12/key_schedule.h"

#include <vector>

namespace bulla::tls::tls12 {

/// RFC 8422 §5.4: what a ServerKeyExchange signs. `params` is the encoded ServerECDHParams.
inline std::vector<uint8_t> signed_params(const Randoms& randoms, Bytes params) {
  std::vector<uint8_t> message = to_vector(randoms.client);
  message.insert(message.end(), randoms.server.begin(), randoms.server.end());
  message.insert(message.end(), params.begin(), params.end());
  return message;
}

/// RFC 5246 §7.4.4, RFC 8422 §5.5: what a CertificateRequest lists. ecdsa_sign covers EdDSA as well.
enum class ClientCertificateType : uint8_t { rsa_sign = 1, ecdsa_sign = 64 };

/// The point format that all sides know and the only one there is (RFC 8422 §5.1.2).
inline constexpr uint8_t uncompressed_point = 0;

/// TLS 1.2 has two levels: everything before change_cipher_spec, and everything after it.
inline constexpr EncryptionLevel cleartext = EncryptionLevel::initial;
inline constexpr EncryptionLevel ciphertext = EncryptionLevel::application;

inline Randoms randoms_of(const Context& ctx) noexcept {
  return {ctx.client_random, ctx.server_random};
}

}  // namespace bulla::tls::tls12
