#include "x509/distribution_point.h"

#include "asn1/der_writer.h"
#include "x509/name.h"

#include <algorithm>

namespace bulla::x509 {
namespace {

using namespace asn1;

/// DistributionPointName ::= CHOICE { fullName [0] GeneralNames, nameRelativeToCRLIssuer [1]
/// RelativeDistinguishedName }, EXPLICIT in its tag, as every CHOICE.
DistributionPointName read_point_name(DerReader& r) {
  DistributionPointName out;
  r.explicit_tag(0, [&](DerReader& r) {
    if (!r.next_is(tag::context_constructed(1))) {
      out.full = read_general_names(r, tag::context_constructed(0));
      return;
    }
    out.relative = r.content(tag::context_constructed(1));
    const auto as_name =
        to_der([&](DerWriter& w) { w.sequence([&](DerWriter& w) { w.value(tag::set, out.relative); }); });
    if (r.ok() && (out.relative.empty() || !parse_name(as_name)))
      r.fail("a relative name of a distribution point is malformed");
  });
  return out;
}

ReasonMask read_reasons(DerReader& r, unsigned number) {
  const BitString bits = r.bit_string(tag::context(number));
  ReasonMask out = 0;
  for (unsigned n = 1; n <= 8; ++n)
    if (bits.bit(n)) out = static_cast<ReasonMask>(out | 1u << n);
  return out;
}

bool read_flag(DerReader& r, unsigned number) {
  if (!r.next_is(tag::context(number))) return false;
  const Bytes octets = r.content(tag::context(number));
  // An encoded FALSE is no DER, but taken as in other extensions.
  if (octets.size() == 1 && (octets[0] == 0x00 || octets[0] == 0xff)) return octets[0] == 0xff;
  r.fail("a BOOLEAN is neither 00 nor FF");
  return false;
}

/// Every name is compared with every other: beyond these, which nobody needs, they match nothing.
constexpr size_t max_names = 32;

/// The names to compare, the one relative to the issuer's as a whole Name in `storage`.
std::vector<GeneralName> complete(const DistributionPointName& name, Bytes issuer_name,
                                  std::vector<uint8_t>& storage) {
  if (name.relative.empty())
    return {name.full.begin(),
            name.full.begin() + static_cast<ptrdiff_t>(std::min(max_names, name.full.size()))};
  DerReader r(issuer_name);
  const Bytes rdns = r.content(tag::sequence);
  storage = to_der([&](DerWriter& w) {
    w.sequence([&](DerWriter& w) {
      w.raw(rdns);
      w.value(tag::set, name.relative);
    });
  });
  return {{GeneralNameKind::directory, storage}};
}

bool same_name(const GeneralName& a, const GeneralName& b) {
  if (a.kind != b.kind) return false;
  return a.kind == GeneralNameKind::directory ? names_equal(a.value, b.value)
                                              : equal_vartime(a.value, b.value);
}

}  // namespace

std::vector<DistributionPoint> read_distribution_points(DerReader& r) {
  std::vector<DistributionPoint> out;
  r.sequence([&](DerReader& r) {
    if (!r.more()) r.fail("a list of distribution points is empty");
    while (r.more()) {
      r.sequence([&](DerReader& r) {
        DistributionPoint point;
        if (r.next_is(tag::context_constructed(0))) point.name = read_point_name(r);
        if (r.next_is(tag::context(1))) point.reasons = read_reasons(r, 1);
        if (r.next_is(tag::context_constructed(2)))
          point.crl_issuer = read_general_names(r, tag::context_constructed(2));
        // RFC 5280 §4.2.1.13: reasons alone point nowhere.
        if (!point.name && point.crl_issuer.empty())
          r.fail("a distribution point has neither a name nor a cRLIssuer");
        out.push_back(std::move(point));
      });
    }
  });
  return out;
}

IssuingDistributionPoint read_issuing_distribution_point(DerReader& r) {
  IssuingDistributionPoint out;
  r.sequence([&](DerReader& r) {
    if (r.next_is(tag::context_constructed(0))) out.name = read_point_name(r);
    const bool users = read_flag(r, 1), cas = read_flag(r, 2);
    if (r.next_is(tag::context(3))) out.reasons = read_reasons(r, 3);
    out.indirect = read_flag(r, 4);
    const bool attributes = read_flag(r, 5);
    // RFC 5280 §5.2.5: at most one of the three is TRUE.
    if (users + cas + attributes > 1) r.fail("the scope of the list contradicts itself");
    out.scope = users        ? ListScope::user_certificates
                : cas        ? ListScope::ca_certificates
                : attributes ? ListScope::attribute_certificates
                             : ListScope::all;
  });
  return out;
}

bool share_a_name(const DistributionPointName& a, const DistributionPointName& b, Bytes issuer_name) {
  std::vector<uint8_t> a_storage, b_storage;
  const auto a_names = complete(a, issuer_name, a_storage), b_names = complete(b, issuer_name, b_storage);
  for (const GeneralName& one : a_names)
    for (const GeneralName& other : b_names)
      if (same_name(one, other)) return true;
  return false;
}

}  // namespace bulla::x509
