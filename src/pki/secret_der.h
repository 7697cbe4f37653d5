// DER that holds a secret: written into memory that never moves, wiped, and handed over as SecretBytes.
#pragma once

#include "asn1/der_writer.h"
#include "base/assert.h"

#include <bulla/secret.h>

namespace bulla::pki {

/// What `body` writes, at most `room` bytes.
template <std::invocable<asn1::DerWriter&> F>
SecretBytes secret_der(size_t room, F&& body) {
  std::vector<uint8_t> bytes;
  // DerWriter makes room for long lengths by moving what it wrote, within the reserved memory.
  bytes.reserve(room);
  const uint8_t* const at = bytes.data();
  asn1::DerWriter writer(bytes);
  body(writer);
  BULLA_ASSERT(bytes.data() == at, "a secret has outgrown its memory and left a copy behind");
  SecretBytes out{Bytes(bytes)};
  wipe(bytes);
  return out;
}

}  // namespace bulla::pki
