#include "x509/profile.h"

#include "x509/ip_address.h"
#include "x509/name.h"

#include <algorithm>

namespace bulla::x509 {
namespace {

using namespace asn1;

const Extension* find(const Certificate& certificate, const Oid& oid) {
  const auto& all = certificate.parsed().extensions.all;
  const auto found = std::find_if(all.begin(), all.end(), [&](const Extension& e) { return oid == e.oid; });
  return found == all.end() ? nullptr : &*found;
}
bool is_critical(const Certificate& certificate, const Oid& oid) {
  const Extension* extension = find(certificate, oid);
  return extension && extension->critical;
}
bool is_there_and_not_critical(const Certificate& certificate, const Oid& oid) {
  const Extension* extension = find(certificate, oid);
  return extension && !extension->critical;
}

// ---- rules for every certificate --------------------------------------------------------------------------

bool is_old_version(const Certificate& c) {
  return c.parsed().version != 3;
}

bool has_bad_serial(const Certificate& c) {
  const Bytes serial = c.parsed().serial;
  const bool negative = serial[0] & 0x80;
  return negative || std::all_of(serial.begin(), serial.end(), [](uint8_t b) { return b == 0; }) ||
         serial.size() > 20;
}

bool has_odd_rsa_key(const Certificate& c) {
  const auto& key = c.parsed().public_key.key;
  return key && (key->type == KeyType::rsa || key->type == KeyType::rsa_pss) && key_bits(*key) % 8 != 0;
}

bool has_other_key(const Certificate& c) {
  constexpr KeyType allowed[] = {KeyType::rsa, KeyType::ec_p256, KeyType::ec_p384, KeyType::ec_p521};
  const auto& key = c.parsed().public_key.key;
  return key && std::find(std::begin(allowed), std::end(allowed), key->type) == std::end(allowed);
}

bool lacks_authority_key_id(const Certificate& c) {
  return !c.parsed().extensions.authority_key_id;
}
bool has_critical_authority_key_id(const Certificate& c) {
  return is_critical(c, oids::authority_key_identifier);
}
/// keyIdentifier [0] alone; authorityCertIssuer [1] and authorityCertSerialNumber [2] are not used.
bool has_long_authority_key_id(const Certificate& c) {
  const Extension* extension = find(c, oids::authority_key_identifier);
  if (!extension) return false;
  bool more = false;
  DerReader r(extension->value);
  r.sequence([&](DerReader& r) {
    if (r.next_is(tag::context(0))) r.content(tag::context(0));
    more = r.more();
    while (r.more()) r.any();
  });
  return more;
}
bool has_critical_subject_key_id(const Certificate& c) {
  return is_critical(c, oids::subject_key_identifier);
}

// ---- rules for leaves -------------------------------------------------------------------------------------

/// BR §6.3.2: days that a certificate may be valid, by the day of its issue.
bool lives_too_long(const Certificate& c) {
  using namespace std::chrono;
  struct Limit {
    sys_days from;
    days most;
  };
  constexpr Limit limits[] = {{year(2029) / 3 / 15, days(47)},
                              {year(2027) / 3 / 15, days(100)},
                              {year(2026) / 3 / 15, days(200)},
                              {year(2020) / 9 / 1, days(398)},
                              {year(2018) / 3 / 1, days(825)}};
  for (const Limit& limit : limits)
    if (c.not_before() >= Time(limit.from)) return c.not_after() + Seconds(1) - c.not_before() > limit.most;
  return false;
}

bool lacks_names(const Certificate& c) {
  return !c.parsed().extensions.subject_alt_name;
}
bool has_other_names(const Certificate& c) {
  const auto& names = c.parsed().extensions.subject_alt_name;
  return names && std::any_of(names->begin(), names->end(), [](const GeneralName& name) {
           return name.kind != GeneralNameKind::dns && name.kind != GeneralNameKind::ip;
         });
}
bool has_underscore(const Certificate& c) {
  const auto& names = c.parsed().extensions.subject_alt_name;
  return names && std::any_of(names->begin(), names->end(), [](const GeneralName& name) {
           return name.kind == GeneralNameKind::dns &&
                  as_text(name.value).find('_') != std::string_view::npos;
         });
}
bool has_critical_names_beside_a_subject(const Certificate& c) {
  return is_critical(c, oids::subject_alt_name) && !is_empty_name(c.subject_der());
}
bool has_no_subject_and_uncritical_names(const Certificate& c) {
  return is_there_and_not_critical(c, oids::subject_alt_name) && is_empty_name(c.subject_der());
}

bool is_among_names(const Certificate& c, std::string_view text) {
  const auto& names = c.parsed().extensions.subject_alt_name;
  return names && std::any_of(names->begin(), names->end(), [&](const GeneralName& name) {
           if (name.kind == GeneralNameKind::dns) return as_text(name.value) == text;
           return name.kind == GeneralNameKind::ip && format_ip_address(name.value) == text;
         });
}
/// The commonNames of the subject, two at most: to know that there are several is enough, and to compare each
/// with each name would be work that grows with the square of the certificate.
std::vector<Attribute> common_names(const Certificate& c) {
  constexpr size_t most = 2;
  std::vector<Attribute> out;
  const auto rdns = parse_name(c.subject_der());
  for (const Rdn& rdn : rdns ? *rdns : Rdns{})
    for (const Attribute& attribute : rdn)
      if (oids::common_name == attribute.type && out.size() < most) out.push_back(attribute);
  return out;
}
bool has_several_common_names(const Certificate& c) {
  return common_names(c).size() > 1;
}
/// A copy, character for character, of a name in the subjectAltName.
bool has_other_common_name(const Certificate& c) {
  const auto names = common_names(c);
  if (names.empty()) return false;
  const auto text = text_of(names.front());
  return !text || !is_among_names(c, *text);
}

bool lacks_purposes(const Certificate& c) {
  return !c.parsed().extensions.extended_key_usage;
}
bool is_for_any_purpose(const Certificate& c) {
  const auto& purposes = c.parsed().extensions.extended_key_usage;
  return purposes && std::any_of(purposes->begin(), purposes->end(),
                                 [](Bytes oid) { return oids::any_extended_key_usage == oid; });
}
bool has_critical_purposes(const Certificate& c) {
  return is_critical(c, oids::extended_key_usage);
}
bool is_ca(const Certificate& c) {
  return c.is_ca();
}
bool may_sign_certificates(const Certificate& c) {
  const Extensions& extensions = c.parsed().extensions;
  return extensions.key_usage &&
         (extensions.allows(KeyUsage::key_cert_sign) || extensions.allows(KeyUsage::crl_sign));
}
/// Such a key can do nothing else for a server; RSA keys may be for keyEncipherment alone.
bool has_curve_without_digital_signature(const Certificate& c) {
  const auto& key = c.parsed().public_key.key;
  const bool on_curve = key && (key->type == KeyType::ec_p256 || key->type == KeyType::ec_p384 ||
                                key->type == KeyType::ec_p521);
  return on_curve && !c.allows_digital_signature();
}
bool constrains_names(const Certificate& c) {
  return c.parsed().extensions.name_constraints.has_value();
}

// ---- rules for CAs ----------------------------------------------------------------------------------------

bool has_uncritical_basic_constraints(const Certificate& c) {
  return is_there_and_not_critical(c, oids::basic_constraints);
}
bool lacks_key_usage(const Certificate& c) {
  return !c.parsed().extensions.key_usage;
}
bool lacks_subject_key_id(const Certificate& c) {
  return !c.parsed().extensions.subject_key_id;
}
bool has_uncritical_policy_constraints(const Certificate& c) {
  return is_there_and_not_critical(c, oids::policy_constraints);
}

constexpr ProfileRule leaf_rules[] = {
    {"BR §7.1.1", "it is not of version 3", is_old_version},
    {"BR §7.1.2.7", "its serial number is not positive, or longer than 20 octets", has_bad_serial},
    {"BR §6.1.5", "the length of its RSA key is no multiple of 8 bits", has_odd_rsa_key},
    {"BR §6.1.5", "its key is neither RSA nor on P-256, P-384, P-521", has_other_key},
    {"BR §6.3.2", "it is valid for longer than certificates of its day may be", lives_too_long},
    {"BR §7.1.2.7.12", "it has no subjectAltName", lacks_names},
    {"BR §7.1.2.7.12", "its subjectAltName has more than DNS names and addresses", has_other_names},
    {"BR §7.1.2.7.12", "a DNS name of its subjectAltName has an underscore", has_underscore},
    {"BR §7.1.2.7.12", "its subjectAltName is critical beside a subject",
     has_critical_names_beside_a_subject},
    {"BR §7.1.2.7.12", "its subjectAltName is not critical, and it has no subject",
     has_no_subject_and_uncritical_names},
    {"BR §7.1.4.3", "it has several commonNames", has_several_common_names},
    {"BR §7.1.4.3", "its commonName is no copy of a name in its subjectAltName", has_other_common_name},
    {"BR §7.1.2.7.10", "it has no extendedKeyUsage", lacks_purposes},
    {"BR §7.1.2.7.10", "its extendedKeyUsage has anyExtendedKeyUsage", is_for_any_purpose},
    {"BR §7.1.2.7.10", "its extendedKeyUsage is critical", has_critical_purposes},
    {"BR §7.1.2.7.8", "its basicConstraints say CA:TRUE", is_ca},
    {"BR §7.1.2.7.11", "its keyUsage has keyCertSign or cRLSign", may_sign_certificates},
    {"BR §7.1.2.7.11", "its key is on a curve, and its keyUsage lacks digitalSignature",
     has_curve_without_digital_signature},
    {"BR §7.1.2.7.6", "it has nameConstraints", constrains_names},
    {"BR §7.1.2.11.1", "it has no authorityKeyIdentifier", lacks_authority_key_id},
    {"BR §7.1.2.11.1", "its authorityKeyIdentifier is critical", has_critical_authority_key_id},
    {"BR §7.1.2.11.1", "its authorityKeyIdentifier has more than a key identifier",
     has_long_authority_key_id},
    {"BR §7.1.2.11.4", "its subjectKeyIdentifier is critical", has_critical_subject_key_id},
};

constexpr ProfileRule ca_rules[] = {
    {"BR §7.1.1", "it is not of version 3", is_old_version},
    {"BR §7.1.2.6", "its serial number is not positive, or longer than 20 octets", has_bad_serial},
    {"BR §6.1.5", "the length of its RSA key is no multiple of 8 bits", has_odd_rsa_key},
    {"BR §6.1.5", "its key is neither RSA nor on P-256, P-384, P-521", has_other_key},
    {"BR §7.1.2.10.4", "its basicConstraints are not critical", has_uncritical_basic_constraints},
    {"BR §7.1.2.10.7", "it has no keyUsage", lacks_key_usage},
    {"BR §7.1.2.11.1", "it has no authorityKeyIdentifier", lacks_authority_key_id},
    {"BR §7.1.2.11.1", "its authorityKeyIdentifier is critical", has_critical_authority_key_id},
    {"BR §7.1.2.11.1", "its authorityKeyIdentifier has more than a key identifier",
     has_long_authority_key_id},
    {"BR §7.1.2.11.4", "it has no subjectKeyIdentifier", lacks_subject_key_id},
    {"BR §7.1.2.11.4", "its subjectKeyIdentifier is critical", has_critical_subject_key_id},
    {"RFC 5280 §4.2.1.11", "its policyConstraints are not critical", has_uncritical_policy_constraints},
};

const ProfileRule* first_broken(std::span<const ProfileRule> rules, const Certificate& certificate) {
  const auto found = std::find_if(rules.begin(), rules.end(),
                                  [&](const ProfileRule& rule) { return rule.breaks(certificate); });
  return found == rules.end() ? nullptr : &*found;
}

}  // namespace

const ProfileRule* broken_leaf_rule(const Certificate& leaf) noexcept {
  return first_broken(leaf_rules, leaf);
}
const ProfileRule* broken_ca_rule(const Certificate& ca) noexcept {
  return first_broken(ca_rules, ca);
}

}  // namespace bulla::x509
