// A peer's Certificate message into parsed certificates: the same for both versions and roles.
#pragma once

#include "tls/context.h"

namespace bulla::tls {

/// Parses the list; an entry that is no certificate: certificate_malformed, naming its place.
Result<Chain> parse_chain(std::span<const Bytes> list);

/// RFC 9846 §4.5.2, RFC 5246 §7.4.8: the scheme must be one that we offered, must fit the version and the
/// leaf's key, and the leaf's keyUsage must allow signatures.
Result<void> check_scheme(SignatureScheme scheme, const Certificate& leaf, ProtocolVersion version,
                          const Context& ctx);

}  // namespace bulla::tls
