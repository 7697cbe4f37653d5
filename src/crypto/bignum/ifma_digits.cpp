// Numbers by digits of 52 bits: to and fro. Nothing here needs an extension.
#include "crypto/bignum/ifma.h"

#if defined(__x86_64__)

#include <bulla/secret.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace bulla::crypto::bignum::ifma {

namespace {

/// Two digits are 13 bytes.
constexpr size_t pair_bytes = 2 * digit_bits / 8;
constexpr size_t most_digits = most_blocks * lanes;

}  // namespace

void to_digits(MutLimbs digits, Limbs a) noexcept {
  std::array<uint8_t, most_digits / 2 * pair_bytes + sizeof(Wide)> bytes;
  const size_t used = a.size() * sizeof(Limb), read = digits.size() / 2 * pair_bytes + sizeof(Wide);
  std::memcpy(bytes.data(), a.data(), used);
  std::memset(bytes.data() + used, 0, read - std::min(used, read));
  for (size_t i = 0; i < digits.size() / 2; ++i) {
    Wide pair;
    std::memcpy(&pair, bytes.data() + i * pair_bytes, sizeof pair);
    digits[2 * i] = static_cast<Limb>(pair) & digit_mask;
    digits[2 * i + 1] = static_cast<Limb>(pair >> digit_bits) & digit_mask;
  }
  wipe(MutBytes(bytes).first(used));
}

void from_digits(MutLimbs out, Limbs digits) noexcept {
  std::array<uint8_t, most_digits / 2 * pair_bytes + sizeof(Wide)> bytes;
  for (size_t i = 0; i < digits.size() / 2; ++i) {
    const Wide pair = static_cast<Wide>(digits[2 * i + 1]) << digit_bits | digits[2 * i];
    std::memcpy(bytes.data() + i * pair_bytes, &pair, sizeof pair);
  }
  std::memcpy(out.data(), bytes.data(), out.size() * sizeof(Limb));
  wipe(MutBytes(bytes).first(out.size() * sizeof(Limb)));
}

// A step of Montgomery's reduction by a limb: (t + u·m)/2^64 with u < 2^64 is below 2m, as t < 2M < 2^53·m.
void from_times_limb(Limb* out, Limbs digits, const Modulus& modulus) noexcept {
  const Limbs m = modulus.value();
  Limb t[max_limbs + 1];
  from_digits({t, m.size() + 1}, digits);
  const Limb u = t[0] * modulus.inverse();
  Wide carry = (static_cast<Wide>(u) * m[0] + t[0]) >> limb_bits;
  for (size_t i = 1; i < m.size(); ++i) {
    carry += static_cast<Wide>(u) * m[i] + t[i];
    out[i - 1] = static_cast<Limb>(carry);
    carry >>= limb_bits;
  }
  carry += t[m.size()];
  out[m.size() - 1] = static_cast<Limb>(carry);
  const MutLimbs sum(out, m.size());
  const LimbMask over = LimbMask::of_bit(static_cast<Limb>(carry >> limb_bits)) | ~is_less(sum, m);
  subtract_if(over, sum, sum, m);
  wipe({reinterpret_cast<uint8_t*>(t), (m.size() + 1) * sizeof(Limb)});
}

void Aside::make(MutLimbs out, const Modulus& modulus) {
  const size_t n = modulus.size(), size = lanes_for(n);
  // M = m·u for u = -1/m mod 2^52.
  SecretLimbs number(n + 1), residue(n);
  const Limb u = modulus.inverse() & digit_mask;
  multiply(number, modulus.value(), Limbs(&u, 1));
  add_small(number, number, 1);
  for (size_t i = 0; i < n; ++i)
    number[i] = number[i] >> digit_bits | number[i + 1] << (limb_bits - digit_bits);
  to_digits(out.first(size), Limbs(number).first(n));
  // r²/R = 2^(104·digits - 64·limbs).
  const size_t into = 2 * (digit_bits * digits_for(n) - limb_bits * n);
  size_t place = size;
  for (const size_t bits : {into, limb_bits, into + limb_bits}) {
    modulus.power_of_two(residue, bits);
    to_digits(out.subspan(place, size), residue);
    place += size;
  }
}

}  // namespace bulla::crypto::bignum::ifma

#endif
