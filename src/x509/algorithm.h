// AlgorithmIdentifier (RFC 5280 §4.1.1.2) and what this library knows of signature algorithms and public
// keys.
#pragma once

#include "asn1/der_reader.h"
#include "asn1/oid.h"

#include <bulla/provider.h>

#include <optional>
#include <string>

namespace bulla::x509 {

/// An algorithm as it stands in DER; `parameters` is the whole element, empty where absent.
struct AlgorithmIdentifier {
  Bytes oid = {};
  Bytes parameters = {};
  Bytes whole = {};
};
AlgorithmIdentifier read_algorithm(asn1::DerReader& r);

/// The signature algorithm, if this library verifies it with exactly these parameters.
std::optional<SignatureAlgorithm> signature_algorithm_of(const AlgorithmIdentifier& algorithm);
/// SHA-1 or MD5 inside: known, and broken.
bool is_weak_signature(const AlgorithmIdentifier& algorithm);
/// The hash of a hash's AlgorithmIdentifier; RFC 4055 §2.1 says that NULL and absence both occur and mean the
/// same.
std::optional<HashId> hash_id_of(const AlgorithmIdentifier& algorithm);
/// For a person: "ecdsa-with-SHA256", "sha1WithRSAEncryption", or the OID.
std::string print_algorithm(const AlgorithmIdentifier& algorithm);

/// The named curves of EC keys (RFC 5480 §2.1.1.1, RFC 5915); `field` is the size of a coordinate and of a
/// scalar in bytes.
struct Curve {
  asn1::Oid oid;
  KeyType type;
  size_t field;
};
inline constexpr Curve curves[] = {{asn1::oids::p256, KeyType::ec_p256, 32},
                                   {asn1::oids::p384, KeyType::ec_p384, 48},
                                   {asn1::oids::p521, KeyType::ec_p521, 66}};

/// A SubjectPublicKeyInfo taken apart; views into the DER.
struct SubjectPublicKey {
  Bytes spki = {};  ///< the whole SubjectPublicKeyInfo
  AlgorithmIdentifier algorithm = {};
  Bytes bits = {};                        ///< the content of subjectPublicKey: what key identifiers hash
  std::optional<PublicKeyView> key = {};  ///< empty where the key is of no kind that this library uses
  const char* why_unusable = "";          ///< where `key` is empty, for a person
};
SubjectPublicKey read_public_key(asn1::DerReader& r);

/// RSASSA-PSS-params (RFC 4055 §3.1) of the kind that TLS uses: one hash for message and MGF1, salt as long
/// as it.
std::optional<HashId> pss_hash_of(Bytes parameters);

/// Bits of an RSA modulus; of an ML-DSA public key; the size of the field for the others.
unsigned key_bits(const PublicKeyView& key) noexcept;
/// What a signature by this key costs to check at most, in those of ECDSA P-256 (docs/benchmarks.md, rounded
/// up). RSA grows with the square of the modulus, and with an exponent that a peer chose comes to the same.
unsigned signature_cost(const PublicKeyView& key) noexcept;
/// "RSA 2048", "ECDSA P-256", for a person.
std::string print_key(const SubjectPublicKey& key);

}  // namespace bulla::x509
