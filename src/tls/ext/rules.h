// RFC 9846 §4.3: in which messages an extension may occur. Duplicate, unsolicited and misplaced extensions
// are refused by this table alone; no message decoder repeats the checks.
#pragma once

#include "base/reader.h"

#include <bulla/result.h>
#include <bulla/tls_types.h>

#include <optional>
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

/// The two halves of read_extensions, for a ServerHello, whose extensions say which carrier it is:
/// decode_error; then duplicate_extension or misplaced_extension.
Result<RawExtensions> split_extensions(Reader& r);
Result<void> check_placement(const RawExtensions& extensions, Carrier carrier);

/// The body of the one extension of that type, if it is there.
std::optional<Bytes> find_extension(const RawExtensions& extensions, ExtensionType type) noexcept;

/// RFC 9846 §4.3: decode_error, with the extension's name, if its body was not read exactly to its end.
Result<void> require_done(const Reader& body, ExtensionType type);

/// RFC 9846 §4.3: a response may only carry what the request offered (`offered`), but for cookie in a
/// HelloRetryRequest: unsolicited_extension. A client that sent TLS_EMPTY_RENEGOTIATION_INFO_SCSV counts as
/// one that offered renegotiation_info (RFC 5746 §3.4).
Result<void> check_solicited(const RawExtensions& response, std::span<const ExtensionType> offered,
                             Carrier carrier);

}  // namespace bulla::tls
