#include "asn1/der_writer.h"

#include "asn1/time.h"
#include "base/assert.h"

#include <algorithm>

namespace bulla::asn1 {
namespace {

/// Length octets: short form below 128, else the fewest octets (X.690 §10.1).
size_t encode_length(size_t length, uint8_t (&octets)[9]) {
  if (length < 0x80) {
    octets[0] = static_cast<uint8_t>(length);
    return 1;
  }
  size_t n = 0;
  for (size_t rest = length; rest; rest >>= 8) ++n;
  octets[0] = static_cast<uint8_t>(0x80 | n);
  for (size_t i = 0; i < n; ++i) octets[1 + i] = static_cast<uint8_t>(length >> (8 * (n - 1 - i)));
  return 1 + n;
}

/// How long the element at the front is, tag and length included; `der` was written by this writer.
size_t element_size(Bytes der) {
  if (der[1] < 0x80) return 2u + der[1];
  size_t length = 0;
  const size_t n = der[1] & 0x7f;
  for (size_t i = 0; i < n; ++i) length = length << 8 | der[2 + i];
  return 2 + n + length;
}

}  // namespace

void DerWriter::value(uint8_t tag, Bytes content) {
  uint8_t length[9];
  const size_t n = encode_length(content.size(), length);
  out_.push_back(tag);
  out_.insert(out_.end(), length, length + n);
  raw(content);
}

void DerWriter::boolean(bool v) {
  const uint8_t octet = v ? 0xff : 0x00;  // X.690 §11.1
  value(tag::boolean, {&octet, 1});
}

void DerWriter::integer(uint64_t v) {
  uint8_t octets[8];
  for (size_t i = 0; i < 8; ++i) octets[i] = static_cast<uint8_t>(v >> (8 * (7 - i)));
  unsigned_integer(octets);
}

void DerWriter::unsigned_integer(Bytes big_endian) {
  while (big_endian.size() > 1 && big_endian[0] == 0) big_endian = big_endian.subspan(1);
  const bool empty = big_endian.empty();
  const bool sign = empty || (big_endian[0] & 0x80);
  uint8_t length[9];
  const size_t n = encode_length(big_endian.size() + (sign ? 1 : 0), length);
  out_.push_back(tag::integer);
  out_.insert(out_.end(), length, length + n);
  if (sign) out_.push_back(0);
  raw(big_endian);
}

void DerWriter::bit_string(Bytes content) {
  bit_string([&](DerWriter& w) { w.raw(content); });
}

void DerWriter::named_bits(uint32_t bits) {
  uint8_t octets[5] = {};
  size_t size = 1;
  for (unsigned n = 0; n < 32; ++n) {
    if (!(bits >> n & 1)) continue;
    octets[1 + n / 8] = static_cast<uint8_t>(octets[1 + n / 8] | 0x80u >> (n % 8));
    size = 2 + n / 8;
    octets[0] = static_cast<uint8_t>(7 - n % 8);
  }
  value(tag::bit_string, {octets, size});
}

void DerWriter::time(Time t) {
  const EncodedTime encoded = encode_time(t);
  value(encoded.tag, as_bytes(encoded.text));
}

void DerWriter::generalized_time(Time t) {
  const EncodedTime encoded = encode_generalized_time(t);
  value(encoded.tag, as_bytes(encoded.text));
}

size_t DerWriter::begin(uint8_t tag) {
  out_.push_back(tag);
  out_.push_back(0);
  return out_.size();
}

void DerWriter::end(size_t content_at) {
  uint8_t length[9];
  const size_t n = encode_length(out_.size() - content_at, length);
  out_[content_at - 1] = length[0];
  out_.insert(out_.begin() + static_cast<ptrdiff_t>(content_at), length + 1, length + n);
}

void DerWriter::sort_set(size_t content_at) {
  const Bytes content = Bytes(out_).subspan(content_at);
  std::vector<std::vector<uint8_t>> elements;
  for (Bytes rest = content; !rest.empty();) {
    const size_t size = element_size(rest);
    BULLA_ASSERT(size <= rest.size(), "a SET was filled with bytes that are not DER");
    elements.push_back(to_vector(rest.first(size)));
    rest = rest.subspan(size);
  }
  std::sort(elements.begin(), elements.end());
  out_.resize(content_at);
  for (const auto& element : elements) raw(element);
}

bool is_printable_string(std::string_view text) noexcept {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view(" '()+,-./:=?").find(c) != std::string_view::npos;
  });
}

}  // namespace bulla::asn1
