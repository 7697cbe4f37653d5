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

/// What info() tells of the peer's chain: the path that was found, or why it was accepted without one.
void tell_chain(const ChainVerified& chain, Context& ctx);
/// The same, and with which scheme the peer showed that it holds the leaf's key.
void tell_proofs(const ChainVerified& chain, const SignatureVerified& signature, Context& ctx);

}  // namespace bulla::tls
