// Encrypted PKCS#8: EncryptedPrivateKeyInfo (RFC 5958 §3) under PBES2 (RFC 8018 §6.2) with PBKDF2 or scrypt
// (RFC 7914 §7), and AES-CBC, as OpenSSL, GnuTLS and Java write it.
#include "asn1/der_reader.h"
#include "base/ct.h"
#include "crypto/pbkdf2.h"
#include "crypto/scrypt/scrypt.h"
#include "x509/algorithm.h"
#include "x509/other_encryption.h"
#include "x509/private_key.h"

#include <variant>

namespace bulla::x509 {
namespace {

using namespace asn1;

/// RFC 8018 §5.2, as far as a file says it.
struct Pbkdf2 {
  HashId hash = HashId::sha1;  // RFC 8018 §A.2: where none is named
  uint32_t iterations = 0;
};

struct Pbes2 {
  std::variant<Pbkdf2, ScryptCost> derivation;
  Bytes salt = {};
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
Result<void> read_pbkdf2(Bytes parameters, const KeyFileLimits& limits, Pbes2& out) {
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
  if (iterations > limits.pbkdf2_iterations)
    return unsupported(std::to_string(iterations) + " iterations of PBKDF2, more than " +
                       std::to_string(limits.pbkdf2_iterations));
  if (key_size != out.key_size)
    return malformed("PBKDF2 makes a key of another length than the cipher takes");
  Pbkdf2 pbkdf2{.iterations = static_cast<uint32_t>(iterations)};
  if (!prf.oid.empty()) {
    const auto hash = prf_hash(prf);
    if (!hash) return other_encryption(prf.oid);
    pbkdf2.hash = *hash;
  }
  out.derivation = pbkdf2;
  return {};
}

/// What scrypt costs is read from the file: judged before anything is allocated or computed.
Result<void> check_cost(const ScryptCost& cost, const KeyFileLimits& limits) {
  const auto memory = cost.memory();
  if (!memory) return malformed("scrypt with a cost that RFC 7914 §6 does not know");
  if (*memory <= limits.scrypt_memory && cost.work() <= limits.scrypt_work) return {};
  Error error = unsupported("scrypt at a cost of N = " + std::to_string(cost.n) +
                            ", r = " + std::to_string(cost.r) + ", p = " + std::to_string(cost.p));
  error.detail += *memory > limits.scrypt_memory
                      ? ", which takes " + std::to_string(*memory >> 20) + " MiB of memory, more than " +
                            std::to_string(limits.scrypt_memory >> 20)
                      : ", more work than N * r * p = " + std::to_string(limits.scrypt_work);
  error.remedy = "encrypt it anew, with the program that wrote it: N = 16384, r = 8, p = 5 is enough";
  return error;
}

/// scrypt-params (RFC 7914 §7.1). The key length, if given, must be the cipher's.
Result<void> read_scrypt(Bytes parameters, const KeyFileLimits& limits, Pbes2& out) {
  DerReader r(parameters);
  ScryptCost cost{};
  uint64_t key_size = out.key_size;
  r.sequence([&](DerReader& r) {
    out.salt = r.octet_string();
    cost.n = r.small_integer(UINT64_MAX);
    cost.r = static_cast<uint32_t>(r.small_integer(UINT32_MAX));
    cost.p = static_cast<uint32_t>(r.small_integer(UINT32_MAX));
    if (r.next_is(tag::integer)) key_size = r.small_integer(1024);
  });
  if (!r.done()) return malformed(r.why());
  if (key_size != out.key_size)
    return malformed("scrypt makes a key of another length than the cipher takes");
  BULLA_TRY(check_cost(cost, limits));
  out.derivation = cost;
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
    return other_encryption(cipher.oid);
  DerReader r(cipher.parameters);
  out.iv = r.octet_string();
  if (!r.done() || out.iv.size() != 16) return malformed("the initialization vector of AES has 16 bytes");
  return {};
}

Result<Pbes2> read_encrypted(Bytes der, const KeyFileLimits& limits) {
  Pbes2 out;
  DerReader r(der);
  AlgorithmIdentifier scheme;
  r.sequence([&](DerReader& r) {
    scheme = read_algorithm(r);
    out.encrypted = r.octet_string();
  });
  if (!r.done()) return malformed(r.why());
  if (!(oids::pbes2 == scheme.oid)) return other_encryption(scheme.oid);
  AlgorithmIdentifier kdf, cipher;
  DerReader parameters(scheme.parameters);
  parameters.sequence([&](DerReader& r) {
    kdf = read_algorithm(r);
    cipher = read_algorithm(r);
  });
  if (!parameters.done()) return malformed(parameters.why());
  BULLA_TRY(read_cipher(cipher, out));
  if (oids::scrypt == kdf.oid)
    BULLA_TRY(read_scrypt(kdf.parameters, limits, out));
  else if (oids::pbkdf2 == kdf.oid)
    BULLA_TRY(read_pbkdf2(kdf.parameters, limits, out));
  else
    return other_encryption(kdf.oid);
  if (out.encrypted.empty() || out.encrypted.size() % 16) return malformed("the encrypted part is cut off");
  return out;
}

/// The key of the cipher; nothing where the provider lacks the hash that it is derived with.
std::optional<SecretBytes> derive_key(const Pbes2& box, Bytes passphrase, const Provider& provider) {
  const auto* by_pbkdf2 = std::get_if<Pbkdf2>(&box.derivation);
  const HashAlgorithm* hash = provider.hash(by_pbkdf2 ? by_pbkdf2->hash : HashId::sha256);
  if (!hash) return {};
  SecretBytes key(box.key_size);
  if (by_pbkdf2)
    pbkdf2(*hash, passphrase, box.salt, by_pbkdf2->iterations, key.writable());
  else
    scrypt(*hash, passphrase, box.salt, std::get<ScryptCost>(box.derivation), key.writable());
  return key;
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

Result<SecretBytes> decrypt_pkcs8(Bytes der, std::string_view passphrase, const Provider& provider,
                                  const KeyFileLimits& limits) {
  BULLA_TRY(const Pbes2 box, read_encrypted(der, limits));
  if (passphrase.empty()) return ErrorCode::key_passphrase_needed;
  const auto key = derive_key(box, as_bytes(passphrase), provider);
  if (!key || !provider.key_files.cbc_decrypt)
    return Error{ErrorCode::key_unsupported,
                 "the provider " + std::string(provider.name) + " does not open key files"};
  SecretBytes plain(box.encrypted);
  provider.key_files.cbc_decrypt(key->reveal(), box.iv, plain.writable());
  const auto size = unpadded_size(plain.reveal());
  if (!size || !is_one_sequence(plain.reveal().first(*size))) return ErrorCode::key_passphrase_wrong;
  return SecretBytes(plain.reveal().first(*size));
}

}  // namespace bulla::x509
