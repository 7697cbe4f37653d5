// openssl_provider(): the tables that the files beside this one fill.
#include "crypto/openssl/libcrypto.h"
#include "crypto/openssl/tables.h"

#include <bulla/openssl_provider.h>
#include <openssl/rand.h>

#include <algorithm>

namespace bulla {

namespace openssl {

namespace {

/// libcrypto's generator: one for each thread, reseeded after a fork.
class LibcryptoRandom final : public Random {
 public:
  void fill(MutBytes out) noexcept override {
    while (!out.empty()) {
      const size_t step = std::min<size_t>(out.size(), INT32_MAX);
      BULLA_ASSERT(RAND_bytes(out.data(), static_cast<int>(step)) == 1, "the system has no entropy");
      out = out.subspan(step);
    }
  }
};

constexpr const HashAlgorithm* hashes[] = {&sha1, &sha256, &sha384, &sha512};
constexpr const AeadAlgorithm* aeads[] = {&aes_128_gcm, &aes_256_gcm, &chacha20_poly1305};
constexpr const GroupAlgorithm* groups[] = {&x25519, &secp256r1, &secp384r1};
constexpr SignatureAlgorithm signatures[] = {
    SignatureAlgorithm::ecdsa_sha256,     SignatureAlgorithm::ecdsa_sha384,
    SignatureAlgorithm::ecdsa_sha512,     SignatureAlgorithm::ed25519,
    SignatureAlgorithm::rsa_pss_sha256,   SignatureAlgorithm::rsa_pss_sha384,
    SignatureAlgorithm::rsa_pss_sha512,   SignatureAlgorithm::rsa_pkcs1_sha256,
    SignatureAlgorithm::rsa_pkcs1_sha384, SignatureAlgorithm::rsa_pkcs1_sha512,
};

}  // namespace

}  // namespace openssl

const Provider& openssl_provider() noexcept {
  static openssl::LibcryptoRandom random;
  static const Provider provider = {.name = "openssl",
                                    .hashes = openssl::hashes,
                                    .aeads = openssl::aeads,
                                    .groups = openssl::groups,
                                    .signatures = openssl::signatures,
                                    .signing = openssl::signature_functions,
                                    .key_files = openssl::key_file_cipher,
                                    .random = &random};
  return provider;
}

}  // namespace bulla
