// SIGNED{ToBeSigned}: the form that certificates (RFC 5280 §4.1) and revocation lists (RFC 5280 §5.1) share.
#pragma once

#include "x509/algorithm.h"

namespace bulla::x509 {

/// Reads the three parts into `out.tbs`, `out.signature`, `out.signature_value` and
/// `out.signature_algorithm`. `read_tbs(reader, out, algorithm)` takes apart what is signed, and the
/// algorithm that stands in it: RFC 5280 §4.1.1.2 and §5.1.1.2 want the same one inside, where it is signed,
/// and outside.
template <class Parsed, class ReadTbs>
void read_signed(asn1::DerReader& r, Parsed& out, const ReadTbs& read_tbs) {
  AlgorithmIdentifier inner_signature;
  r.sequence([&](asn1::DerReader& r) {
    const asn1::Element tbs = r.element(asn1::tag::sequence);
    out.tbs = tbs.whole;
    out.signature = read_algorithm(r);
    out.signature_value = r.bit_string_octets();
    if (!r.ok()) return;
    asn1::DerReader inner(tbs.content);
    read_tbs(inner, out, inner_signature);
    if (!inner.done()) r.fail(inner.why());
  });
  if (r.done() && !equal_vartime(inner_signature.whole, out.signature.whole))
    r.fail("the two signature algorithms differ");
  if (r.done()) out.signature_algorithm = signature_algorithm_of(out.signature);
}

}  // namespace bulla::x509
