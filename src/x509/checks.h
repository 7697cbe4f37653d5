// The checks that RFC 5280 §6.1 makes on single certificates of a path: each says whether it holds, and puts
// into words why it does or does not. A search asks the first in hundreds of places, over names that the peer
// made as long as it liked; the words are for the few paths that a person is told of.
#pragma once

#include "x509/certificate.h"

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace bulla::x509 {

/// A path, leaf first.
using Path = std::span<const CertificatePtr>;
using Failure = std::optional<Error>;

/// What is asked of a chain, and the rules by which it is judged.
struct Question {
  const VerifyRequest& request;
  const WebPkiVerifier::Options& options;
};

/// Where a certificate stands in a path. A leaf that is trusted itself: its own names, dates and purposes
/// count, and that all of it is understood; who signed it and with what key does not.
enum class Position : uint8_t { leaf, trusted_leaf, intermediate, anchor };

/// RFC 5280 §6.1.3 (a) (2): both dates inclusive.
bool is_valid_at(const Certificate& certificate, Time now) noexcept;
/// RFC 5280 §4.2: no critical extension that is not processed.
bool is_understood(const Certificate& certificate) noexcept;
/// A key of a known kind, RSA of enough bits.
bool has_usable_key(const Certificate& certificate, unsigned min_rsa_bits) noexcept;
/// RFC 9881 §5: the first bit of its keyUsage that a key of its kind must not have, for a person; nullptr for
/// none.
const char* wrong_usage_of_key(const Certificate& certificate) noexcept;

/// One check of one certificate.
struct Check {
  std::string_view name;  ///< "validity"
  bool (*holds)(const Certificate& certificate, const Question& question);
  /// For one for which it does not hold: why, and what to do about it. Which one it is, is said elsewhere.
  Error (*failure)(const Certificate& certificate, const Question& question, Position position);
  /// For one for which it holds: by what, "ECDSA P-256". Empty where there is nothing to say.
  std::string (*evidence)(const Certificate& certificate, const Question& question);
};

/// The checks of a certificate in that position, what is cheap first. Signatures and what is asked of the
/// path as a whole (path_check.h) are not among them.
std::span<const Check> checks_for(Position position) noexcept;
/// Whether all of them hold.
bool passes(Position position, const Certificate& certificate, const Question& question);

}  // namespace bulla::x509
