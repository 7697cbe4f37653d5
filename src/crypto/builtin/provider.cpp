// builtin_provider(): the kernels of every primitive that fit this machine.
#include "crypto/builtin/assemble.h"

#include "crypto/aes_cbc/aes_cbc.h"
#include "crypto/aes_gcm/aes_gcm.h"
#include "crypto/bignum/montgomery.h"
#include "crypto/builtin/signing.h"
#include "crypto/chacha20_poly1305/chacha20_poly1305.h"
#include "crypto/curve25519/ed25519.h"
#include "crypto/curve25519/x25519.h"
#include "crypto/drbg/system_random.h"
#include "crypto/ecdsa/curve.h"
#include "crypto/hybrid/hybrid.h"
#include "crypto/ml_dsa/kernels.h"
#include "crypto/ml_kem/ml_kem.h"
#include "crypto/p256/p256.h"
#include "crypto/p384/p384.h"
#include "crypto/p521/p521.h"
#include "crypto/sha1/sha1.h"
#include "crypto/sha2/sha2.h"
#include "crypto/sha3/sha3.h"

namespace bulla {
namespace crypto {

namespace {

template <class Algorithm>
const Algorithm* best(std::span<const Kernel<Algorithm>> kernels) noexcept {
  return pick(kernels, cpu_word()).algorithm;
}

}  // namespace

Tables::Tables() noexcept
    : hashes{best(sha1_kernels()), best(sha256_kernels()), best(sha384_kernels()), best(sha512_kernels())},
      aeads{best(aes_128_gcm_kernels()), best(aes_256_gcm_kernels()), best(chacha20_poly1305_kernels())},
      groups{&x25519mlkem768,      &secp256r1mlkem768,   &secp384r1mlkem1024, best(x25519_kernels()),
             best(p256_kernels()), best(p384_kernels()), best(p521_kernels())},
      key_files(*best(aes_cbc_kernels())) {}

Provider Tables::provider(Random& random) const noexcept {
  return {.name = "builtin",
          .hashes = hashes,
          .aeads = aeads,
          .groups = groups,
          .signatures = builtin_signatures(),
          .signing = builtin_signing,
          .key_files = key_files,
          .random = &random};
}

void for_each_kernel(
    const std::function<void(std::string_view primitive, std::string_view kernel, CpuBits needs)>& what) {
  const auto each = [&](std::string_view primitive, const auto& table) {
    for (const auto& kernel : table) what(primitive, kernel.name, kernel.needs);
  };
  each("sha1", sha1_kernels());
  each("sha256", sha256_kernels());
  each("sha384", sha384_kernels());
  each("sha512", sha512_kernels());
  each("chacha20_poly1305", chacha20_poly1305_kernels());
  each("aes_128_gcm", aes_128_gcm_kernels());
  each("aes_256_gcm", aes_256_gcm_kernels());
  each("aes_cbc", aes_cbc_kernels());
  each("x25519", x25519_kernels());
  each("ed25519", ed25519_kernels());
  each("p256", p256_kernels());
  each("p384", p384_kernels());
  each("p521", p521_kernels());
  each("ecdsa_p256", p256_ecdsa_kernels());
  each("ecdsa_p384", p384_ecdsa_kernels());
  each("ecdsa_p521", p521_ecdsa_kernels());
  each("montgomery", bignum::montgomery_kernels());
  each("keccak", keccak_kernels());
  each("ml_kem_768", ml_kem_768_kernels());
  each("ml_kem_1024", ml_kem_1024_kernels());
  each("ml_dsa", ml_dsa::kernels());
}

std::optional<CpuBits> needs_of(std::string_view kernel) {
  std::optional<CpuBits> needs;
  for_each_kernel([&](std::string_view, std::string_view name, CpuBits bits) {
    if (name == kernel) needs = needs.value_or(0) | bits;
  });
  return needs;
}

}  // namespace crypto

const Provider& builtin_provider() noexcept {
  static const crypto::Tables tables;
  // Never destroyed: other threads, and destructors of other statics, may ask for random bytes until the end.
  static crypto::SystemRandom& random = *new crypto::SystemRandom;
  static const Provider provider = tables.provider(random);
  return provider;
}

}  // namespace bulla
