#include "x509/extensions.h"

#include <algorithm>

namespace bulla::x509 {
namespace {

using namespace asn1;

/// Certificates have a dozen; the search for duplicates is quadratic.
constexpr size_t max_extensions = 64;
/// RFC 5280 sets no bound; counts beyond it mean the same as it.
constexpr uint32_t max_skip = 0x7fffffff;

void read_basic_constraints(DerReader& r, Extensions& out) {
  BasicConstraints value;
  r.sequence([&](DerReader& r) {
    // An encoded FALSE is no DER, but so many CAs write it that every verifier takes it.
    if (r.next_is(tag::boolean)) value.ca = r.boolean();
    if (r.next_is(tag::integer)) value.path_length = static_cast<uint32_t>(r.small_integer(max_skip));
  });
  out.basic_constraints = value;
}

void read_key_usage(DerReader& r, Extensions& out) {
  const BitString bits = r.bit_string();
  const bool any = std::any_of(bits.octets.begin(), bits.octets.end(), [](uint8_t b) { return b != 0; });
  if (r.ok() && !any) r.fail("keyUsage has no bit set");  // RFC 5280 §4.2.1.3
  out.key_usage = bits;
}

void read_extended_key_usage(DerReader& r, Extensions& out) {
  std::vector<Bytes> purposes;
  r.sequence([&](DerReader& r) {
    if (!r.more()) r.fail("extendedKeyUsage is empty");
    while (r.more()) purposes.push_back(r.oid());
  });
  out.extended_key_usage = std::move(purposes);
}

void read_subject_alt_name(DerReader& r, Extensions& out) {
  out.subject_alt_name = read_general_names(r, tag::sequence);
}

void read_subtrees(DerReader& r, uint8_t tag, std::vector<GeneralName>& out) {
  if (!r.next_is(tag)) return;
  r.constructed(tag, [&](DerReader& r) {
    if (!r.more()) r.fail("a list of subtrees is empty");
    while (r.more()) {
      r.sequence([&](DerReader& r) {
        out.push_back(read_general_name(r, AddressForm::address_and_mask));
        // RFC 5280 §4.2.1.10: minimum is 0 (the default, which some write all the same), maximum is absent.
        if (r.next_is(tag::context(0))) r.small_integer(tag::context(0), 0);
        if (r.more()) r.fail("a subtree has a minimum or a maximum");
      });
    }
  });
}

/// RFC 5280 §4.2.1.10: in the manner of RFC 4632, ones and then zeros.
bool is_contiguous(Bytes mask) {
  bool ended = false;
  for (const uint8_t octet : mask) {
    for (int bit = 7; bit >= 0; --bit) {
      const bool one = (octet >> bit & 1) != 0;
      if (one && ended) return false;
      if (!one) ended = true;
    }
  }
  return true;
}

void read_name_constraints(DerReader& r, Extensions& out) {
  NameConstraints value;
  r.sequence([&](DerReader& r) {
    if (!r.more()) r.fail("nameConstraints is empty");
    read_subtrees(r, tag::context_constructed(0), value.permitted);
    read_subtrees(r, tag::context_constructed(1), value.excluded);
  });
  for (const auto* list : {&value.permitted, &value.excluded})
    for (const GeneralName& base : *list)
      if (base.kind == GeneralNameKind::ip && !is_contiguous(base.value.subspan(base.value.size() / 2)))
        r.fail("the mask of an address constraint has holes");
  out.name_constraints = std::move(value);
}

void read_subject_key_id(DerReader& r, Extensions& out) {
  out.subject_key_id = r.octet_string();
}

void read_authority_key_id(DerReader& r, Extensions& out) {
  r.sequence([&](DerReader& r) {
    if (r.next_is(tag::context(0))) out.authority_key_id = r.content(tag::context(0));
    if (r.next_is(tag::context_constructed(1))) read_general_names(r, tag::context_constructed(1));
    if (r.next_is(tag::context(2)) && !is_minimal_integer(r.content(tag::context(2))))
      r.fail("the serial number of an authorityKeyIdentifier is malformed");
  });
}

void read_authority_info_access(DerReader& r, Extensions& out) {
  r.sequence([&](DerReader& r) {
    if (!r.more()) r.fail("authorityInfoAccess is empty");
    while (r.more()) {
      r.sequence([&](DerReader& r) {
        const Bytes method = r.oid();
        out.authority_info_access.push_back({method, read_general_name(r, AddressForm::address)});
      });
    }
  });
}

/// SEQUENCE SIZE (1..MAX) OF PolicyQualifierInfo: an OID and something; nothing is done with them.
void read_qualifiers(DerReader& r) {
  r.sequence([&](DerReader& r) {
    if (!r.more()) r.fail("a list of policy qualifiers is empty");
    while (r.more()) {
      r.sequence([&](DerReader& r) {
        r.oid();
        r.any();
      });
    }
  });
}

void read_policies(DerReader& r, Extensions& out) {
  r.sequence([&](DerReader& r) {
    if (!r.more()) r.fail("certificatePolicies is empty");
    while (r.more()) {
      r.sequence([&](DerReader& r) {
        const Bytes policy = r.oid();
        out.policies.push_back(policy);
        if (r.more()) read_qualifiers(r);
      });
    }
  });
  // RFC 5280 §4.2.1.4: no policy twice. Sorted, since a certificate may list thousands.
  std::vector<Bytes> sorted = out.policies;
  std::sort(sorted.begin(), sorted.end(), [](Bytes a, Bytes b) {
    return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end());
  });
  if (std::adjacent_find(sorted.begin(), sorted.end(), equal_vartime) != sorted.end())
    r.fail("a policy is listed twice");
}

void read_policy_mappings(DerReader& r, Extensions& out) {
  r.sequence([&](DerReader& r) {
    if (!r.more()) r.fail("policyMappings is empty");
    while (r.more()) {
      r.sequence([&](DerReader& r) {
        const Bytes from = r.oid();
        out.policy_mappings.push_back({from, r.oid()});
      });
    }
  });
}

void read_policy_constraints(DerReader& r, Extensions& out) {
  PolicyConstraints value;
  r.sequence([&](DerReader& r) {
    if (!r.more()) r.fail("policyConstraints is empty");
    if (r.next_is(tag::context(0)))
      value.require_explicit_policy = static_cast<uint32_t>(r.small_integer(tag::context(0), max_skip));
    if (r.next_is(tag::context(1)))
      value.inhibit_policy_mapping = static_cast<uint32_t>(r.small_integer(tag::context(1), max_skip));
  });
  out.policy_constraints = value;
}

void read_ocsp_no_check(DerReader& r, Extensions& out) {
  r.null();
  out.ocsp_no_check = true;
}

void read_crl_distribution_points(DerReader& r, Extensions& out) {
  out.crl_distribution_points = read_distribution_points(r);
}

void read_freshest_crl(DerReader& r, Extensions& out) {
  out.freshest_crl = read_distribution_points(r);
}

/// Features ::= SEQUENCE OF INTEGER (RFC 7633 §4.1).
void read_tls_features(DerReader& r, Extensions& out) {
  r.sequence([&](DerReader& r) {
    while (r.more()) out.tls_features.push_back(static_cast<uint16_t>(r.small_integer(0xffff)));
  });
}

void read_inhibit_any_policy(DerReader& r, Extensions& out) {
  out.inhibit_any_policy = static_cast<uint32_t>(r.small_integer(max_skip));
}

/// What is read, but not acted on, is as good as unknown where it is critical (RFC 5280 §4.2).
enum class Acted : uint8_t { on, not_on };

struct KnownExtension {
  Oid oid;
  void (*read)(DerReader&, Extensions&);
  Acted acted = Acted::on;
};
constexpr KnownExtension known_extensions[] = {
    {oids::basic_constraints, read_basic_constraints},
    {oids::key_usage, read_key_usage},
    {oids::extended_key_usage, read_extended_key_usage},
    {oids::subject_alt_name, read_subject_alt_name},
    {oids::name_constraints, read_name_constraints},
    {oids::subject_key_identifier, read_subject_key_id},
    {oids::authority_key_identifier, read_authority_key_id},
    {oids::authority_info_access, read_authority_info_access},
    {oids::certificate_policies, read_policies},
    {oids::policy_mappings, read_policy_mappings},
    {oids::policy_constraints, read_policy_constraints},
    {oids::inhibit_any_policy, read_inhibit_any_policy},
    {oids::ocsp_no_check, read_ocsp_no_check},
    {oids::crl_distribution_points, read_crl_distribution_points},
    {oids::freshest_crl, read_freshest_crl, Acted::not_on},
    {oids::tls_feature, read_tls_features},
};

void read_value(DerReader& outer, const Extension& extension, Extensions& out) {
  const auto* known = std::find_if(std::begin(known_extensions), std::end(known_extensions),
                                   [&](const KnownExtension& one) { return one.oid == extension.oid; });
  const bool is_known = known != std::end(known_extensions);
  if (is_known) {
    DerReader r(extension.value);
    known->read(r, out);
    if (!r.done()) outer.fail(r.why());
  }
  const bool acted_on = is_known && known->acted == Acted::on;
  if (extension.critical && !acted_on && out.unknown_critical.empty()) out.unknown_critical = extension.oid;
}

}  // namespace

void read_extension_list(DerReader& r, std::vector<Extension>& out) {
  out.clear();
  r.sequence([&](DerReader& r) {
    if (!r.more()) r.fail("the list of extensions is empty");
    while (r.more()) {
      Extension extension;
      r.sequence([&](DerReader& r) {
        extension.oid = r.oid();
        // As in basicConstraints, an encoded FALSE is no DER and taken by everybody.
        if (r.next_is(tag::boolean)) extension.critical = r.boolean();
        extension.value = r.octet_string();
      });
      if (!r.ok()) return;
      if (out.size() >= max_extensions) return r.fail("there are too many extensions");
      for (const Extension& earlier : out)
        if (equal_vartime(earlier.oid, extension.oid)) return r.fail("an extension occurs twice");
      out.push_back(extension);
    }
  });
}

Extensions read_extensions(DerReader& r) {
  Extensions out;
  read_extension_list(r, out.all);
  for (const Extension& extension : out.all)
    if (r.ok()) read_value(r, extension, out);
  return out;
}

}  // namespace bulla::x509
