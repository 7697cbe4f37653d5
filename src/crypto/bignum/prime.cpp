#include "crypto/bignum/prime.h"

#include <algorithm>
#include <array>

namespace bulla::crypto::bignum {

// How many twos divide w - 1 is a secret of a secret prime, so 64 are allowed for; a number with more of them
// is as rare as a guessed key, and may take its time.
MillerRabin::MillerRabin(Limbs w, const Montgomery& kernel)
    : w_(w, kernel), m_(w), minus_one_(w.size()), a_(0), squarings_(limb_bits) {
  m_[0] &= ~Limb{1};
  a_ = trailing_zeros(m_);
  shift_right(m_, a_, w.size() * limb_bits);
  if (ct::declassified(LimbMask::is_less(limb_bits, a_).bit(), "more than 64 twos in w - 1") != 0)
    squarings_ = static_cast<size_t>(ct::declassified(a_, "more than 64 twos in w - 1"));
  assign(minus_one_, 0);
  w_.subtract(minus_one_, minus_one_, w_.one());
}

LimbMask MillerRabin::is_witness(Limbs base) const {
  SecretLimbs z(w_.size());
  w_.to_montgomery(z, base);
  w_.power(z, z, m_);
  LimbMask may_be_prime = is_equal(z, w_.one()) | is_equal(z, minus_one_);
  for (Limb j = 1; j < squarings_; ++j) {
    w_.square(z, z);
    may_be_prime = may_be_prime | (LimbMask::is_less(j, a_) & is_equal(z, minus_one_));
  }
  return ~may_be_prime;
}

namespace {

/// Step 4.1 and 4.2: a random base of as many bits as w, if it is above 1 and below w - 1.
LimbMask draw_base(MutLimbs base, Limbs w, size_t bits, Random& random) {
  random.fill({reinterpret_cast<uint8_t*>(base.data()), base.size_bytes()});
  if (bits % limb_bits != 0) base.back() &= (Limb{1} << (bits % limb_bits)) - 1;
  SecretLimbs last(w);
  last[0] -= 1;  // w is odd
  return is_less(base, last) & ~is_zero(base) & ~is_small(base, 1);
}

}  // namespace

Primality miller_rabin(Limbs w, unsigned rounds, Random& random, const Montgomery& kernel) {
  const MillerRabin test(w, kernel);
  const size_t bits = bit_length_vartime(w);
  SecretLimbs base(w.size());
  for (unsigned round = 0; round < rounds; ++round) {
    // At least one of four is in range.
    unsigned tries = 512;
    while (ct::declassified(draw_base(base, w, bits, random).bit(), "bases out of range are not used") == 0)
      if (--tries == 0) return Primality::random_failed;
    if (ct::declassified(test.is_witness(base).bit(), "composites are not used") != 0)
      return Primality::composite;
  }
  return Primality::probably_prime;
}

// r = (r·2^32 + digit) mod divisor, digit by digit. Barrett: the quotient by floor((2^64 - 1) / divisor) is
// right or too small by one, as the dividend is below 2^52.
Limb remainder_small(Limbs a, Limb divisor) noexcept {
  const Limb reciprocal = ~Limb{0} / divisor;  // of a public number
  Limb r = 0;
  for (size_t i = 2 * a.size(); i-- > 0;) {
    const Limb digit = a[i / 2] >> (32 * (i % 2)) & 0xffffffff;
    const Limb dividend = r << 32 | digit;
    const auto quotient = static_cast<Limb>(static_cast<Wide>(dividend) * reciprocal >> limb_bits);
    r = dividend - quotient * divisor;
    r -= (~LimbMask::is_less(r, divisor)).keep(divisor);
  }
  return r;
}

namespace {

constexpr size_t sieve_size = 4096;
constexpr size_t odd_primes_below_sieve_size = 563;

/// The sieve of Eratosthenes.
constexpr std::array<uint16_t, odd_primes_below_sieve_size> odd_primes() noexcept {
  std::array<bool, sieve_size> composite{};
  std::array<uint16_t, odd_primes_below_sieve_size> primes{};
  size_t count = 0;
  for (size_t i = 3; i < sieve_size; i += 2) {
    if (composite[i]) continue;
    primes[count++] = static_cast<uint16_t>(i);
    for (size_t k = i * i; k < sieve_size; k += 2 * i) composite[k] = true;
  }
  return primes;
}
constexpr auto small_primes = odd_primes();
static_assert(small_primes.back() == 4093);

}  // namespace

bool has_small_factor(Limbs a) noexcept {
  return std::any_of(small_primes.begin(), small_primes.end(), [&](Limb prime) {
    return ct::declassified(LimbMask::is_zero(remainder_small(a, prime)).bit(),
                            "numbers with small factors are not used") != 0;
  });
}

}  // namespace bulla::crypto::bignum
