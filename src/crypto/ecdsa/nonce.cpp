#include "crypto/ecdsa/nonce.h"

#include <algorithm>

namespace bulla::crypto::ecdsa {

// RFC 6979 §3.2, steps b to g.
NonceGenerator::NonceGenerator(const HashAlgorithm& hash, size_t order_bits, Bytes d, Bytes e,
                               Bytes additional) noexcept
    : hash_(hash), order_bits_(order_bits) {
  value_.fill(0x01);
  update(0x00, d, e, additional);
  update(0x01, d, e, additional);
}

NonceGenerator::~NonceGenerator() {
  wipe(key_);
  wipe(value_);
}

void NonceGenerator::update(uint8_t separator, Bytes d, Bytes e, Bytes additional) noexcept {
  HmacKey(hash_, key()).mac({value(), {&separator, 1}, d, e, additional}, key_);
  hmac(hash_, key(), value(), value_);
}

void NonceGenerator::next(MutBytes k) noexcept {
  if (used_) update(0x00, {}, {}, {});
  used_ = true;
  const HmacKey hmac_key(hash_, key());
  for (size_t at = 0; at < k.size(); at += hash_.digest_size) {
    hmac_key.mac({value()}, value_);
    std::copy_n(value_.begin(), std::min<size_t>(hash_.digest_size, k.size() - at),
                k.begin() + static_cast<ptrdiff_t>(at));
  }
  // bits2int (§2.3.2): of more bits, the leftmost are taken.
  const size_t surplus = 8 * k.size() - order_bits_;
  for (size_t i = k.size(); surplus > 0 && i-- > 0;) {
    const unsigned above = i > 0 ? k[i - 1] : 0;
    k[i] = static_cast<uint8_t>((above << 8 | k[i]) >> surplus);
  }
}

}  // namespace bulla::crypto::ecdsa
