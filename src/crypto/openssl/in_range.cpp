#include "base/ct.h"
#include "crypto/openssl/libcrypto.h"

namespace bulla::openssl {

bool in_range(Bytes value, Bytes bound) noexcept {
  BULLA_ASSERT(value.size() == bound.size(), "numbers of one length are compared");
  uint32_t borrow = 0;
  uint32_t any = 0;
  for (size_t i = value.size(); i-- > 0;) {
    any |= value[i];
    borrow = ct::value_barrier((static_cast<uint32_t>(value[i]) - bound[i] - borrow) >> 31);
  }
  return (~ct::Mask<uint32_t>::is_zero(any)).keep(borrow) != 0;
}

}  // namespace bulla::openssl
