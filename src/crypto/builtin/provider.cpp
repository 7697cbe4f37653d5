// builtin_provider(): the kernels of every primitive that fit this machine.
#include "crypto/builtin/assemble.h"

#include "crypto/bignum/montgomery.h"
#include "crypto/builtin/signing.h"
#include "crypto/sha1/sha1.h"
#include "crypto/sha2/sha2.h"

namespace bulla {
namespace crypto {

Tables::Tables(CpuBits have) noexcept
    : hashes{pick(sha1_kernels(), have).algorithm, pick(sha256_kernels(), have).algorithm,
             pick(sha384_kernels(), have).algorithm, pick(sha512_kernels(), have).algorithm} {}

Provider Tables::provider() const noexcept {
  return {.name = "builtin",
          .hashes = hashes,
          .aeads = {},
          .groups = {},
          .signatures = builtin_signatures(),
          .signing = builtin_signing,
          .key_files = {},
          .random = nullptr};
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
  each("montgomery", bignum::montgomery_kernels());
}

}  // namespace crypto

const Provider& builtin_provider() noexcept {
  static const crypto::Tables tables(crypto::cpu_word());
  static const Provider provider = tables.provider();
  return provider;
}

}  // namespace bulla
