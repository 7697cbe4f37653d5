#include "x509/pbes2.h"

#include "base/ct.h"
#include "crypto/pbkdf2.h"
#include "x509/other_encryption.h"

#include <algorithm>

namespace bulla::x509 {
namespace {

using namespace asn1;

Error malformed(std::string_view why) {
  return {ErrorCode::key_malformed, std::string(why)};
}
Error unsupported(std::string_view what) {
  return {ErrorCode::key_unsupported, "it is encrypted with " + std::string(what)};
}

struct NamedPrf {
  Oid oid;
  HashId hash;
  std::string_view name;
};
constexpr NamedPrf prfs[] = {{oids::hmac_sha1, HashId::sha1, "HMAC-SHA-1"},
                             {oids::hmac_sha256, HashId::sha256, "HMAC-SHA-256"},
                             {oids::hmac_sha384, HashId::sha384, "HMAC-SHA-384"},
                             {oids::hmac_sha512, HashId::sha512, "HMAC-SHA-512"}};

struct NamedCipher {
  Oid oid;
  size_t key_size;
  std::string_view name;
};
constexpr NamedCipher ciphers[] = {{oids::aes_128_cbc, 16, "AES-128-CBC"},
                                   {oids::aes_192_cbc, 24, "AES-192-CBC"},
                                   {oids::aes_256_cbc, 32, "AES-256-CBC"}};

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
  Scrypt scrypt;
  uint64_t key_size = out.key_size;
  r.sequence([&](DerReader& r) {
    scrypt.salt = r.octet_string();
    scrypt.cost.n = r.small_integer(UINT64_MAX);
    scrypt.cost.r = static_cast<uint32_t>(r.small_integer(UINT32_MAX));
    scrypt.cost.p = static_cast<uint32_t>(r.small_integer(UINT32_MAX));
    if (r.next_is(tag::integer)) key_size = r.small_integer(1024);
  });
  if (!r.done()) return malformed(r.why());
  if (key_size != out.key_size)
    return malformed("scrypt makes a key of another length than the cipher takes");
  BULLA_TRY(check_cost(scrypt.cost, limits));
  out.derivation = scrypt;
  return {};
}

Result<void> read_cipher(const AlgorithmIdentifier& cipher, Pbes2& out) {
  const auto* known =
      std::ranges::find_if(ciphers, [&](const NamedCipher& c) { return c.oid == cipher.oid; });
  if (known == std::end(ciphers)) return other_encryption(cipher.oid);
  out.key_size = known->key_size;
  DerReader r(cipher.parameters);
  out.iv = r.octet_string();
  if (!r.done() || out.iv.size() != 16) return malformed("the initialization vector of AES has 16 bytes");
  return {};
}

/// The key of the cipher; nothing where the provider lacks the hash that it is derived with.
std::optional<SecretBytes> derive_key(const Pbes2& box, Bytes passphrase, const Provider& provider) {
  SecretBytes key(box.key_size);
  if (const auto* by_pbkdf2 = std::get_if<Pbkdf2>(&box.derivation)) {
    if (!derive(*by_pbkdf2, passphrase, provider, key.writable())) return {};
    return key;
  }
  const HashAlgorithm* sha256 = provider.hash(HashId::sha256);
  if (!sha256) return {};
  const Scrypt& how = std::get<Scrypt>(box.derivation);
  scrypt(*sha256, passphrase, how.salt, how.cost, key.writable());
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

}  // namespace

Result<Pbkdf2> read_pbkdf2(Bytes parameters, const KeyFileLimits& limits) {
  DerReader r(parameters);
  Pbkdf2 out;
  uint64_t iterations = 0;
  AlgorithmIdentifier prf;
  bool other_salt = false;
  r.sequence([&](DerReader& r) {
    if (r.next_is(tag::sequence))
      other_salt = !r.any().whole.empty();
    else
      out.salt = r.octet_string();
    iterations = r.small_integer(UINT64_MAX);
    if (r.next_is(tag::integer)) out.key_size = r.small_integer(1024);
    if (r.more()) prf = read_algorithm(r);
  });
  if (!r.done()) return malformed(r.why());
  if (other_salt) return unsupported("a salt that is not given in the file");
  if (iterations == 0) return malformed("PBKDF2 with no iterations");
  if (iterations > limits.pbkdf2_iterations)
    return unsupported(std::to_string(iterations) + " iterations of PBKDF2, more than " +
                       std::to_string(limits.pbkdf2_iterations));
  out.iterations = static_cast<uint32_t>(iterations);
  if (prf.oid.empty()) return out;
  const auto* known = std::ranges::find_if(prfs, [&](const NamedPrf& p) { return p.oid == prf.oid; });
  if (known == std::end(prfs)) return other_encryption(prf.oid);
  out.hash = known->hash;
  return out;
}

bool derive(const Pbkdf2& how, Bytes passphrase, const Provider& provider, MutBytes out) {
  const HashAlgorithm* hash = provider.hash(how.hash);
  if (hash) pbkdf2(*hash, passphrase, how.salt, how.iterations, out);
  return hash != nullptr;
}

uint64_t Pbes2::work() const noexcept {
  if (const auto* by_scrypt = std::get_if<Scrypt>(&derivation)) return by_scrypt->cost.work() / 2 + 1;
  const Pbkdf2& by_pbkdf2 = std::get<Pbkdf2>(derivation);
  const size_t digest = by_pbkdf2.hash == HashId::sha1 ? 20 : 32;
  return uint64_t{by_pbkdf2.iterations} * ((key_size + digest - 1) / digest);
}

Result<Pbes2> read_pbes2(const AlgorithmIdentifier& scheme, Bytes encrypted, const KeyFileLimits& limits) {
  if (!(oids::pbes2 == scheme.oid)) return other_encryption(scheme.oid);
  Pbes2 out{.encrypted = encrypted};
  AlgorithmIdentifier kdf, cipher;
  DerReader parameters(scheme.parameters);
  parameters.sequence([&](DerReader& r) {
    kdf = read_algorithm(r);
    cipher = read_algorithm(r);
  });
  if (!parameters.done()) return malformed(parameters.why());
  BULLA_TRY(read_cipher(cipher, out));
  if (oids::scrypt == kdf.oid) {
    BULLA_TRY(read_scrypt(kdf.parameters, limits, out));
  } else if (oids::pbkdf2 == kdf.oid) {
    BULLA_TRY(const Pbkdf2 how, read_pbkdf2(kdf.parameters, limits));
    if (how.key_size.value_or(out.key_size) != out.key_size)
      return malformed("PBKDF2 makes a key of another length than the cipher takes");
    out.derivation = how;
  } else {
    return other_encryption(kdf.oid);
  }
  if (encrypted.empty() || encrypted.size() % 16) return malformed("the encrypted part is cut off");
  return out;
}

Result<SecretBytes> open_pbes2(const Pbes2& box, Bytes passphrase, const Provider& provider) {
  const auto key = derive_key(box, passphrase, provider);
  if (!key || !provider.key_files.cbc_decrypt)
    return Error{ErrorCode::key_unsupported,
                 "the provider " + std::string(provider.name) + " does not open key files"};
  SecretBytes plain(box.encrypted);
  provider.key_files.cbc_decrypt(key->reveal(), box.iv, plain.writable());
  const auto size = unpadded_size(plain.reveal());
  if (!size) return ErrorCode::key_passphrase_wrong;
  return SecretBytes(plain.reveal().first(*size));
}

std::string print_encryption(const AlgorithmIdentifier& scheme) {
  // Told, not opened: any cost will do, and the cipher's text is not looked at.
  constexpr KeyFileLimits any = {
      .pbkdf2_iterations = UINT32_MAX, .scrypt_memory = UINT64_MAX, .scrypt_work = UINT64_MAX};
  constexpr uint8_t block[16] = {};
  const auto box = read_pbes2(scheme, block, any);
  if (!box) {
    constexpr std::string_view words = "it is encrypted with ";
    const std::string& detail = box.error().detail;
    return detail.starts_with(words) ? detail.substr(words.size()) : "malformed parameters: " + detail;
  }
  std::string out;
  for (const NamedCipher& cipher : ciphers)
    if (cipher.key_size == box->key_size) out = cipher.name;
  if (const auto* by_scrypt = std::get_if<Scrypt>(&box->derivation))
    return out + ", scrypt with N = " + std::to_string(by_scrypt->cost.n) +
           ", r = " + std::to_string(by_scrypt->cost.r) + ", p = " + std::to_string(by_scrypt->cost.p);
  const Pbkdf2& by_pbkdf2 = std::get<Pbkdf2>(box->derivation);
  for (const NamedPrf& prf : prfs)
    if (prf.hash == by_pbkdf2.hash) out += ", PBKDF2 with " + std::string(prf.name);
  return out + " and " + std::to_string(by_pbkdf2.iterations) + " iterations";
}

std::optional<std::string> print_key_encryption(Bytes der) {
  DerReader r(der);
  AlgorithmIdentifier scheme;
  r.sequence([&](DerReader& r) {
    scheme = read_algorithm(r);
    r.octet_string();
  });
  if (!r.done()) return {};
  return print_encryption(scheme);
}

}  // namespace bulla::x509
