#include "crypto/drbg/hmac_drbg.h"

#include "base/assert.h"

#include <algorithm>
#include <cstring>

namespace bulla::crypto {

/// K begins as zeros, with which HMAC fills up a key that is too short.
HmacDrbg::HmacDrbg(const HashAlgorithm& hash, std::initializer_list<Bytes> seed) noexcept
    : key_(std::in_place, hash, Bytes{}), v_(size_t{hash.digest_size}) {
  std::ranges::fill(v_.writable(), uint8_t{1});
  update(seed);
}

/// SP 800-90A §10.1.2.2: K = HMAC(K, V || 0x00 || data), V = HMAC(K, V); where there is data, once more with
/// 0x01.
void HmacDrbg::update(std::initializer_list<Bytes> data) noexcept {
  const bool empty = std::ranges::all_of(data, [](Bytes part) { return part.empty(); });
  for (uint8_t round = 0; round < (empty ? 1 : 2); ++round) {
    InlineSecret<HmacDrbg, max_digest_size> next(v_.size());
    {
      Hmac mac(*key_);
      mac.update(v_.reveal());
      mac.update({&round, 1});
      for (const Bytes part : data) mac.update(part);
      mac.finish(next.writable());
    }
    key_.emplace(key_->hash(), next.reveal());
    key_->mac({v_.reveal()}, v_.writable());
  }
}

void HmacDrbg::generate(MutBytes out) noexcept {
  BULLA_ASSERT(out.size() <= max_request, "a request for random bytes is larger than SP 800-90A allows");
  while (!out.empty()) {
    key_->mac({v_.reveal()}, v_.writable());
    const size_t n = std::min(out.size(), v_.size());
    std::memcpy(out.data(), v_.reveal().data(), n);
    out = out.subspan(n);
  }
  update({});
}

}  // namespace bulla::crypto
