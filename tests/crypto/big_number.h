// Whole numbers by the methods of school, for tests: plain, and like nothing in the code they check.
#pragma once

#include <bulla/bytes.h>

#include <algorithm>
#include <ostream>
#include <vector>

namespace bulla::test {

/// A number from zero up, in digits of 32 bits, the lowest first; no zeros at the top.
class BigNumber {
 public:
  BigNumber(uint64_t small = 0) {  // NOLINT(google-explicit-constructor): numbers mix with literals
    for (; small > 0; small >>= 32) digits_.push_back(static_cast<uint32_t>(small));
  }
  static BigNumber from_little_endian(Bytes bytes) {
    BigNumber out;
    for (size_t i = bytes.size(); i-- > 0;) out = (out << 8) + bytes[i];
    return out;
  }
  std::vector<uint8_t> to_little_endian(size_t size) const {
    std::vector<uint8_t> out(size);
    for (size_t i = 0; i < size; ++i) out[i] = static_cast<uint8_t>(digit(i / 4) >> 8 * (i % 4));
    return out;
  }

  BigNumber operator+(const BigNumber& other) const {
    BigNumber out;
    uint64_t carry = 0;
    for (size_t i = 0; i < std::max(digits_.size(), other.digits_.size()) + 1; ++i) {
      carry += uint64_t{digit(i)} + other.digit(i);
      out.digits_.push_back(static_cast<uint32_t>(carry));
      carry >>= 32;
    }
    return out.trim();
  }
  /// Of a number that is not larger.
  BigNumber operator-(const BigNumber& other) const {
    BigNumber out = *this;
    int64_t borrow = 0;
    for (size_t i = 0; i < digits_.size(); ++i) {
      const int64_t difference = int64_t{digit(i)} - other.digit(i) - borrow;
      out.digits_[i] = static_cast<uint32_t>(difference);
      borrow = difference < 0 ? 1 : 0;
    }
    return out.trim();
  }
  BigNumber operator*(const BigNumber& other) const {
    BigNumber out;
    out.digits_.resize(digits_.size() + other.digits_.size());
    for (size_t i = 0; i < digits_.size(); ++i) {
      uint64_t carry = 0;
      for (size_t j = 0; i + j < out.digits_.size(); ++j) {
        carry += uint64_t{digits_[i]} * other.digit(j) + out.digits_[i + j];
        out.digits_[i + j] = static_cast<uint32_t>(carry);
        carry >>= 32;
      }
    }
    return out.trim();
  }
  BigNumber operator<<(size_t n) const {
    BigNumber out;
    out.digits_.resize(n / 32);
    uint64_t carry = 0;
    for (size_t i = 0; i < digits_.size() + 1; ++i) {
      carry |= uint64_t{digit(i)} << n % 32;
      out.digits_.push_back(static_cast<uint32_t>(carry));
      carry >>= 32;
    }
    return out.trim();
  }
  /// Bit by bit, from the top.
  BigNumber operator%(const BigNumber& modulus) const {
    BigNumber rest;
    for (size_t i = 32 * digits_.size(); i-- > 0;) {
      rest = (rest << 1) + (digits_[i / 32] >> i % 32 & 1);
      if (!(rest < modulus)) rest = rest - modulus;
    }
    return rest;
  }
  bool operator<(const BigNumber& other) const {
    if (digits_.size() != other.digits_.size()) return digits_.size() < other.digits_.size();
    return std::lexicographical_compare(digits_.rbegin(), digits_.rend(), other.digits_.rbegin(),
                                        other.digits_.rend());
  }
  bool operator==(const BigNumber& other) const = default;
  friend std::ostream& operator<<(std::ostream& out, const BigNumber& number) {
    return out << "little-endian " << to_hex(number.to_little_endian(4 * number.digits_.size())) << ' ';
  }

 private:
  uint32_t digit(size_t i) const { return i < digits_.size() ? digits_[i] : 0; }
  BigNumber& trim() {
    while (!digits_.empty() && digits_.back() == 0) digits_.pop_back();
    return *this;
  }
  std::vector<uint32_t> digits_;
};

}  // namespace bulla::test
