#include "asn1/der_reader.h"

#include "asn1/time.h"

namespace bulla::asn1 {

void DerReader::fail(const char* why) noexcept {
  if (!why_) why_ = why;
  rest_ = {};
}

bool DerReader::header(uint8_t& tag, size_t& header_size, size_t& length) noexcept {
  if (!ok()) return false;
  if (rest_.size() < 2) return fail("an element is missing or cut off"), false;
  tag = rest_[0];
  // X.690 §8.1.5: what ends an indefinite length stands nowhere else, primitive or constructed.
  if ((tag & ~0x20u) == 0) return fail("a tag that is reserved for the end of contents"), false;
  if ((tag & 0x1f) == 0x1f) return fail("a tag of more than one octet"), false;
  header_size = 2;
  length = rest_[1];
  if (length < 0x80) return true;
  const size_t octets = length & 0x7f;
  if (octets == 0) return fail("an indefinite length, which DER forbids"), false;
  if (octets > 4) return fail("a length beyond reason"), false;
  if (rest_.size() < 2 + octets) return fail("a length is cut off"), false;
  length = 0;
  for (size_t i = 0; i < octets; ++i) length = length << 8 | rest_[2 + i];
  header_size = 2 + octets;
  // X.690 §10.1: the fewest octets.
  if (length < 0x80 || length >> (8 * (octets - 1)) == 0)
    return fail("a length is not in its shortest form"), false;
  return true;
}

Element DerReader::any() noexcept {
  uint8_t tag = 0;
  size_t header_size = 0, length = 0;
  if (!header(tag, header_size, length)) return {};
  if (rest_.size() - header_size < length) {
    fail("an element is longer than what holds it");
    return {};
  }
  const Element out = {tag, rest_.subspan(header_size, length), rest_.first(header_size + length)};
  rest_ = rest_.subspan(header_size + length);
  return out;
}

Element DerReader::element(uint8_t tag) noexcept {
  if (!ok()) return {};
  if (rest_.empty()) return fail("an element is missing"), Element{};
  if (rest_[0] != tag) return fail("an element of another type than expected"), Element{};
  return any();
}

Bytes DerReader::rest() noexcept {
  const Bytes out = rest_;
  rest_ = {};
  return out;
}

DerReader DerReader::enter(uint8_t tag) noexcept {
  const Bytes inner = content(tag);
  if (ok() && depth_ + 1 > max_depth) fail("elements nest too deeply");
  DerReader out(inner, depth_ + 1);
  out.why_ = why_;
  return out;
}

void DerReader::leave(const DerReader& inner) noexcept {
  if (!inner.done()) fail(inner.why());
}

bool DerReader::boolean() noexcept {
  const Bytes octets = content(tag::boolean);
  if (!ok()) return false;
  if (octets.size() != 1 || (octets[0] != 0x00 && octets[0] != 0xff)) {
    fail("a BOOLEAN is neither 00 nor FF");  // X.690 §11.1
    return false;
  }
  return octets[0] == 0xff;
}

bool is_minimal_integer(Bytes content) noexcept {
  if (content.empty()) return false;
  if (content.size() == 1) return true;
  const bool sign = (content[1] & 0x80) != 0;
  return !(content[0] == 0x00 && !sign) && !(content[0] == 0xff && sign);
}

Bytes DerReader::integer() noexcept {
  const Bytes octets = content(tag::integer);
  if (!ok()) return {};
  if (!is_minimal_integer(octets)) return fail("an INTEGER is not in its shortest form"), Bytes{};
  return octets;
}

Bytes DerReader::unsigned_integer() noexcept {
  const Bytes octets = integer();
  if (!ok()) return {};
  if (octets[0] & 0x80) return fail("an INTEGER is negative where it may not be"), Bytes{};
  return octets.size() > 1 && octets[0] == 0 ? octets.subspan(1) : octets;
}

uint64_t DerReader::small_integer(uint64_t max) noexcept {
  return small_integer(tag::integer, max);
}

uint64_t DerReader::small_integer(uint8_t tag, uint64_t max) noexcept {
  const Bytes octets = content(tag);
  if (!ok()) return 0;
  if (!is_minimal_integer(octets)) return fail("an INTEGER is not in its shortest form"), 0;
  if (octets[0] & 0x80) return fail("an INTEGER is negative where it may not be"), 0;
  if (octets.size() > 9 || (octets.size() == 9 && octets[0] != 0))
    return fail("an INTEGER is out of range"), 0;
  uint64_t value = 0;
  for (const uint8_t octet : octets) value = value << 8 | octet;
  if (value > max) return fail("an INTEGER is out of range"), 0;
  return value;
}

void DerReader::null() noexcept {
  if (!content(tag::null).empty()) fail("a NULL has content");
}

Bytes DerReader::oid() noexcept {
  const Bytes octets = content(tag::oid);
  if (!ok()) return {};
  if (!is_valid_oid(octets)) return fail("an OBJECT IDENTIFIER is malformed"), Bytes{};
  return octets;
}

BitString DerReader::bit_string(uint8_t tag) noexcept {
  const Bytes octets = content(tag);
  if (!ok()) return {};
  if (octets.empty() || octets[0] > 7 || (octets.size() == 1 && octets[0] != 0))
    return fail("a BIT STRING is malformed"), BitString{};
  // X.690 §11.2.1: unused bits are zero.
  if (octets[0] && (octets.back() & ((1u << octets[0]) - 1)))
    return fail("unused bits of a BIT STRING are set"), BitString{};
  return {octets.subspan(1), octets[0]};
}

Bytes DerReader::bit_string_octets() noexcept {
  const BitString bits = bit_string();
  if (bits.unused) return fail("a BIT STRING does not end at an octet"), Bytes{};
  return bits.octets;
}

BitString DerReader::named_bits(uint8_t tag) noexcept {
  const BitString bits = bit_string(tag);
  if (!ok() || bits.octets.empty()) return bits;
  if (!(bits.octets.back() >> bits.unused & 1))
    return fail("a named bit list has trailing zero bits"), BitString{};
  return bits;
}

Time DerReader::time() noexcept {
  const Element e = any();
  if (!ok()) return {};
  const auto time = decode_time(e.tag, e.content);
  if (!time) return fail("a date is not in the form that RFC 5280 §4.1.2.5 allows"), Time{};
  return *time;
}

}  // namespace bulla::asn1
