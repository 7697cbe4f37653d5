// Whether one certificate signed another (RFC 5280 §6.1.3 (a) (1)): the only dear question of a search, so it
// is asked once for each pair and has a budget.
#pragma once

#include "x509/issuers.h"

#include <map>
#include <utility>

namespace bulla::x509 {

/// How the signature of a child came out.
enum class SignatureState : uint8_t {
  good,
  bad,           ///< the issuer's key did not make it
  other_key,     ///< nor can it: its kind does not fit, or key identifiers name another key
  weak,          ///< SHA-1 or MD5
  unsupported,   ///< an algorithm that nobody here verifies
  unusable_key,  ///< the issuer's key is of a kind that nobody here verifies with
  unpaid,        ///< the budget is spent: not looked at
};

class Signatures {
 public:
  Signatures(const Provider& provider, unsigned budget) noexcept : provider_(provider), budget_(budget) {}

  SignatureState state(const Certificate& child, const Certificate& issuer);
  /// What they cost so far; other signatures of the search are added to it.
  unsigned& spent() noexcept { return spent_; }
  /// How many were verified.
  size_t count() const noexcept { return verified_.size(); }

 private:
  const Provider& provider_;
  unsigned budget_;  ///< in signatures of ECDSA P-256
  unsigned spent_ = 0;
  std::map<std::pair<const Certificate*, const Certificate*>, bool> verified_;
};

/// Why a signature that is not good leaves the child without this issuer, and what to do. `count`: how many
/// were checked.
Error signature_failure(SignatureState state, const Certificate& child, const Certificate& issuer,
                        size_t count);

}  // namespace bulla::x509
