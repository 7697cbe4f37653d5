// Certificates made to measure, mostly wrong ones: written field by field with the DER writer and signed with
// a key on a curve or of ML-DSA.
#pragma once

#include "asn1/der_writer.h"

#include <bulla/certificate.h>

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bulla::test {

/// 2026-01-01 00:00:00 UTC: the moment of most tests.
Time test_now();

/// One certificate to be; everything has a value that verifies.
struct Draft {
  std::string subject = "Leaf";  ///< commonName; empty for an empty subject
  uint8_t version = 3;
  std::vector<uint8_t> serial = {0x01};  ///< INTEGER content, written as it is
  Time not_before = test_now() - std::chrono::hours(24);
  Time not_after = test_now() + std::chrono::hours(24);
  std::vector<std::string> dns = {"example.com"};
  std::vector<std::vector<uint8_t>> ips = {};
  std::optional<bool> ca = {};  ///< absent: no basicConstraints
  std::optional<uint32_t> path_length = {};
  std::optional<uint32_t> key_usage = {};  ///< named bits, bit n is named bit n
  std::vector<asn1::Oid> purposes = {};
  /// Adds whole Extension elements.
  std::function<void(asn1::DerWriter&)> more_extensions = {};
  /// Writes the signatureAlgorithm; that of the issuer's key by default. `outer` tells the second of the two.
  std::function<void(asn1::DerWriter&, bool outer)> algorithm = {};
  /// Writes the SubjectPublicKeyInfo; the subject's key by default.
  std::function<void(asn1::DerWriter&)> spki = {};
  /// Takes the place of the two dates.
  std::function<void(asn1::DerWriter&)> validity = {};
  /// Writes issuer or subject in place of a commonName.
  std::function<void(asn1::DerWriter&)> subject_name = {};
  bool key_identifiers = true;
};

/// A key of P-256, P-384, P-521 or ML-DSA.
SigningKeyPtr new_key(KeyType type = KeyType::ec_p256);

/// A certificate with its key: a CA, or a leaf.
struct Entity {
  std::string subject;
  std::vector<uint8_t> name_der;
  SigningKeyPtr key;
  std::vector<uint8_t> der;
  CertificatePtr certificate;  ///< nullptr where the draft does not parse
};

/// Makes and signs the certificate; `issuer` nullptr: by itself. `key`: another key than a fresh one.
Entity issue(const Draft& draft, const Entity* issuer = nullptr, SigningKeyPtr key = nullptr);
/// A CA: basicConstraints and keyCertSign.
Draft ca_draft(std::string subject);
/// A leaf, and eight CAs that have all certified each other.
std::vector<CertificatePtr> mesh();

/// What the key signs with by default, as an AlgorithmIdentifier; and a signature of it.
void write_signature_algorithm(asn1::DerWriter& w, const SigningKey& key);
std::vector<uint8_t> sign(const SigningKey& key, Bytes message);

/// An Extension with a value written by `value`.
enum class Critical : bool { no, yes };
void write_extension(asn1::DerWriter& w, const asn1::Oid& oid, Critical critical,
                     const std::function<void(asn1::DerWriter&)>& value);

}  // namespace bulla::test
