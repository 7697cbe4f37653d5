#include "crypto/drbg/hmac_drbg.h"

#include "base/assert.h"
#include "crypto/hmac.h"

#include <algorithm>
#include <cstring>

namespace bulla::crypto {

HmacDrbg::HmacDrbg(const HashAlgorithm& hash, std::initializer_list<Bytes> seed) noexcept
    : hash_(hash), key_(size_t{hash.digest_size}), v_(size_t{hash.digest_size}) {
  std::ranges::fill(v_.writable(), uint8_t{1});
  update(seed);
}

/// SP 800-90A §10.1.2.2: K = HMAC(K, V || 0x00 || data), V = HMAC(K, V); where there is data, once more with
/// 0x01.
void HmacDrbg::update(std::initializer_list<Bytes> data) noexcept {
  const bool empty = std::ranges::all_of(data, [](Bytes part) { return part.empty(); });
  for (uint8_t round = 0; round < (empty ? 1 : 2); ++round) {
    const HmacKey old(hash_, key_.reveal());
    Hmac mac(old);
    mac.update(v_.reveal());
    mac.update({&round, 1});
    for (const Bytes part : data) mac.update(part);
    mac.finish(key_.writable());
    HmacKey(hash_, key_.reveal()).mac({v_.reveal()}, v_.writable());
  }
}

void HmacDrbg::generate(MutBytes out) noexcept {
  BULLA_ASSERT(out.size() <= max_request, "a request for random bytes is larger than SP 800-90A allows");
  {
    const HmacKey key(hash_, key_.reveal());
    while (!out.empty()) {
      key.mac({v_.reveal()}, v_.writable());
      const size_t n = std::min(out.size(), v_.size());
      std::memcpy(out.data(), v_.reveal().data(), n);
      out = out.subspan(n);
    }
  }
  update({});
}

}  // namespace bulla::crypto
