#include "pki/extension_text.h"

#include "asn1/time.h"
#include "pki/describe.h"
#include "pki/sct_list.h"
#include "x509/fingerprint.h"
#include "x509/name.h"

#include <algorithm>
#include <array>
#include <functional>

namespace bulla::pki {
namespace {

using namespace asn1;
using x509::GeneralName;
using Lines = std::vector<std::string>;

/// A text of any of ASN.1's string types.
std::string text_of(const Element& e) {
  const auto text = x509::text_of({.string_tag = e.tag, .value = e.content});
  return text ? printable(*text) : '#' + to_hex(e.content);
}

void names(DerReader& r, uint8_t tag, Lines& out) {
  for (const GeneralName& name : x509::read_general_names(r, tag))
    out.push_back(x509::print_general_name(name));
}

// ---- one function for each extension (RFC 5280 §4.2, §5.2) ---------------------------------------------
// Each reads the value and adds lines; what it leaves
// unread or finds malformed makes the extension hexadecimal.

void subject_key_id(DerReader& r, Lines& out) {
  out.push_back(x509::octets_text(r.octet_string()));
}

void authority_key_id(DerReader& r, Lines& out) {
  r.sequence([&](DerReader& r) {
    if (r.next_is(tag::context(0))) out.push_back("key " + x509::octets_text(r.content(tag::context(0))));
    if (r.next_is(tag::context_constructed(1))) {
      Lines issuer;
      names(r, tag::context_constructed(1), issuer);
      for (const std::string& one : issuer) out.push_back("issuer " + one);
    }
    if (r.next_is(tag::context(2))) out.push_back("serial " + to_hex(r.content(tag::context(2))));
  });
}

void alt_names(DerReader& r, Lines& out) {
  names(r, tag::sequence, out);
}

void basic_constraints(DerReader& r, Lines& out) {
  r.sequence([&](DerReader& r) {
    const bool ca = r.next_is(tag::boolean) && r.boolean();
    out.push_back(ca ? "CA: yes" : "CA: no");
    if (r.next_is(tag::integer))
      out.push_back("CAs below: at most " + std::to_string(r.small_integer(UINT32_MAX)));
  });
}

void subtrees(DerReader& r, unsigned number, std::string_view word, Lines& out) {
  if (!r.next_is(tag::context_constructed(number))) return;
  r.constructed(tag::context_constructed(number), [&](DerReader& r) {
    while (r.more())
      r.sequence([&](DerReader& r) {
        const GeneralName base = x509::read_general_name(r, x509::AddressForm::address_and_mask);
        out.push_back(std::string(word) + ' ' + x509::print_general_name(base));
        r.rest();
      });
  });
}

void name_constraints(DerReader& r, Lines& out) {
  r.sequence([&](DerReader& r) {
    subtrees(r, 0, "permitted", out);
    subtrees(r, 1, "excluded", out);
  });
}

/// DistributionPointName (RFC 5280 §4.2.1.13).
void point_name(DerReader& r, Lines& out) {
  if (r.next_is(tag::context_constructed(0))) return names(r, tag::context_constructed(0), out);
  r.constructed(tag::context_constructed(1), [&](DerReader& r) {
    while (r.more())
      r.sequence([&](DerReader& r) {
        const Bytes type = r.oid();
        const std::string value = text_of(r.any());
        out.push_back("relative to the issuer: " + to_dotted(type) + '=' + value);
      });
  });
}

std::string reasons(const BitString& bits) {
  constexpr std::array<std::string_view, 9> words = {
      "unused",      "keyCompromise",        "cACompromise",    "affiliationChanged",
      "superseded",  "cessationOfOperation", "certificateHold", "privilegeWithdrawn",
      "aACompromise"};
  std::string out;
  for (size_t i = 0; i < words.size(); ++i)
    if (bits.bit(i)) out += (out.empty() ? "" : ", ") + std::string(words[i]);
  return out;
}

void distribution_points(DerReader& r, Lines& out) {
  r.sequence([&](DerReader& r) {
    while (r.more())
      r.sequence([&](DerReader& r) {
        if (r.next_is(tag::context_constructed(0)))
          r.constructed(tag::context_constructed(0), [&](DerReader& r) { point_name(r, out); });
        if (r.next_is(tag::context(1))) out.push_back("for " + reasons(r.bit_string(tag::context(1))));
        if (r.next_is(tag::context_constructed(2))) {
          Lines issuers;
          names(r, tag::context_constructed(2), issuers);
          for (const std::string& one : issuers) out.push_back("signed by " + one);
        }
      });
  });
}

/// UserNotice (RFC 5280 §4.2.1.4): all of its parts are optional.
void user_notice(DerReader& r, Lines& out) {
  r.sequence([&](DerReader& r) {
    if (r.next_is(tag::sequence))
      r.sequence([&](DerReader& r) {
        out.push_back("  notice of " + text_of(r.any()));
        r.rest();
      });
    if (r.more()) out.push_back("  notice: " + text_of(r.any()));
  });
}

void qualifier(DerReader& r, Lines& out) {
  constexpr Oid cps = oid("1.3.6.1.5.5.7.2.1"), notice = oid("1.3.6.1.5.5.7.2.2");
  const Bytes type = r.oid();
  if (cps == type) return out.push_back("  CPS " + text_of(r.any()));
  if (notice == type) return user_notice(r, out);
  out.push_back("  " + to_dotted(type) + " #" + to_hex(r.any().whole));
}

struct NamedPolicy {
  Oid oid;
  std::string_view name;
};
// RFC 5280 §4.2.1.4; CA/Browser Forum, Baseline Requirements §7.1.6.1
constexpr NamedPolicy policies[] = {{oids::any_policy, "any policy"},
                                    {oid("2.23.140.1.1"), "extended validation"},
                                    {oid("2.23.140.1.2.1"), "domain validated"},
                                    {oid("2.23.140.1.2.2"), "organization validated"},
                                    {oid("2.23.140.1.2.3"), "individual validated"}};

std::string policy_text(Bytes policy) {
  for (const NamedPolicy& known : policies)
    if (known.oid == policy) return to_dotted(policy) + " (" + std::string(known.name) + ')';
  return to_dotted(policy);
}

void certificate_policies(DerReader& r, Lines& out) {
  r.sequence([&](DerReader& r) {
    while (r.more())
      r.sequence([&](DerReader& r) {
        out.push_back(policy_text(r.oid()));
        if (!r.more()) return;
        r.sequence([&](DerReader& r) {
          while (r.more()) r.sequence([&](DerReader& r) { qualifier(r, out); });
        });
      });
  });
}

void policy_mappings(DerReader& r, Lines& out) {
  r.sequence([&](DerReader& r) {
    while (r.more())
      r.sequence([&](DerReader& r) {
        const std::string issuer = policy_text(r.oid());
        out.push_back(issuer + " counts as " + policy_text(r.oid()));
      });
  });
}

void policy_constraints(DerReader& r, Lines& out) {
  const auto after = [&](DerReader& r, unsigned number, std::string_view what) {
    if (!r.next_is(tag::context(number))) return;
    const uint64_t skipped = r.small_integer(tag::context(number), UINT32_MAX);
    out.push_back(std::string(what) + " after " + std::to_string(skipped) + " more certificates");
  };
  r.sequence([&](DerReader& r) {
    after(r, 0, "a policy is required");
    after(r, 1, "policies are not mapped");
  });
}

void inhibit_any_policy(DerReader& r, Lines& out) {
  out.push_back("any policy counts no more after " + std::to_string(r.small_integer(UINT32_MAX)) +
                " more certificates");
}

struct NamedMethod {
  Oid oid;
  std::string_view name;
};
constexpr NamedMethod methods[] = {{oid("1.3.6.1.5.5.7.48.1"), "OCSP"},
                                   {oids::access_ca_issuers, "issuer's certificate"},
                                   {oid("1.3.6.1.5.5.7.48.3"), "time stamping"},
                                   {oid("1.3.6.1.5.5.7.48.5"), "CA repository"}};

void information_access(DerReader& r, Lines& out) {
  r.sequence([&](DerReader& r) {
    while (r.more())
      r.sequence([&](DerReader& r) {
        const Bytes method = r.oid();
        std::string name = to_dotted(method);
        for (const NamedMethod& known : methods)
          if (known.oid == method) name = known.name;
        out.push_back(name + ": " +
                      x509::print_general_name(x509::read_general_name(r, x509::AddressForm::address)));
      });
  });
}

/// RFC 7633 §4: numbers of TLS extensions.
void tls_feature(DerReader& r, Lines& out) {
  constexpr uint64_t status_request = 5, status_request_v2 = 17;
  r.sequence([&](DerReader& r) {
    while (r.more()) {
      const uint64_t feature = r.small_integer(0xffff);
      out.push_back(feature == status_request      ? "status_request (must staple)"
                    : feature == status_request_v2 ? "status_request_v2"
                                                   : std::to_string(feature));
    }
  });
}

void no_content(DerReader& r, Lines&) {
  r.null();
}

void scts(DerReader& r, Lines& out) {
  const auto list = read_sct_list(r.rest());
  if (!list) return r.fail("a list of SCTs is malformed");
  out.push_back(std::to_string(list->size()) + (list->size() == 1 ? " promise" : " promises") + " of logs");
  for (const Sct& one : *list)
    out.push_back(one.version == 0 ? format_time(one.time) + ", log " + to_hex(one.log_id)
                                   : "of version " + std::to_string(one.version + 1));
}

void number(DerReader& r, Lines& out) {
  out.push_back(to_hex(r.unsigned_integer()));
}

void a_text(DerReader& r, Lines& out) {
  out.push_back(text_of(r.any()));
}

/// keyUsage and extendedKeyUsage, by the functions that know their words.
void usages(DerReader& r, Lines& out) {
  x509::Extensions extensions;
  extensions.key_usage = r.bit_string();
  out = key_usage_names(extensions);
}

void purposes(DerReader& r, Lines& out) {
  x509::Extensions extensions;
  extensions.extended_key_usage.emplace();
  r.sequence([&](DerReader& r) {
    while (r.more()) extensions.extended_key_usage->push_back(r.oid());
  });
  out = purpose_names(extensions);
}

struct Known {
  Oid oid;
  std::string_view name;
  void (*lines)(DerReader&, Lines&);  ///< nullptr: named, but shown as hexadecimal
};
constexpr Known known_extensions[] = {
    {oids::subject_key_identifier, "subjectKeyIdentifier", subject_key_id},
    {oids::authority_key_identifier, "authorityKeyIdentifier", authority_key_id},
    {oids::basic_constraints, "basicConstraints", basic_constraints},
    {oids::key_usage, "keyUsage", usages},
    {oids::extended_key_usage, "extendedKeyUsage", purposes},
    {oids::subject_alt_name, "subjectAltName", alt_names},
    {oid("2.5.29.18"), "issuerAltName", alt_names},
    {oids::name_constraints, "nameConstraints", name_constraints},
    {oids::certificate_policies, "certificatePolicies", certificate_policies},
    {oids::policy_mappings, "policyMappings", policy_mappings},
    {oids::policy_constraints, "policyConstraints", policy_constraints},
    {oids::inhibit_any_policy, "inhibitAnyPolicy", inhibit_any_policy},
    {oid("2.5.29.31"), "cRLDistributionPoints", distribution_points},
    {oid("2.5.29.46"), "freshestCRL", distribution_points},
    {oids::authority_info_access, "authorityInfoAccess", information_access},
    {oid("1.3.6.1.5.5.7.1.11"), "subjectInfoAccess", information_access},
    {oids::tls_feature, "tlsFeature", tls_feature},
    {oids::ocsp_no_check, "ocspNoCheck", no_content},
    {oid("1.3.6.1.4.1.11129.2.4.2"), "signedCertificateTimestampList", scts},
    {oid("1.3.6.1.4.1.11129.2.4.3"), "precertificatePoison", no_content},
    {oid("2.5.29.20"), "cRLNumber", number},
    {oid("2.16.840.1.113730.1.13"), "netscapeComment", a_text},
    {oid("2.16.840.1.113730.1.1"), "netscapeCertType", nullptr},
    {oid("2.5.29.9"), "subjectDirectoryAttributes", nullptr},
    {oid("2.5.29.16"), "privateKeyUsagePeriod", nullptr},
    {oid("1.3.6.1.5.5.7.1.3"), "qcStatements", nullptr},
    {oid("1.3.6.1.4.1.311.20.2"), "microsoftCertificateTemplateName", a_text},
    {oid("1.3.6.1.4.1.311.21.1"), "microsoftCaVersion", nullptr},
    {oid("1.3.6.1.4.1.311.21.7"), "microsoftCertificateTemplate", nullptr},
};

const Known* known(Bytes oid) {
  const auto* found = std::ranges::find_if(known_extensions, [&](const Known& k) { return k.oid == oid; });
  return found == std::end(known_extensions) ? nullptr : found;
}

}  // namespace

std::string extension_name(Bytes oid) {
  const Known* const named = known(oid);
  return named ? std::string(named->name) : to_dotted(oid);
}

std::vector<std::string> hex_lines(Bytes bytes) {
  constexpr size_t per_line = 32;
  Lines out;
  for (; !bytes.empty(); bytes = bytes.subspan(std::min(per_line, bytes.size())))
    out.push_back(to_hex(bytes.first(std::min(per_line, bytes.size()))));
  return out;
}

std::vector<std::string> extension_lines(const x509::Extension& extension) {
  const Known* const named = known(extension.oid);
  if (named && named->lines) {
    Lines out;
    DerReader r(extension.value);
    named->lines(r, out);
    if (r.done()) return out;
  }
  return hex_lines(extension.value);
}

}  // namespace bulla::pki
