#include "crypto/hkdf.h"

#include "base/assert.h"

#include <algorithm>
#include <cstring>

namespace bulla {

void hkdf_expand(const HmacKey& key, Bytes info, MutBytes out) noexcept {
  BULLA_ASSERT(out.size() <= hkdf_max_output(key.hash()), "HKDF expands to at most 255 digests");
  std::array<uint8_t, max_digest_size> block;
  Bytes previous;  // T(0) is empty
  for (uint8_t counter = 1; !out.empty(); ++counter) {
    key.mac({previous, info, Bytes(&counter, 1)}, block);
    previous = Bytes(block).first(key.size());
    const size_t n = std::min(out.size(), key.size());
    std::memcpy(out.data(), block.data(), n);
    out = out.subspan(n);
  }
  wipe(block);
}

}  // namespace bulla
