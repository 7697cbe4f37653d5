// What the groups for key agreement are good for (RFC 9846 §4.3.7, RFC 8422 §5.1.1,
// draft-ietf-tls-ecdhe-mlkem).
#pragma once

#include <bulla/tls_types.h>

namespace bulla::tls {

/// In the order in which they are preferred: the hybrid keeps what is recorded today from tomorrow's quantum
/// computers.
inline constexpr NamedGroup default_groups[] = {NamedGroup::x25519mlkem768, NamedGroup::x25519,
                                                NamedGroup::secp256r1, NamedGroup::secp384r1};

/// A curve alone, which TLS 1.2 can use as well: the hybrids with ML-KEM are defined for 1.3 only.
constexpr bool is_ecdhe(NamedGroup group) noexcept {
  using enum NamedGroup;
  return group == secp256r1 || group == secp384r1 || group == secp521r1 || group == x25519;
}

}  // namespace bulla::tls
