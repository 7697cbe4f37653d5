// The keys of one direction, from the key schedules to record protection. Reading and writing keys are types
// of their own, so that one cannot be installed for the other.
#pragma once

#include "tls/suites.h"

#include <bulla/secret.h>

#include <array>

namespace bulla::tls {

struct DirectionKeys {
  ProtocolVersion version = ProtocolVersion::tls13;
  const Suite* suite = nullptr;
  /// TLS 1.3: the traffic secret, from which key and iv follow (RFC 9846 §7.3). TLS 1.2: the AEAD key itself.
  InlineSecret<struct DirectionRole, 48> secret = {};
  /// TLS 1.2 only: the implicit part of the nonce (4 bytes for GCM, RFC 5288 §3; 12 for ChaCha20, RFC 7905
  /// §2).
  std::array<uint8_t, aead_nonce_size> iv = {};
};
struct ReadKeys : DirectionKeys {};
struct WriteKeys : DirectionKeys {};

}  // namespace bulla::tls
