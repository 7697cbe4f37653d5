// CertID (RFC 6960 §4.1.1): which certificate OCSP speaks of, by hashes of its issuer's name and key.
#pragma once

#include "asn1/der_writer.h"
#include "x509/algorithm.h"

#include <bulla/certificate.h>

#include <array>
#include <optional>
#include <vector>

namespace bulla::x509 {

struct CertId {
  std::optional<HashId> hash = {};  ///< none where it is of a kind that this library does not have
  Bytes name_hash = {}, key_hash = {};
  Bytes serial = {};  ///< INTEGER content
  Bytes whole = {};   ///< as it stands, to be echoed
};
CertId read_cert_id(asn1::DerReader& r);

/// The hashes of one issuer, each computed once: a response may name the same issuer a thousand times.
class IssuerHashes {
 public:
  /// `issuer_name`: the Name as the certificate has it; `key`: the issuer's.
  IssuerHashes(Bytes issuer_name, const SubjectPublicKey& key, const Provider& provider) noexcept
      : name_(issuer_name), key_(key.bits), provider_(provider) {}
  /// Whether the CertID names this issuer.
  bool are_in(const CertId& id);
  /// The CertID of SHA-1 with this serial number.
  void write_cert_id(asn1::DerWriter& w, Bytes serial);

 private:
  struct Pair {
    std::vector<uint8_t> name, key;
  };
  const Pair* of(HashId hash);
  Bytes name_, key_;
  const Provider& provider_;
  std::array<std::optional<Pair>, 4> known_;
};

/// KeyHash of a ResponderID (RFC 6960 §4.2.1): SHA-1, which names a key and proves nothing.
std::vector<uint8_t> key_hash_of(const SubjectPublicKey& key, const Provider& provider);

}  // namespace bulla::x509
