// Any secrets, salts and sizes: HMAC, HKDF, PBKDF2, the PRF of TLS 1.2 and scrypt over every kernel of their
// hash give what libcrypto gives.
#include "crypto/hkdf.h"
#include "crypto/pbkdf2.h"
#include "crypto/scrypt/scrypt.h"
#include "crypto/sha1/sha1.h"
#include "crypto/sha2/sha2.h"
#include "crypto/tls12_prf.h"
#include "kernels.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/kdf.h>

using namespace bulla;
using namespace bulla::fuzz;

namespace {

struct Hash {
  std::span<const crypto::Kernel<HashAlgorithm>> table;
  const char* name;  ///< to libcrypto
  const EVP_MD* (*md)();
};

struct Secrets {
  Bytes secret, salt;
  uint32_t iterations;
  size_t size;
};

OSSL_PARAM octets(const char* name, Bytes bytes) {
  static uint8_t nothing;
  return OSSL_PARAM_construct_octet_string(
      name, bytes.empty() ? &nothing : const_cast<uint8_t*>(bytes.data()), bytes.size());
}

/// One of libcrypto's key derivations.
ByteVector derived(const char* kdf, const char* hash, std::vector<OSSL_PARAM> parameters, size_t size) {
  parameters.push_back(OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, const_cast<char*>(hash), 0));
  parameters.push_back(OSSL_PARAM_construct_end());
  const std::unique_ptr<EVP_KDF, void (*)(EVP_KDF*)> method(EVP_KDF_fetch(nullptr, kdf, nullptr),
                                                            EVP_KDF_free);
  const std::unique_ptr<EVP_KDF_CTX, void (*)(EVP_KDF_CTX*)> context(EVP_KDF_CTX_new(method.get()),
                                                                     EVP_KDF_CTX_free);
  ByteVector out(size);
  BULLA_ASSERT(EVP_KDF_derive(context.get(), out.data(), size, parameters.data()) == 1, "libcrypto derives");
  return out;
}

void check_hmac(const Hash& hash, const Secrets& s) {
  const auto compute = [&](const HashAlgorithm& h) {
    ByteVector out(h.digest_size), again(h.digest_size);
    const HmacKey key(h, s.secret);
    key.mac({s.salt, s.secret}, out);
    Hmac running(key);
    running.update(s.salt);
    running.update(s.secret);
    running.finish(again);
    BULLA_ASSERT(out == again, "at once or in pieces, it is the same");
    return out;
  };
  ByteVector message = to_vector(s.salt), wanted(EVP_MAX_MD_SIZE);
  message.insert(message.end(), s.secret.begin(), s.secret.end());
  unsigned size = 0;
  HMAC(hash.md(), s.secret.empty() ? "" : static_cast<const void*>(s.secret.data()),
       static_cast<int>(s.secret.size()), message.data(), message.size(), wanted.data(), &size);
  wanted.resize(size);
  BULLA_ASSERT(same_of_all(hash.table, compute) == wanted, "HMAC is libcrypto's");
}

void check_hkdf(const Hash& hash, const Secrets& s) {
  if (s.secret.empty()) return;  // which libcrypto does not take
  const size_t size = 1 + s.size % hkdf_max_output(*hash.table.back().algorithm);
  const auto compute = [&](const HashAlgorithm& h) {
    ByteVector key(h.digest_size), out(size);
    hkdf_extract(h, s.salt, s.secret, key);
    hkdf_expand(h, key, s.salt, out);
    return out;
  };
  const ByteVector wanted = derived(
      "HKDF", hash.name, {octets("key", s.secret), octets("salt", s.salt), octets("info", s.salt)}, size);
  BULLA_ASSERT(same_of_all(hash.table, compute) == wanted, "HKDF is libcrypto's");
}

void check_tls12_prf(const Hash& hash, const Secrets& s) {
  // What libcrypto does not take: nothing, or more than 1024 bytes of seeds.
  if (s.secret.empty() || s.salt.empty() || s.secret.size() + s.salt.size() > 1000) return;
  const size_t size = 1 + s.size % 1000;
  const auto compute = [&](const HashAlgorithm& h) {
    ByteVector out(size);
    tls12_prf(h, s.secret, "any label", {s.salt, s.secret}, out);
    return out;
  };
  const ByteVector wanted = derived("TLS1-PRF", hash.name,
                                    {octets("secret", s.secret), octets("seed", as_bytes("any label")),
                                     octets("seed", s.salt), octets("seed", s.secret)},
                                    size);
  BULLA_ASSERT(same_of_all(hash.table, compute) == wanted, "the PRF is libcrypto's");
}

void check_pbkdf2(const Hash& hash, const Secrets& s) {
  const size_t size = 1 + s.size % 1000;
  const auto compute = [&](const HashAlgorithm& h) {
    ByteVector out(size);
    pbkdf2(h, s.secret, s.salt, s.iterations, out);
    return out;
  };
  ByteVector wanted(size);
  const int ok =
      PKCS5_PBKDF2_HMAC(reinterpret_cast<const char*>(s.secret.data()), static_cast<int>(s.secret.size()),
                        s.salt.data(), static_cast<int>(s.salt.size()), static_cast<int>(s.iterations),
                        hash.md(), static_cast<int>(size), wanted.data());
  BULLA_ASSERT(ok == 1 && same_of_all(hash.table, compute) == wanted, "PBKDF2 is libcrypto's");
}

void check_scrypt(const Secrets& s) {
  const size_t size = 1 + s.size % 200;
  const ScryptCost cost{
      .n = uint64_t{2} << (s.iterations % 5), .r = 1 + s.iterations / 5 % 4, .p = 1 + s.iterations / 20 % 3};
  const auto compute = [&](const HashAlgorithm& h) {
    ByteVector out(size);
    scrypt(h, s.secret, s.salt, cost, out);
    return out;
  };
  ByteVector wanted(size);
  const int ok =
      EVP_PBE_scrypt(s.secret.empty() ? "" : reinterpret_cast<const char*>(s.secret.data()), s.secret.size(),
                     s.salt.data(), s.salt.size(), cost.n, cost.r, cost.p, 0, wanted.data(), size);
  BULLA_ASSERT(ok == 1 && same_of_all(crypto::sha256_kernels(), compute) == wanted, "scrypt is libcrypto's");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Reader input({data, size});
  const std::array<Hash, 4> hashes = {{{crypto::sha1_kernels(), "SHA1", EVP_sha1},
                                       {crypto::sha256_kernels(), "SHA2-256", EVP_sha256},
                                       {crypto::sha384_kernels(), "SHA2-384", EVP_sha384},
                                       {crypto::sha512_kernels(), "SHA2-512", EVP_sha512}}};
  const uint8_t choice = input.u8();
  const Hash& hash = hashes[choice % 4];
  Secrets s{.secret = {}, .salt = {}, .iterations = 1u + input.u8() % 60, .size = input.u16()};
  s.salt = input.u8_bytes();
  s.secret = input.rest();
  switch (choice / 4 % 5) {
    case 0: check_hmac(hash, s); break;
    case 1: check_hkdf(hash, s); break;
    case 2: check_tls12_prf(hash, s); break;
    case 3: check_pbkdf2(hash, s); break;
    default: check_scrypt(s);
  }
  return 0;
}
