// Whether a certificate, a revocation list or a certification request is one: our parsers asked, and
// libcrypto's. Where they differ, a table says why; each reason is a claim about the input that is checked
// without our parser. For fuzzing, and for the test over all data at hand.
#pragma once

#include "ber_facts.h"
#include "libcrypto_view.h"
#include "support/credulous_provider.h"

#include <bulla/certificate.h>
#include <bulla/pki.h>
#include <bulla/revocation.h>

#include <string>
#include <string_view>

namespace bulla::test {

/// An input, what is known of it, and both answers. `why`: what the side that refuses objects to.
struct Judged {
  Kind kind;
  Bytes der;
  BerFacts ber;
  LibcryptoView peer;
  bool ours = false;
  std::string why = {};
  bool differ() const { return ours != peer.accepts(); }
};

inline Judged judge(Kind kind, Bytes der) {
  Judged out = {.kind = kind, .der = der, .ber = look_at_ber(der), .peer = LibcryptoView(kind, der)};
  const auto note = [&](const auto& result) {
    // A request that is well-formed, but would not be granted, is one.
    out.ours = result.ok() || result.error().code == ErrorCode::csr_unacceptable ||
               result.error().code == ErrorCode::csr_bad_signature;
    if (!out.ours) out.why = result.error().detail;
  };
  switch (kind) {
    case Kind::certificate: note(Certificate::from_der(der)); break;
    case Kind::list: note(RevocationList::from_der(der)); break;
    case Kind::request:
      note(pki::CertificationRequest::from_pem_or_der(der, test::credulous_provider()));
      break;
  }
  if (out.ours) out.why = out.peer.objection();
  return out;
}

/// Why one side refuses what the other takes: `objection` is part of what it says, `holds` whether it is so.
struct Difference {
  std::string_view objection;
  bool (*holds)(const Judged& judged);
};

/// A version that no certificate, list or request has (RFC 5280 §4.1.2.1, §5.1.2.1, RFC 2986 §4.1).
inline bool has_odd_version(const Judged& judged) {
  const long newest = judged.kind == Kind::certificate ? 3 : judged.kind == Kind::list ? 2 : 1;
  return judged.peer.version() < 1 || judged.peer.version() > newest;
}

/// Some form that DER does not have: where ours says no more than that a part is malformed.
inline bool is_not_der(const BerFacts& ber) {
  return ber.indefinite || ber.long_length || ber.high_tag || ber.reserved_tag || ber.boolean ||
         ber.integer || ber.unused_bits || ber.constructed_string || ber.primitive_list ||
         ber.empty_constructed;
}

/// What stands where RFC 5280 has ANY, or what nobody here uses, is kept as it is: parameters of algorithms,
/// otherName, x400Address and ediPartyName, attributes of requests.
inline bool has_opaque_garbage(const Judged& judged) {
  const BerFacts& ber = judged.ber;
  return ber.broken_inside || ber.odd_text || ber.odd_oid || ber.unused_bits || ber.boolean || ber.integer ||
         ber.null_content || ber.odd_attribute || ber.constructed_string || ber.primitive_list;
}

/// We refuse, libcrypto accepts. X.690 §8 (BER) is what libcrypto reads, §10 and §11 (DER) what RFC 5280 §4.1
/// asks for; then the profile.
inline constexpr Difference we_refuse[] = {
    {"an indefinite length", [](const Judged& j) { return j.ber.indefinite; }},
    {"a length is not in its shortest form", [](const Judged& j) { return j.ber.long_length; }},
    {"a length beyond reason", [](const Judged& j) { return j.ber.long_length; }},
    {"a tag of more than one octet", [](const Judged& j) { return j.ber.high_tag; }},
    {"a tag that is reserved", [](const Judged& j) { return j.ber.reserved_tag; }},
    {"a BOOLEAN is neither", [](const Judged& j) { return j.ber.boolean; }},
    {"an INTEGER is not in its shortest form", [](const Judged& j) { return j.ber.integer; }},
    {"unused bits of a BIT STRING", [](const Judged& j) { return j.ber.unused_bits || j.ber.implicit_bits; }},
    {"a BIT STRING is malformed", [](const Judged& j) { return j.ber.unused_bits || j.ber.implicit_bits; }},
    {"elements nest too deeply", [](const Judged& j) { return j.ber.depth > 20; }},
    {"an element of another type",
     [](const Judged& j) { return j.ber.constructed_string || j.ber.primitive_list || j.ber.high_tag; }},
    {"of no known form", [](const Judged& j) { return j.ber.odd_name_form; }},
    {"is empty", [](const Judged& j) { return j.ber.empty_constructed; }},
    {"characters that are not ASCII", [](const Judged& j) { return j.ber.wide_ia5; }},
    {"a length that no address has", [](const Judged& j) { return j.ber.odd_address; }},
    {"has holes", [](const Judged& j) { return j.ber.holes; }},
    {"a date is not in the form", [](const Judged& j) { return j.peer.has_odd_date(); }},
    {"longer than 20 octets", [](const Judged& j) { return j.peer.serial_size() > 20; }},
    {"an extension occurs twice", [](const Judged& j) { return j.peer.repeats_an_extension(); }},
    {"too many extensions", [](const Judged& j) { return j.peer.extensions().size() > 64; }},
    {"two signature algorithms differ",
     [](const Judged& j) { return j.peer.algorithms_differ() || second_is_not_in_first(j.der); }},
    {"the SubjectPublicKeyInfo is malformed", [](const Judged& j) { return is_not_der(j.ber); }},
    {"an AlgorithmIdentifier is malformed", [](const Judged& j) { return is_not_der(j.ber); }},
    {"does not end at an octet", [](const Judged& j) { return j.ber.partial_octet; }},
    {"the version v1 is encoded", [](const Judged& j) { return j.peer.version() == 1; }},
    {"out of range", [](const Judged& j) { return has_odd_version(j) || j.peer.has_large_number(); }},
    {"negative where it may not be",
     [](const Judged& j) { return has_odd_version(j) || j.peer.has_large_number(); }},
    {"the version is none that exists", [](const Judged& j) { return j.peer.version() == 1; }},
    {"a version other than v1", [](const Judged& j) { return j.peer.version() != 1; }},
    {"below v3 has extensions", [](const Judged& j) { return j.peer.version() < 3; }},
    {"a v1 certificate has", [](const Judged& j) { return j.peer.version() < 2; }},
    {"a v1 list has", [](const Judged& j) { return j.peer.version() < 2; }},
    {"bytes follow where none may",
     [](const Judged& j) { return j.peer.has_bytes_behind_a_value() || j.ber.primitive_list; }},
    {"bytes follow where none may", [](const Judged& j) { return j.peer.claims().several_values; }},
    {"extensionRequest occurs twice", [](const Judged& j) { return j.peer.claims().several_values; }},
    {"the issuer has no name", [](const Judged& j) { return j.peer.lacks_an_issuer(); }},
    {"a distinguished name is malformed", [](const Judged& j) { return is_not_der(j.ber); }},
    {"the name of the issuer is malformed", [](const Judged& j) { return is_not_der(j.ber); }},
    {"the subject is malformed", [](const Judged& j) { return is_not_der(j.ber); }},
    {"a directoryName is malformed", [](const Judged& j) { return is_not_der(j.ber); }},
    {"keyUsage has no bit set", [](const Judged& j) { return j.peer.claims().no_key_usage; }},
    {"a policy is listed twice", [](const Judged& j) { return j.peer.claims().repeated_policy; }},
    {"a minimum or a maximum", [](const Judged& j) { return j.peer.claims().odd_subtree; }},
    {"a length that no address has", [](const Judged& j) { return j.peer.claims().odd_subtree; }},
    {"neither a name nor a cRLIssuer", [](const Judged& j) { return j.peer.claims().bare_point; }},
    {"contradicts itself", [](const Judged& j) { return j.peer.claims().odd_scope; }},
    {"a BOOLEAN is neither", [](const Judged& j) { return j.peer.claims().odd_flag; }},
    {"the CRL number is negative", [](const Judged& j) { return j.peer.has_large_number(); }},
    {"a reason that is none", [](const Judged& j) { return j.peer.has_large_number(); }},
};

/// The OIDs id-qt-cps and id-qt-unotice, whose values libcrypto takes apart.
inline bool has_known_qualifier(Bytes der) {
  constexpr uint8_t id_qt[] = {0x06, 0x08, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x02};
  return std::search(der.begin(), der.end(), std::begin(id_qt), std::end(id_qt)) != der.end();
}

/// libcrypto refuses, we accept.
inline constexpr Difference peer_refuses[] = {
    // Text of a name that is none: kept as it is, and equal to nothing but itself.
    {"invalid utf8string", [](const Judged& j) { return j.ber.odd_text; }},
    {"string is wrong length", [](const Judged& j) { return j.ber.odd_text; }},
    {"mstring", [](const Judged& j) { return j.ber.odd_attribute; }},
    // Of a list's key identifier, the issuer and the serial number of the key are not looked at.
    {"authorityKeyIdentifier", [](const Judged& j) { return j.kind == Kind::list; }},
    {"authorityKeyIdentifier", [](const Judged& j) { return j.ber.structured_name; }},
    {"subjectAltName", [](const Judged& j) { return j.ber.structured_name; }},
    {"nameConstraints", [](const Judged& j) { return j.ber.structured_name; }},
    {"crlDistributionPoints", [](const Judged& j) { return j.ber.structured_name; }},
    {"freshestCRL", [](const Judged& j) { return j.ber.structured_name; }},
    {"issuingDistributionPoint", [](const Judged& j) { return j.ber.structured_name; }},
    {"authorityInfoAccess", [](const Judged& j) { return j.ber.structured_name; }},
    {"certificateIssuer", [](const Judged& j) { return j.ber.structured_name; }},
    {"", has_opaque_garbage},
    // What a policy's qualifier says is shown to nobody, so it is not taken apart (RFC 5280 §4.2.1.4).
    {"certificatePolicies", [](const Judged& j) { return has_known_qualifier(j.der); }},
};

/// Whether a difference is explained.
inline bool is_explained(const Judged& judged) {
  const auto explains = [&](const Difference& one) {
    return judged.why.find(one.objection) != std::string::npos && one.holds(judged);
  };
  return judged.ours ? std::any_of(std::begin(peer_refuses), std::end(peer_refuses), explains)
                     : std::any_of(std::begin(we_refuse), std::end(we_refuse), explains);
}

}  // namespace bulla::test
