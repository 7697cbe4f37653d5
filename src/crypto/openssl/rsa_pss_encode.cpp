// EMSA-PSS-ENCODE and MGF1 (RFC 8017 §9.1.1, §B.2.1).
#include "crypto/openssl/rsa.h"

#include <algorithm>
#include <cstring>

namespace bulla::openssl {

namespace {

/// XORs MGF1(seed) onto `out`.
void mgf1_xor(const HashAlgorithm& hash, Bytes seed, MutBytes out) noexcept {
  std::array<uint8_t, max_digest_size> block;
  for (uint8_t counter = 0; !out.empty(); ++counter) {
    HashContext context(hash);
    context.update(seed);
    // At most 8192 bits are masked, so the counter's first three bytes stay zero.
    const uint8_t count[4] = {0, 0, 0, counter};
    context.update(count);
    context.finish(block);
    const size_t n = std::min<size_t>(out.size(), hash.digest_size);
    for (size_t i = 0; i < n; ++i) out[i] ^= block[i];
    out = out.subspan(n);
  }
}

}  // namespace

bool pss_encode(const HashAlgorithm& hash, Bytes digest, Bytes salt, size_t modulus_bits,
                MutBytes out) noexcept {
  const size_t size = out.size();
  // Step 3: maskedDB takes in 01 and the salt, and hash and bc follow it.
  if (size < hash.digest_size + salt.size() + 2) return false;
  const MutBytes masked = out.first(size - hash.digest_size - 1);
  const MutBytes h = out.subspan(masked.size(), hash.digest_size);

  // Steps 5 and 6: H = Hash(8 zero bytes || mHash || salt).
  static constexpr std::array<uint8_t, 8> padding{};
  HashContext context(hash);
  context.update(padding);
  context.update(digest);
  context.update(salt);
  context.finish(h);

  // Steps 7 to 12: DB = zeros || 01 || salt, masked, its surplus top bits cleared; then H and bc.
  std::fill(masked.begin(), masked.end(), uint8_t{0});
  masked[masked.size() - salt.size() - 1] = 0x01;
  if (!salt.empty()) std::memcpy(masked.data() + masked.size() - salt.size(), salt.data(), salt.size());
  mgf1_xor(hash, h, masked);
  masked[0] = static_cast<uint8_t>(masked[0] & (0xff >> (8 * size - (modulus_bits - 1))));
  out[size - 1] = 0xbc;
  return true;
}

}  // namespace bulla::openssl
