// Encrypted PKCS#8: EncryptedPrivateKeyInfo (RFC 5958 §3) under PBES2 (RFC 8018 §6.2) with PBKDF2 and
// AES-CBC, as `openssl` writes it.
#include "asn1/der_reader.h"
#include "base/ct.h"
#include "crypto/pbkdf2.h"
#include "x509/algorithm.h"
#include "x509/private_key.h"

namespace bulla::x509 {
namespace {

using namespace asn1;

struct Pbes2 {
  Bytes salt = {};
  uint32_t iterations = 0;
  HashId hash = HashId::sha1;
  size_t key_size = 0;
  Bytes iv = {};
  Bytes encrypted = {};
};

Error malformed(std::string_view why) {
  return {ErrorCode::key_malformed, std::string(why)};
}
Error unsupported(std::string_view what) {
  return {ErrorCode::key_unsupported, "it is encrypted with " + std::string(what)};
}

std::optional<HashId> prf_hash(const AlgorithmIdentifier& prf) {
  if (oids::hmac_sha1 == prf.oid) return HashId::sha1;
  if (oids::hmac_sha256 == prf.oid) return HashId::sha256;
  if (oids::hmac_sha384 == prf.oid) return HashId::sha384;
  if (oids::hmac_sha512 == prf.oid) return HashId::sha512;
  return {};
}

/// PBKDF2-params (RFC 8018 §A.2). The key length, if given, must be the cipher's.
Result<void> read_pbkdf2(Bytes parameters, Pbes2& out) {
  DerReader r(parameters);
  uint64_t iterations = 0, key_size = out.key_size;
  AlgorithmIdentifier prf;
  bool other_salt = false;
  r.sequence([&](DerReader& r) {
    if (r.next_is(tag::sequence))
      other_salt = !r.any().whole.empty();
    else
      out.salt = r.octet_string();
    iterations = r.small_integer(UINT64_MAX);
    if (r.next_is(tag::integer)) key_size = r.small_integer(1024);
    if (r.more()) prf = read_algorithm(r);
  });
  if (!r.done()) return malformed(r.why());
  if (other_salt) return unsupported("a salt that is not given in the file");
  if (iterations == 0) return malformed("PBKDF2 with no iterations");
  if (iterations > max_pbkdf2_iterations)
    return unsupported(std::to_string(iterations) + " iterations of PBKDF2, more than " +
                       std::to_string(max_pbkdf2_iterations));
  if (key_size != out.key_size)
    return malformed("PBKDF2 makes a key of another length than the cipher takes");
  if (!prf.oid.empty()) {
    const auto hash = prf_hash(prf);
    if (!hash) return unsupported("PBKDF2 over " + to_dotted(prf.oid));
    out.hash = *hash;
  }
  out.iterations = static_cast<uint32_t>(iterations);
  return {};
}

Result<void> read_cipher(const AlgorithmIdentifier& cipher, Pbes2& out) {
  if (oids::aes_128_cbc == cipher.oid)
    out.key_size = 16;
  else if (oids::aes_192_cbc == cipher.oid)
    out.key_size = 24;
  else if (oids::aes_256_cbc == cipher.oid)
    out.key_size = 32;
  else
    return unsupported("the cipher " + to_dotted(cipher.oid));
  DerReader r(cipher.parameters);
  out.iv = r.octet_string();
  if (!r.done() || out.iv.size() != 16) return malformed("the initialization vector of AES has 16 bytes");
  return {};
}

Result<Pbes2> read_encrypted(Bytes der) {
  Pbes2 out;
  DerReader r(der);
  AlgorithmIdentifier scheme;
  r.sequence([&](DerReader& r) {
    scheme = read_algorithm(r);
    out.encrypted = r.octet_string();
  });
  if (!r.done()) return malformed(r.why());
  if (!(oids::pbes2 == scheme.oid)) return unsupported("the old scheme " + to_dotted(scheme.oid));
  AlgorithmIdentifier kdf, cipher;
  DerReader parameters(scheme.parameters);
  parameters.sequence([&](DerReader& r) {
    kdf = read_algorithm(r);
    cipher = read_algorithm(r);
  });
  if (!parameters.done()) return malformed(parameters.why());
  BULLA_TRY(read_cipher(cipher, out));
  if (oids::scrypt == kdf.oid) return unsupported("scrypt");
  if (!(oids::pbkdf2 == kdf.oid)) return unsupported("the key derivation " + to_dotted(kdf.oid));
  BULLA_TRY(read_pbkdf2(kdf.parameters, out));
  if (out.encrypted.empty() || out.encrypted.size() % 16) return malformed("the encrypted part is cut off");
  return out;
}

/// RFC 8018 §6.1.1: 1 to 16 octets, each of which tells their number. A wrong passphrase almost always shows
/// here.
std::optional<size_t> unpadded_size(Bytes plain) {
  constexpr auto padding_is_public = "who has the key file sees about how long the key in it is";
  const size_t padding = ct::declassified(plain.back(), padding_is_public);
  if (padding == 0 || padding > 16) return {};
  ct::declassify(plain.last(padding).data(), padding, padding_is_public);
  for (const uint8_t octet : plain.last(padding))
    if (octet != padding) return {};
  return plain.size() - padding;
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

Result<SecretBytes> decrypt_pkcs8(Bytes der, std::string_view passphrase, const Provider& provider) {
  BULLA_TRY(const Pbes2 box, read_encrypted(der));
  if (passphrase.empty()) return ErrorCode::key_passphrase_needed;
  const HashAlgorithm* hash = provider.hash(box.hash);
  if (!hash || !provider.key_files.cbc_decrypt)
    return Error{ErrorCode::key_unsupported,
                 "the provider " + std::string(provider.name) + " does not open key files"};
  SecretBytes key(box.key_size);
  pbkdf2(*hash, as_bytes(passphrase), box.salt, box.iterations, key.writable());
  SecretBytes plain(box.encrypted);
  provider.key_files.cbc_decrypt(key.reveal(), box.iv, plain.writable());
  const auto size = unpadded_size(plain.reveal());
  if (!size || !is_one_sequence(plain.reveal().first(*size))) return ErrorCode::key_passphrase_wrong;
  return SecretBytes(plain.reveal().first(*size));
}

}  // namespace bulla::x509
