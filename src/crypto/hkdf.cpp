#include "crypto/hkdf.h"

#include "base/assert.h"

#include <algorithm>
#include <cstring>

namespace bulla {

void hkdf_expand(const HmacKey& key, std::initializer_list<Bytes> info, MutBytes out) noexcept {
  BULLA_ASSERT(out.size() <= hkdf_max_output(key.hash()), "HKDF expands to at most 255 digests");
  std::array<Bytes, 2 + hkdf_max_parts> parts;
  BULLA_ASSERT(info.size() <= hkdf_max_parts, "there are more parts than HKDF has room for");
  std::array<uint8_t, max_digest_size> block;
  uint8_t counter = 1;
  // T(i) = HMAC(PRK, T(i - 1) || info || i); T(0) is empty.
  *std::ranges::copy(info, parts.begin() + 1).out = Bytes(&counter, 1);
  for (; !out.empty(); ++counter) {
    key.mac(std::span(parts).first(info.size() + 2), block);
    parts[0] = Bytes(block).first(key.size());
    const size_t n = std::min(out.size(), key.size());
    std::memcpy(out.data(), block.data(), n);
    out = out.subspan(n);
  }
  wipe(block);
}

}  // namespace bulla
