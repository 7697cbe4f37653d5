// Signature schemes (RFC 9846 §4.3.3): what a wire value asks of key and algorithm.
#pragma once

#include <bulla/provider.h>

#include <optional>
#include <span>
#include <vector>

namespace bulla::tls {

struct Scheme {
  SignatureScheme id;
  SignatureAlgorithm algorithm;
  KeyType key;  ///< TLS 1.3: the only key type it fits
  /// In which versions handshakes are signed with it: not PKCS#1 v1.5 in 1.3 (§4.3.3), and not ML-DSA in 1.2
  /// (draft-ietf-tls-mldsa §3.3).
  ProtocolVersion lowest, highest;
};

/// All schemes that handshakes can use, in our order of preference.
std::span<const Scheme> all_schemes() noexcept;
const Scheme* find_scheme(SignatureScheme id) noexcept;
/// `list` without those that came after `version`; what is not known stays.
std::vector<SignatureScheme> schemes_up_to(ProtocolVersion version, std::span<const SignatureScheme> list);
/// Whether a key may sign with the scheme under `version`: its type, and for an RSA-PSS key that is bound to
/// parameters, those (RFC 9846 §4.3.3). In TLS 1.2 an ECDSA scheme names the hash only
/// (RFC 8422 §5.1.1 as amended by RFC 9846 §4.3.3: the curve is not bound).
bool fits(const Scheme& scheme, const PublicKeyView& key, ProtocolVersion version) noexcept;
/// The first of `peer_accepts` order-independent: our most preferred scheme that fits key and version and
/// that the peer accepts; `ours` restricts and orders what we sign with, empty for all.
std::optional<SignatureScheme> choose_scheme(std::span<const SignatureScheme> ours,
                                             std::span<const SignatureScheme> peer_accepts,
                                             const PublicKeyView& key, ProtocolVersion version) noexcept;

}  // namespace bulla::tls
