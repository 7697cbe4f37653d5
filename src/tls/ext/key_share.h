// key_share, RFC 9846 §4.3.8.
#pragma once

#include "base/reader.h"
#include "base/writer.h"

#include <bulla/tls_types.h>

#include <vector>

namespace bulla::tls {

/// struct { NamedGroup group; opaque key_exchange<1..2^16-1>; } KeyShareEntry;
struct KeyShareEntry {
  NamedGroup group = {};
  Bytes key_exchange = {};
  static KeyShareEntry decode(Reader& r) noexcept;
  void encode(Writer& w) const;
};

/// KeyShareEntry client_shares<0..2^16-1>; at most 64 entries are looked at before the hello is refused.
std::vector<KeyShareEntry> decode_client_shares(Reader& r);
void encode_client_shares(Writer& w, std::span<const KeyShareEntry> shares);

}  // namespace bulla::tls
