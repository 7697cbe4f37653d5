#include "crypto/bignum/limbs.h"

#include "crypto/big_endian.h"

#include <bulla/secret.h>

#include <algorithm>
#include <bit>

namespace bulla::crypto::bignum {

SecretLimbs::SecretLimbs(Limbs from) : SecretLimbs(from.size()) {
  std::copy(from.begin(), from.end(), begin());
}

SecretLimbs& SecretLimbs::operator=(SecretLimbs&& other) noexcept {
  if (this != &other) {
    reset();
    limbs_ = std::move(other.limbs_);
    size_ = std::exchange(other.size_, 0);
  }
  return *this;
}

void SecretLimbs::reset() noexcept {
  if (limbs_) wipe({reinterpret_cast<uint8_t*>(limbs_.get()), size_ * sizeof(Limb)});
  limbs_.reset();
  size_ = 0;
}

void load(MutLimbs out, Bytes big_endian) noexcept {
  if (big_endian.size() > out.size() * sizeof(Limb)) __builtin_trap();
  size_t left = big_endian.size(), i = 0;
  for (; left >= sizeof(Limb); left -= sizeof(Limb))
    out[i++] = load_big_endian<Limb>(big_endian.data() + left - sizeof(Limb));
  assign(out.subspan(i), 0);
  for (size_t k = 0; k < left; ++k) out[i] = out[i] << 8 | big_endian[k];
}

void store(MutBytes big_endian, Limbs in) noexcept {
  size_t left = big_endian.size();
  for (const Limb limb : in) {
    if (left < sizeof(Limb)) {
      for (size_t k = 0; k < left; ++k) big_endian[left - 1 - k] = static_cast<uint8_t>(limb >> (8 * k));
      return;
    }
    left -= sizeof(Limb);
    store_big_endian(limb, big_endian.data() + left);
  }
  std::fill_n(big_endian.begin(), left, uint8_t{0});
}

void extend(MutLimbs out, Limbs in) noexcept {
  for (size_t i = 0; i < out.size(); ++i) out[i] = i < in.size() ? in[i] : 0;
}

void assign(MutLimbs out, Limb small) noexcept {
  std::fill(out.begin(), out.end(), Limb{0});
  if (!out.empty()) out[0] = small;
}

Limb add(MutLimbs out, Limbs a, Limbs b) noexcept {
  Limb carry = 0;
  for (size_t i = 0; i < out.size(); ++i) {
    const Wide sum = static_cast<Wide>(a[i]) + b[i] + carry;
    out[i] = static_cast<Limb>(sum);
    carry = static_cast<Limb>(sum >> limb_bits);
  }
  return carry;
}

Limb subtract(MutLimbs out, Limbs a, Limbs b) noexcept {
  Limb borrow = 0;
  for (size_t i = 0; i < out.size(); ++i) {
    const Wide difference = static_cast<Wide>(a[i]) - b[i] - borrow;
    out[i] = static_cast<Limb>(difference);
    borrow = static_cast<Limb>(difference >> limb_bits) & 1;
  }
  return borrow;
}

Limb add_if(LimbMask mask, MutLimbs out, Limbs a, Limbs b) noexcept {
  const Limb keep = mask.bits();
  Limb carry = 0;
  for (size_t i = 0; i < out.size(); ++i) {
    const Wide sum = static_cast<Wide>(a[i]) + (b[i] & keep) + carry;
    out[i] = static_cast<Limb>(sum);
    carry = static_cast<Limb>(sum >> limb_bits);
  }
  return carry;
}

Limb subtract_if(LimbMask mask, MutLimbs out, Limbs a, Limbs b) noexcept {
  const Limb keep = mask.bits();
  Limb borrow = 0;
  for (size_t i = 0; i < out.size(); ++i) {
    const Wide difference = static_cast<Wide>(a[i]) - (b[i] & keep) - borrow;
    out[i] = static_cast<Limb>(difference);
    borrow = static_cast<Limb>(difference >> limb_bits) & 1;
  }
  return borrow;
}

Limb add_small(MutLimbs out, Limbs a, Limb b) noexcept {
  for (size_t i = 0; i < out.size(); ++i) {
    const Wide sum = static_cast<Wide>(a[i]) + b;
    out[i] = static_cast<Limb>(sum);
    b = static_cast<Limb>(sum >> limb_bits);
  }
  return b;
}

Limb subtract_small(MutLimbs out, Limbs a, Limb b) noexcept {
  for (size_t i = 0; i < out.size(); ++i) {
    const Wide difference = static_cast<Wide>(a[i]) - b;
    out[i] = static_cast<Limb>(difference);
    b = static_cast<Limb>(difference >> limb_bits) & 1;
  }
  return b;
}

void select(LimbMask mask, MutLimbs out, Limbs a, Limbs b) noexcept {
  const Limb keep = mask.bits();
  for (size_t i = 0; i < out.size(); ++i) out[i] = b[i] ^ (keep & (a[i] ^ b[i]));
}

LimbMask is_zero(Limbs a) noexcept {
  Limb any = 0;
  for (const Limb limb : a) any |= limb;
  return LimbMask::is_zero(any);
}

LimbMask is_equal(Limbs a, Limbs b) noexcept {
  Limb difference = 0;
  for (size_t i = 0; i < std::max(a.size(), b.size()); ++i)
    difference |= (i < a.size() ? a[i] : 0) ^ (i < b.size() ? b[i] : 0);
  return LimbMask::is_zero(difference);
}

LimbMask is_small(Limbs a, Limb small) noexcept {
  return is_equal(a, Limbs(&small, 1));
}

LimbMask is_less(Limbs a, Limbs b) noexcept {
  Limb borrow = 0;
  for (size_t i = 0; i < a.size(); ++i)
    borrow = static_cast<Limb>((static_cast<Wide>(a[i]) - b[i] - borrow) >> limb_bits) & 1;
  return LimbMask::of_bit(borrow);
}

LimbMask is_odd(Limbs a) noexcept {
  return LimbMask::of_bit(a.empty() ? 0 : a[0] & 1);
}

Limb shift_left_one(MutLimbs out, Limbs a, Limb low) noexcept {
  for (size_t i = 0; i < out.size(); ++i) {
    const Limb limb = a[i];
    out[i] = limb << 1 | low;
    low = limb >> (limb_bits - 1);
  }
  return low;
}

void shift_right_one(MutLimbs out, Limbs a, Limb high) noexcept {
  for (size_t i = out.size(); i-- > 0;) {
    const Limb limb = a[i];
    out[i] = limb >> 1 | high << (limb_bits - 1);
    high = limb & 1;
  }
}

namespace {

/// The limb that lies `by` bits (public) above (`up`: below) the start of limb i.
Limb limb_at(Limbs a, size_t i, size_t by) noexcept {
  const size_t whole = by / limb_bits, part = by % limb_bits;
  const Limb low = i + whole < a.size() ? a[i + whole] : 0;
  const Limb high = i + whole + 1 < a.size() ? a[i + whole + 1] : 0;
  return part == 0 ? low : low >> part | high << (limb_bits - part);
}
Limb limb_below(Limbs a, size_t i, size_t by) noexcept {
  const size_t whole = by / limb_bits, part = by % limb_bits;
  const Limb high = i >= whole ? a[i - whole] : 0;
  const Limb low = i >= whole + 1 ? a[i - whole - 1] : 0;
  return part == 0 ? high : high << part | low >> (limb_bits - part);
}

}  // namespace

// Both shift by each power of two in turn, and keep the outcome if the amount has that bit. A limb is written
// after the last limb that needs its old value has been.
void shift_left(MutLimbs inout, Limb bits, size_t bound) noexcept {
  for (unsigned k = 0; size_t{1} << k < bound; ++k) {
    const auto keep = LimbMask::of_bit(bits >> k & 1);
    for (size_t i = inout.size(); i-- > 0;)
      inout[i] = keep.select(limb_below(inout, i, size_t{1} << k), inout[i]);
  }
}
void shift_right(MutLimbs inout, Limb bits, size_t bound) noexcept {
  for (unsigned k = 0; size_t{1} << k < bound; ++k) {
    const auto keep = LimbMask::of_bit(bits >> k & 1);
    for (size_t i = 0; i < inout.size(); ++i)
      inout[i] = keep.select(limb_at(inout, i, size_t{1} << k), inout[i]);
  }
}

Limb leading_zeros(Limb a) noexcept {
  Limb count = 0;
  for (unsigned half = limb_bits / 2; half > 0; half /= 2) {
    const LimbMask empty = LimbMask::is_zero(a >> (limb_bits - half));
    count += empty.keep(half);
    a = empty.select(a << half, a);
  }
  return count + LimbMask::is_zero(a).bit();
}

size_t bit_length_vartime(Limbs a) noexcept {
  for (size_t i = a.size(); i-- > 0;) {
    // Only the limb where the number starts is looked at; that some are zero is its length.
    if (ct::declassified(LimbMask::is_zero(a[i]).bit(), "the length of a number")) continue;
    return (i + 1) * limb_bits - ct::declassified(leading_zeros(a[i]), "the length of a number");
  }
  return 0;
}

Limb trailing_zeros(Limbs a) noexcept {
  Limb count = 0, none_yet = 1;
  for (const Limb limb : a) {
    for (size_t k = 0; k < limb_bits; ++k) {
      none_yet &= ct::value_barrier(~(limb >> k) & 1);
      count += none_yet;
    }
  }
  return count;
}

void multiply(MutLimbs out, Limbs a, Limbs b) noexcept {
  assign(out, 0);
  for (size_t i = 0; i < a.size(); ++i) {
    Limb carry = 0;
    for (size_t j = 0; j < b.size(); ++j) {
      const Wide t = static_cast<Wide>(a[i]) * b[j] + out[i + j] + carry;
      out[i + j] = static_cast<Limb>(t);
      carry = static_cast<Limb>(t >> limb_bits);
    }
    out[i + b.size()] = carry;
  }
}

}  // namespace bulla::crypto::bignum
