#include "crypto/ecdsa/nonce.h"

namespace bulla::crypto::ecdsa {

void NonceGenerator::next(MutBytes k) noexcept {
  drbg_.generate(k);
  // bits2int (§2.3.2): of more bits, the leftmost are taken.
  const size_t surplus = 8 * k.size() - order_bits_;
  for (size_t i = k.size(); surplus > 0 && i-- > 0;) {
    const unsigned above = i > 0 ? k[i - 1] : 0;
    k[i] = static_cast<uint8_t>((above << 8 | k[i]) >> surplus);
  }
}

}  // namespace bulla::crypto::ecdsa
