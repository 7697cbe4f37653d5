// Big numbers for tests.
#pragma once

#include "crypto/bignum/limbs.h"
#include "crypto/simple_number.h"

#include <random>

namespace bulla::test {

/// Numbers whose limbs are at their edges more often than not. The seed is fixed: a failure comes again.
class Numbers {
 public:
  explicit Numbers(uint64_t seed) : source_(seed) {}

  crypto::bignum::SecretLimbs any(size_t size) {
    static constexpr crypto::bignum::Limb edges[] = {0,
                                                     1,
                                                     2,
                                                     0x7fffffffffffffff,
                                                     0x8000000000000000,
                                                     0x8000000000000001,
                                                     0xffffffff,
                                                     0x100000000,
                                                     ~crypto::bignum::Limb{0} - 1,
                                                     ~crypto::bignum::Limb{0}};
    crypto::bignum::SecretLimbs out(size);
    const bool edgy = source_() % 4 != 0;
    for (crypto::bignum::Limb& limb : out)
      limb = edgy && source_() % 4 != 0 ? edges[source_() % std::size(edges)] : source_();
    return out;
  }
  /// Odd, at least 3, with a top limb that is not zero.
  crypto::bignum::SecretLimbs modulus(size_t size) {
    crypto::bignum::SecretLimbs out = any(size);
    out[0] |= size == 1 ? 3 : 1;
    if (out[size - 1] == 0) out[size - 1] = 1;
    return out;
  }
  crypto::bignum::SecretLimbs below(crypto::bignum::Limbs bound) {
    if (source_() % 4 == 0) {  // the largest and the smallest that there are
      crypto::bignum::SecretLimbs out(bound);
      if (source_() % 2)
        crypto::bignum::subtract_small(out, out, 1);
      else
        crypto::bignum::assign(out, source_() % 2);
      return out;
    }
    return (SimpleNumber::of(any(bound.size())) % SimpleNumber::of(bound)).limbs(bound.size());
  }
  uint64_t operator()() { return source_(); }

 private:
  std::mt19937_64 source_;
};

}  // namespace bulla::test
