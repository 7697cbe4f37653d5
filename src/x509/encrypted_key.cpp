// Encrypted PKCS#8: EncryptedPrivateKeyInfo (RFC 5958 §3) under PBES2, as OpenSSL, GnuTLS and Java write it.
#include "asn1/der_reader.h"
#include "base/ct.h"
#include "x509/pbes2.h"

#include <algorithm>

namespace bulla::x509 {
namespace {

using namespace asn1;

Result<Pbes2> read_encrypted(Bytes der, const KeyFileLimits& limits) {
  DerReader r(der);
  AlgorithmIdentifier scheme;
  Bytes encrypted;
  r.sequence([&](DerReader& r) {
    scheme = read_algorithm(r);
    encrypted = r.octet_string();
  });
  if (!r.done()) return Error{ErrorCode::key_malformed, r.why()};
  return read_pbes2(scheme, encrypted, limits);
}

/// Whether this is one DER SEQUENCE and nothing else: padding that is right by chance (1 of 256) ends here.
bool is_one_sequence(Bytes der) {
  ct::declassify(der.data(), std::min<size_t>(der.size(), 4),
                 "a tag and a length, the same for every key of a type");
  DerReader r(der);
  r.element(tag::sequence);
  return r.done();
}

}  // namespace

Result<SecretBytes> decrypt_pkcs8(Bytes der, std::string_view passphrase, const Provider& provider,
                                  const KeyFileLimits& limits) {
  BULLA_TRY(const Pbes2 box, read_encrypted(der, limits));
  if (passphrase.empty()) return ErrorCode::key_passphrase_needed;
  BULLA_TRY(SecretBytes plain, open_pbes2(box, as_bytes(passphrase), provider));
  if (!is_one_sequence(plain.reveal())) return ErrorCode::key_passphrase_wrong;
  return plain;
}

}  // namespace bulla::x509
