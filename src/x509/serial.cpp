#include "x509/serial.h"

namespace bulla::x509 {
namespace {

/// Two's complement, in place.
void negate(std::vector<uint8_t>& number) {
  for (size_t i = number.size(), carry = 1; i-- > 0;) {
    carry += static_cast<uint8_t>(~number[i]);
    number[i] = static_cast<uint8_t>(carry);
    carry >>= 8;
  }
}

int digit_of(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::string print_serial(Bytes integer) {
  std::vector<uint8_t> number = to_vector(integer);
  const bool negative = !number.empty() && (number[0] & 0x80);
  if (negative) negate(number);
  const bool sign_octet = number.size() > 1 && number[0] == 0;
  return (negative ? "-" : "") + to_hex(Bytes(number).subspan(sign_octet ? 1 : 0));
}

std::optional<std::vector<uint8_t>> parse_serial(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  if (text.empty() || text.size() > 100) return {};
  // One zero octet more than needed: room for the sign.
  std::vector<uint8_t> number(text.size() / 2 + 2);
  for (size_t i = 0; i < text.size(); ++i) {
    const int digit = digit_of(text[text.size() - 1 - i]);
    if (digit < 0) return {};
    uint8_t& octet = number[number.size() - 1 - i / 2];
    octet = static_cast<uint8_t>(octet | digit << (4 * (i % 2)));
  }
  if (negative) negate(number);
  // X.690 §8.3.2: the fewest octets.
  size_t skip = 0;
  const auto redundant = [&] {
    const bool sign = (number[skip + 1] & 0x80) != 0;
    return number[skip] == (sign ? 0xff : 0x00);
  };
  while (skip + 1 < number.size() && redundant()) ++skip;
  number.erase(number.begin(), number.begin() + static_cast<ptrdiff_t>(skip));
  return number;
}

}  // namespace bulla::x509
