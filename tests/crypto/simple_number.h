// Numbers the slow way, to judge the fast ones by: bytes, least significant first, and the rules learnt at
// school.
#pragma once

#include "crypto/bignum/limbs.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace bulla::test {

class SimpleNumber {
 public:
  SimpleNumber(uint64_t small = 0) {
    for (; small > 0; small >>= 8) digits_.push_back(static_cast<uint8_t>(small));
  }
  static SimpleNumber of(crypto::bignum::Limbs limbs) {
    SimpleNumber out;
    for (const uint64_t limb : limbs)
      for (int i = 0; i < 8; ++i) out.digits_.push_back(static_cast<uint8_t>(limb >> (8 * i)));
    return out.trimmed();
  }
  static SimpleNumber of_bytes(Bytes big_endian) {
    SimpleNumber out;
    out.digits_.assign(big_endian.rbegin(), big_endian.rend());
    return out.trimmed();
  }
  static SimpleNumber power_of_two(size_t exponent) {
    SimpleNumber out;
    out.digits_.assign(exponent / 8 + 1, 0);
    out.digits_.back() = static_cast<uint8_t>(1 << (exponent % 8));
    return out;
  }

  bool operator==(const SimpleNumber&) const = default;
  bool operator<(const SimpleNumber& other) const {
    if (digits_.size() != other.digits_.size()) return digits_.size() < other.digits_.size();
    return std::lexicographical_compare(digits_.rbegin(), digits_.rend(), other.digits_.rbegin(),
                                        other.digits_.rend());
  }
  bool is_zero() const { return digits_.empty(); }
  bool bit(size_t i) const { return i / 8 < digits_.size() && (digits_[i / 8] >> (i % 8) & 1); }
  size_t bits() const { return 8 * digits_.size(); }  ///< at least as many as it has

  SimpleNumber operator+(const SimpleNumber& other) const {
    SimpleNumber out;
    unsigned carry = 0;
    for (size_t i = 0; i < std::max(digits_.size(), other.digits_.size()) || carry; ++i) {
      carry += digit(i) + other.digit(i);
      out.digits_.push_back(static_cast<uint8_t>(carry));
      carry >>= 8;
    }
    return out.trimmed();
  }
  /// `other` is not larger.
  SimpleNumber operator-(const SimpleNumber& other) const {
    SimpleNumber out;
    int borrow = 0;
    for (size_t i = 0; i < digits_.size(); ++i) {
      const int difference = static_cast<int>(digit(i)) - static_cast<int>(other.digit(i)) - borrow;
      borrow = difference < 0;
      out.digits_.push_back(static_cast<uint8_t>(difference + 256 * borrow));
    }
    return out.trimmed();
  }
  SimpleNumber operator*(const SimpleNumber& other) const {
    SimpleNumber out;
    out.digits_.assign(digits_.size() + other.digits_.size() + 1, 0);
    for (size_t i = 0; i < digits_.size(); ++i) {
      unsigned carry = 0;
      for (size_t j = 0; j < other.digits_.size() || carry; ++j) {
        carry += out.digits_[i + j] + digit(i) * other.digit(j);
        out.digits_[i + j] = static_cast<uint8_t>(carry);
        carry >>= 8;
      }
    }
    return out.trimmed();
  }
  struct Division;
  Division divided_by(const SimpleNumber& divisor) const;
  SimpleNumber operator/(const SimpleNumber& divisor) const;
  SimpleNumber operator%(const SimpleNumber& divisor) const;

  /// As limbs, with zeros in front; it has to fit.
  crypto::bignum::SecretLimbs limbs(size_t count) const {
    crypto::bignum::SecretLimbs out(count);
    for (size_t i = 0; i < digits_.size(); ++i)
      out[i / 8] |= static_cast<uint64_t>(digits_[i]) << (8 * (i % 8));
    return out;
  }
  /// Limbs that it takes, at least one.
  size_t limb_count() const { return std::max<size_t>(1, (digits_.size() + 7) / 8); }
  std::string hex() const {
    std::string out = digits_.empty() ? "0" : "";
    for (size_t i = digits_.size(); i-- > 0;) {
      out += "0123456789abcdef"[digits_[i] >> 4];
      out += "0123456789abcdef"[digits_[i] & 15];
    }
    return out;
  }
  std::vector<uint8_t> bytes() const { return {digits_.rbegin(), digits_.rend()}; }  ///< big-endian

 private:
  unsigned digit(size_t i) const { return i < digits_.size() ? digits_[i] : 0; }
  SimpleNumber& trimmed() {
    while (!digits_.empty() && digits_.back() == 0) digits_.pop_back();
    return *this;
  }
  std::vector<uint8_t> digits_;
};

struct SimpleNumber::Division {
  SimpleNumber quotient, remainder;
};

/// From the top: brings down a byte, and subtracts the divisor's multiples by 128, 64, ... 1 where they go.
inline SimpleNumber::Division SimpleNumber::divided_by(const SimpleNumber& divisor) const {
  SimpleNumber multiples[8];
  for (size_t k = 0; k < 8; ++k) multiples[k] = k == 0 ? divisor : multiples[k - 1] + multiples[k - 1];
  Division out;
  out.quotient.digits_.assign(digits_.size(), 0);
  for (size_t i = digits_.size(); i-- > 0;) {
    out.remainder.digits_.insert(out.remainder.digits_.begin(), digits_[i]);
    out.remainder.trimmed();
    for (size_t k = 8; k-- > 0;) {
      if (out.remainder < multiples[k]) continue;
      out.remainder = out.remainder - multiples[k];
      out.quotient.digits_[i] = static_cast<uint8_t>(out.quotient.digits_[i] | 1 << k);
    }
  }
  out.quotient.trimmed();
  return out;
}
inline SimpleNumber SimpleNumber::operator/(const SimpleNumber& divisor) const {
  return divided_by(divisor).quotient;
}
inline SimpleNumber SimpleNumber::operator%(const SimpleNumber& divisor) const {
  return divided_by(divisor).remainder;
}

inline SimpleNumber simple_gcd(SimpleNumber a, SimpleNumber b) {
  while (!b.is_zero()) {
    const SimpleNumber rest = a % b;
    a = b;
    b = rest;
  }
  return a;
}

inline SimpleNumber simple_power(SimpleNumber base, const SimpleNumber& exponent,
                                 const SimpleNumber& modulus) {
  SimpleNumber out = SimpleNumber(1) % modulus;
  for (size_t i = 0; i < exponent.bits(); ++i) {
    if (exponent.bit(i)) out = out * base % modulus;
    base = base * base % modulus;
  }
  return out;
}

}  // namespace bulla::test
