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

/// All signatures of a search, of certificates, lists and responses: each is checked once, within one budget.
class PaidSignatures {
 public:
  /// `budget`: in signatures of ECDSA P-256 (signature_cost).
  PaidSignatures(const Provider& provider, unsigned budget) noexcept : provider_(provider), budget_(budget) {}

  /// What is signed, and how.
  struct Signed {
    Bytes message;
    std::optional<SignatureAlgorithm> algorithm;
    Bytes signature;
  };
  /// Whether `signer`'s key made the signature; nothing where the budget is spent. Both live as long as this
  /// object, and an algorithm that the provider or the key does not have makes none.
  std::optional<bool> verifies(const Signed& what, const Certificate& signer);
  /// How many were verified.
  size_t count() const noexcept { return verified_.size(); }
  const Provider& provider() const noexcept { return provider_; }

 private:
  const Provider& provider_;
  unsigned budget_, spent_ = 0;
  std::map<std::pair<const uint8_t*, const Certificate*>, bool> verified_;
};
/// That of a certificate.
PaidSignatures::Signed certificate_signature(const Certificate& certificate);

/// The signatures between the certificates of paths.
class Signatures {
 public:
  Signatures(const Provider& provider, unsigned budget) noexcept : paid_(provider, budget) {}

  SignatureState state(const Certificate& child, const Certificate& issuer);
  /// For the other signatures of the search.
  PaidSignatures& paid() noexcept { return paid_; }
  /// How many were verified, the others included.
  size_t count() const noexcept { return paid_.count(); }

 private:
  PaidSignatures paid_;
};

/// Why a signature that is not good leaves the child without this issuer, and what to do. `count`: how many
/// were checked.
Error signature_failure(SignatureState state, const Certificate& child, const Certificate& issuer,
                        size_t count);

}  // namespace bulla::x509
