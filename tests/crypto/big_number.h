// Whole numbers by the methods of school, for tests: plain, and like nothing in the code they check.
#pragma once

#include <bulla/bytes.h>

#include <algorithm>
#include <array>
#include <ostream>
#include <vector>

namespace bulla::test {

/// A number from zero up to 640 bits, in digits of 32, the lowest first. More ends the process.
class BigNumber {
 public:
  BigNumber(uint64_t small = 0) {  // NOLINT(google-explicit-constructor): numbers mix with literals
    digits_[0] = static_cast<uint32_t>(small);
    digits_[1] = static_cast<uint32_t>(small >> 32);
  }
  static BigNumber from_little_endian(Bytes bytes) {
    BigNumber out;
    for (size_t i = 0; i < bytes.size(); ++i) out.digits_.at(i / 4) |= uint32_t{bytes[i]} << 8 * (i % 4);
    return out;
  }
  std::vector<uint8_t> to_little_endian(size_t size) const {
    std::vector<uint8_t> out(size);
    for (size_t i = 0; i < size; ++i) out[i] = static_cast<uint8_t>(digits_.at(i / 4) >> 8 * (i % 4));
    return out;
  }

  BigNumber operator+(const BigNumber& other) const {
    BigNumber out;
    uint64_t carry = 0;
    for (size_t i = 0; i < size; ++i) {
      carry += uint64_t{digits_[i]} + other.digits_[i];
      out.digits_[i] = static_cast<uint32_t>(carry);
      carry >>= 32;
    }
    if (carry) __builtin_trap();
    return out;
  }
  /// Of a number that is not larger.
  BigNumber operator-(const BigNumber& other) const {
    BigNumber out;
    int64_t borrow = 0;
    for (size_t i = 0; i < size; ++i) {
      const int64_t difference = int64_t{digits_[i]} - other.digits_[i] - borrow;
      out.digits_[i] = static_cast<uint32_t>(difference);
      borrow = difference < 0 ? 1 : 0;
    }
    if (borrow) __builtin_trap();
    return out;
  }
  BigNumber operator*(const BigNumber& other) const {
    BigNumber out;
    for (size_t i = 0; i < size; ++i) {
      uint64_t carry = 0;
      for (size_t j = 0; j < size; ++j) {
        carry += uint64_t{digits_[i]} * other.digits_[j];
        if (carry == 0) continue;
        if (i + j >= size) __builtin_trap();
        carry += out.digits_[i + j];
        out.digits_[i + j] = static_cast<uint32_t>(carry);
        carry >>= 32;
      }
      if (carry) __builtin_trap();
    }
    return out;
  }
  BigNumber operator<<(size_t n) const {
    BigNumber out;
    for (size_t i = 0; i < 32 * size; ++i)
      if (bit(i)) out.digits_.at((i + n) / 32) |= uint32_t{1} << (i + n) % 32;
    return out;
  }
  /// Bit by bit, from the top.
  BigNumber operator%(const BigNumber& modulus) const {
    size_t i = 32 * size;
    while (i > 0 && !bit(i - 1)) --i;
    BigNumber rest;
    while (i-- > 0) {
      rest = rest + rest;
      rest.digits_[0] |= bit(i);
      if (!(rest < modulus)) rest = rest - modulus;
    }
    return rest;
  }
  bool operator<(const BigNumber& other) const {
    return std::lexicographical_compare(digits_.rbegin(), digits_.rend(), other.digits_.rbegin(),
                                        other.digits_.rend());
  }
  bool operator==(const BigNumber& other) const = default;
  friend std::ostream& operator<<(std::ostream& out, const BigNumber& number) {
    return out << "little-endian " << to_hex(number.to_little_endian(4 * size)) << ' ';
  }

 private:
  static constexpr size_t size = 20;
  uint32_t bit(size_t i) const { return digits_[i / 32] >> i % 32 & 1; }
  std::array<uint32_t, size> digits_{};
};

}  // namespace bulla::test
