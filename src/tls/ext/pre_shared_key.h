// pre_shared_key, RFC 9846 §4.3.11.
#pragma once

#include "base/reader.h"
#include "base/writer.h"

#include <vector>

namespace bulla::tls {

/// struct { opaque identity<1..2^16-1>; uint32 obfuscated_ticket_age; } PskIdentity;
struct PskIdentity {
  Bytes identity = {};
  uint32_t obfuscated_ticket_age = 0;
};

/// struct { PskIdentity identities<7..2^16-1>; PskBinderEntry binders<33..2^16-1>; } OfferedPsks;
struct OfferedPsks {
  std::vector<PskIdentity> identities = {};
  std::vector<Bytes> binders = {};
  /// Bytes that the binders list takes on the wire, its length prefix included: what the binder's transcript
  /// leaves out (§4.3.11.2).
  size_t binders_size = 0;
  static OfferedPsks decode(Reader& r);
  void encode(Writer& w) const;
};

}  // namespace bulla::tls
