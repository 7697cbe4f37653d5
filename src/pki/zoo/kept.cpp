#include "pki/zoo/kept.h"

#include <array>

namespace bulla::pki {
namespace zoo {
namespace {

using Verdict = Specimen::Verdict;

constexpr Kept kept[] = {
    {{"sound", "Nothing is wrong with it.", {}}, sound},
    {{"sound-with-root", "The root is sent along, which nobody needs.", {}}, sound_with_root},
    {{"sound-in-wrong-order", "Of two intermediates the upper one is sent first.", {}}, sound_in_wrong_order},
    {{"sound-wildcard", "It is for *.zoo.localhost.", {}}, sound_wildcard},
    {{"sound-must-staple", "It promises a stapled OCSP response, and keeps the promise (RFC 7633).", {}},
     sound_must_staple},
    {{"expired", "It ended yesterday.", ErrorCode::certificate_expired}, expired},
    {{"not-yet-valid", "It begins tomorrow.", ErrorCode::certificate_not_yet_valid}, not_yet_valid},
    {{"wrong-name", "It is for another host.", ErrorCode::certificate_name_mismatch}, wrong_name},
    {{"no-name", "The host's name is its commonName only, and it has no subjectAltName (RFC 9525 §2).",
      ErrorCode::certificate_name_mismatch, Verdict::debatable},
     no_name},
    {{"wide-wildcard", "It is for *.localhost, which has two labels too few.",
      ErrorCode::certificate_name_mismatch},
     wide_wildcard},
    {{"partial-wildcard", "The star stands for a part of a label (RFC 9525 §6.3).",
      ErrorCode::certificate_name_mismatch, Verdict::debatable},
     partial_wildcard},
    {{"nul-in-name", "A NUL follows the host's name, and another domain follows that.",
      ErrorCode::certificate_name_mismatch},
     nul_in_name},
    {{"wrong-purpose", "Its extendedKeyUsage is clientAuth.", ErrorCode::certificate_bad_usage},
     wrong_purpose},
    {{"critical-extension", "It has a critical extension that nobody knows.",
      ErrorCode::certificate_unknown_critical_extension},
     critical_extension},
    {{"self-signed", "It vouches for itself.", ErrorCode::certificate_unknown_issuer}, self_signed},
    {{"bad-signature", "Another key than its issuer's signed something else.",
      ErrorCode::certificate_bad_signature},
     bad_signature},
    {{"sha1", "It is signed with SHA-1.", ErrorCode::certificate_weak_signature}, sha1_signature},
    {{"broken-der", "A length in it points beyond its end.", ErrorCode::certificate_malformed}, broken_der},
    {{"trailing-bytes", "Two bytes follow it.", ErrorCode::certificate_malformed}, trailing_bytes},
    {{"same-extension-twice", "It has two subjectAltNames.", ErrorCode::certificate_malformed},
     twice_the_same_extension},
    {{"missing-intermediate", "The certificate of its issuer is not sent.",
      ErrorCode::certificate_unknown_issuer},
     missing_intermediate},
    {{"unknown-ca", "Its root is not the zoo's.", ErrorCode::certificate_unknown_issuer}, unknown_ca},
    {{"impostor-ca", "Its issuer has the name of the zoo's intermediate, and another key.",
      ErrorCode::certificate_unknown_issuer},
     impostor_ca},
    {{"expired-intermediate", "Its issuer's certificate ended yesterday.", ErrorCode::certificate_expired},
     expired_intermediate},
    {{"issuer-no-ca", "Another server's certificate signed it.", ErrorCode::certificate_not_ca},
     issuer_is_no_ca},
    {{"issuer-may-not-sign", "Its issuer's keyUsage lacks keyCertSign.", ErrorCode::certificate_not_ca},
     issuer_may_not_sign},
    {{"issuer-version-1", "Its issuer's certificate is of version 1.", ErrorCode::certificate_not_ca},
     issuer_of_version_1},
    {{"issuer-for-mail", "Its issuer is there for e-mail.", ErrorCode::certificate_bad_usage},
     issuer_for_mail},
    {{"path-too-long", "A CA below which there may be none has another below it.",
      ErrorCode::certificate_path_too_long},
     path_too_long},
    {{"name-not-permitted", "Its issuer may certify names below zoo.example only.",
      ErrorCode::certificate_name_constraint},
     name_not_permitted},
    {{"name-excluded", "Its issuer may certify no names below zoo.localhost.",
      ErrorCode::certificate_name_constraint},
     name_excluded},
    {{"weak-key", "Its issuer has an RSA key of 1024 bits.", ErrorCode::certificate_weak_key}, weak_key},
    {{"policy-missing", "Its issuer requires a certificate policy that it lacks.",
      ErrorCode::certificate_policy, Verdict::debatable},
     policy_missing},
    {{"revoked", "The stapled OCSP response says that it was revoked, and so does its issuer's list.",
      ErrorCode::certificate_revoked, Verdict::debatable},
     revoked},
    {{"revoked-by-list", "Its issuer's list says that it was revoked; nothing is stapled.",
      ErrorCode::certificate_revoked, Verdict::debatable},
     revoked_by_list},
    {{"must-staple", "It promises a stapled OCSP response, and there is none (RFC 7633).",
      ErrorCode::certificate_must_staple, Verdict::debatable},
     must_staple},
    {{"mesh", "Eight CAs have certified each other, and no root is among them.",
      ErrorCode::certificate_unknown_issuer},
     mesh},
    {{"too-many", "A sound chain with a hundred more certificates behind it.",
      ErrorCode::certificate_list_too_large, Verdict::debatable},
     too_many},
};

constexpr auto listed = [] {
  std::array<Specimen, std::size(kept)> out;
  for (size_t i = 0; i < out.size(); ++i) out[i] = kept[i].specimen;
  return out;
}();

}  // namespace

std::span<const Kept> all_kept() noexcept {
  return kept;
}

Draft leaf_draft(const Visit& visit) {
  return {.common_name = visit.host,
          .not_before = visit.means.now - std::chrono::hours(1),
          .not_after = visit.means.now + std::chrono::days(90),
          .dns = {visit.host},
          .ca = false,
          .key_usage = 1,  // digitalSignature
          .purposes = {asn1::oids::server_auth}};
}

Draft ca_draft(const Visit& visit, std::string common_name) {
  return {.common_name = std::move(common_name),
          .not_before = visit.means.now - std::chrono::hours(1),
          .not_after = visit.means.now + std::chrono::days(365),
          .ca = true,
          .key_usage = 1 << 5 | 1 << 6};  // keyCertSign, cRLSign
}

Result<Shown> show(const Visit& visit, const Draft& draft, const Keeper* issuer,
                   const std::vector<const Keeper*>& above) {
  BULLA_TRY(KeyPair key, KeyPair::generate({}, surroundings_of(visit.means)));
  BULLA_TRY(Keeper leaf, make(draft, key.signer(), issuer, visit.means));
  Shown out{.chain = {std::move(leaf.der)}, .key = std::move(key)};
  for (const Keeper* one : above) out.chain.push_back(one->der);
  return out;
}

Result<Keeper> make_ca(const Visit& visit, const Draft& draft, const Keeper* issuer) {
  BULLA_TRY(const KeyPair key, KeyPair::generate({}, surroundings_of(visit.means)));
  return make(draft, key.signer(), issuer, visit.means);
}

}  // namespace zoo

std::span<const Specimen> specimens() noexcept {
  return zoo::listed;
}

}  // namespace bulla::pki
