#include "crypto/pbkdf2.h"

#include "base/assert.h"
#include "crypto/big_endian.h"
#include "crypto/hmac.h"

#include <algorithm>
#include <cstring>

namespace bulla {

void pbkdf2(const HashAlgorithm& hash, Bytes passphrase, Bytes salt, uint32_t iterations,
            MutBytes out) noexcept {
  BULLA_ASSERT(iterations > 0, "PBKDF2 iterates at least once");
  BULLA_ASSERT(out.size() / hash.digest_size < UINT32_MAX, "PBKDF2 counts its blocks in 32 bits");
  const HmacKey key(hash, passphrase);
  std::array<uint8_t, max_digest_size> u, sum;
  const MutBytes link = MutBytes(u).first(key.size());
  for (uint32_t block = 1; !out.empty(); ++block) {
    uint8_t index[4];
    crypto::store_big_endian(block, index);
    key.mac({salt, index}, u);
    sum = u;
    for (uint32_t i = 1; i < iterations; ++i) {
      key.mac({link}, u);
      for (size_t j = 0; j < link.size(); ++j) sum[j] ^= u[j];
    }
    const size_t n = std::min(out.size(), key.size());
    std::memcpy(out.data(), sum.data(), n);
    out = out.subspan(n);
  }
  wipe(u);
  wipe(sum);
}

}  // namespace bulla
