// RFC 9846 §4.3: in which messages an extension may occur. Duplicate, unsolicited and misplaced extensions are
// refused by this table alone; no message decoder repeats the checks.
#pragma once

#include "base/reader.h"

#include <bulla/result.h>
#include <bulla/tls_types.h>

#include <vector>

namespace bulla::tls {

/// The messages that carry extensions, as the RFC's table abbreviates them. `sh12` is a TLS 1.2 ServerHello.
enum class Carrier : uint16_t { ch = 1, sh = 2, hrr = 4, ee = 8, cr = 16, ct = 32, nst = 64, sh12 = 128 };

/// One extension as it stands on the wire.
struct RawExtension {
  ExtensionType type;
  Bytes body;
};
using RawExtensions = std::vector<RawExtension>;

/// Whether the table knows the type at all, and whether it may occur in `carrier`. Unknown types may occur
/// anywhere a peer may send unknown extensions; whether they were asked for is checked by check_solicited.
bool is_known(ExtensionType type) noexcept;
bool may_occur(ExtensionType type, Carrier carrier) noexcept;

/// Reads `Extension extensions<0..2^16-1>` (length prefix included): decode_error, duplicate_extension or
/// misplaced_extension. The rest of the reader is left alone.
Result<RawExtensions> read_extensions(Reader& r, Carrier carrier);

/// RFC 9846 §4.3: a response may only carry what the request offered (`offered`), but for cookie in a
/// HelloRetryRequest: unsolicited_extension.
Result<void> check_solicited(const RawExtensions& response, std::span<const ExtensionType> offered, Carrier carrier);

}  // namespace bulla::tls
