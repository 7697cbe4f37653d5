// How each specimen is made.
#pragma once

#include "pki/zoo/draft.h"

#include <bulla/revocation_authority.h>
#include <bulla/zoo.h>

namespace bulla::pki::zoo {

/// Those who certify specimens, rightly or not, and for whom.
struct Visit {
  const Keeper& root;
  const Keeper& intermediate;
  const Keeper& lower;                  ///< a CA below the intermediate
  const std::vector<uint8_t>& revoked;  ///< the serial numbers that the intermediate's list names
  const std::vector<uint8_t>& revoked_by_list;
  std::string host;
  const Means& means;
};

/// What a server shows, and the key that it has.
struct Shown {
  std::vector<std::vector<uint8_t>> chain = {};
  KeyPair key;
  std::vector<uint8_t> ocsp_response = {};  ///< stapled, DER; empty: none
};

struct Kept {
  Specimen specimen;
  Result<Shown> (*make)(const Visit& visit);
};

/// All of them, in the order of specimens().
std::span<const Kept> all_kept() noexcept;

// ---- what makers share ------------------------------------------------------------------------------------

/// A server's certificate without fault.
Draft leaf_draft(const Visit& visit);
/// A CA's.
Draft ca_draft(const Visit& visit, std::string common_name);
/// A new key with the certificate of `draft`, signed by `issuer` (nullptr: by itself); `above` is sent behind
/// it.
Result<Shown> show(const Visit& visit, const Draft& draft, const Keeper* issuer,
                   const std::vector<const Keeper*>& above);
/// A CA of one's own, with a new P-256 key.
Result<Keeper> make_ca(const Visit& visit, const Draft& draft, const Keeper* issuer);

/// A CA of the zoo that tells of revocation: signs lists and OCSP responses.
Result<CertificateAuthority> speaker(const Keeper& ca);
/// Staples what `ca`, which issued the first certificate, says of it.
Result<Shown> stapled(Shown shown, const Keeper& ca, const OcspAnswer& answer, const Means& means);

// ---- makers, by what is wrong -----------------------------------------------------------------------------

// leaves.cpp
Result<Shown> sound(const Visit&), sound_with_root(const Visit&), sound_in_wrong_order(const Visit&),
    sound_wildcard(const Visit&), expired(const Visit&), not_yet_valid(const Visit&),
    wrong_name(const Visit&), no_name(const Visit&), wide_wildcard(const Visit&),
    partial_wildcard(const Visit&), nul_in_name(const Visit&), wrong_purpose(const Visit&),
    critical_extension(const Visit&), self_signed(const Visit&), bad_signature(const Visit&),
    sha1_signature(const Visit&), broken_der(const Visit&), trailing_bytes(const Visit&),
    twice_the_same_extension(const Visit&);

// revoked.cpp
Result<Shown> sound_must_staple(const Visit&), revoked(const Visit&), revoked_by_list(const Visit&),
    must_staple(const Visit&);

// issuers.cpp
Result<Shown> missing_intermediate(const Visit&), unknown_ca(const Visit&), impostor_ca(const Visit&),
    expired_intermediate(const Visit&), issuer_is_no_ca(const Visit&), issuer_may_not_sign(const Visit&),
    issuer_of_version_1(const Visit&), issuer_for_mail(const Visit&), path_too_long(const Visit&),
    name_not_permitted(const Visit&), name_excluded(const Visit&), weak_key(const Visit&),
    policy_missing(const Visit&), mesh(const Visit&), too_many(const Visit&);

}  // namespace bulla::pki::zoo
