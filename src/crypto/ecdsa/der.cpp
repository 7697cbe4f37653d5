#include "crypto/ecdsa/der.h"

#include "base/reader.h"

namespace bulla::crypto::ecdsa {
namespace {

/// A positive INTEGER in its shortest form (X.690 §8.3.2), without its sign byte; empty if it is anything
/// else.
Bytes read_integer(Reader& r) noexcept {
  if (r.u8() != 0x02) r.fail();
  const Bytes number = r.u8_bytes(1, 0x7f);
  if (number.empty() || (number[0] & 0x80) != 0) return {};
  if (number[0] != 0) return number;
  // A leading zero is there to keep the number positive, and for nothing else.
  if (number.size() < 2 || (number[1] & 0x80) == 0) return {};
  return number.subspan(1);
}

void write_integer(Bytes number, std::vector<uint8_t>& out) {
  while (number.size() > 1 && number[0] == 0) number = number.subspan(1);
  const bool needs_zero = (number[0] & 0x80) != 0;
  out.push_back(0x02);
  out.push_back(static_cast<uint8_t>(number.size() + (needs_zero ? 1 : 0)));
  if (needs_zero) out.push_back(0);
  out.insert(out.end(), number.begin(), number.end());
}

}  // namespace

SignatureNumbers read_signature(Bytes der) noexcept {
  Reader outer(der);
  if (outer.u8() != 0x30) return {};
  size_t length = outer.u8();
  if (length == 0x81) {
    length = outer.u8();
    // The long form of a length is for what the short one cannot tell (X.690 §10.1).
    if (length < 0x80) return {};
  } else if (length > 0x7f) {
    return {};
  }
  Reader inner(outer.bytes(length));
  if (!outer.done()) return {};
  const Bytes r = read_integer(inner);
  const Bytes s = read_integer(inner);
  if (!inner.done() || r.empty() || s.empty()) return {};
  return {r, s};
}

std::vector<uint8_t> write_signature(Bytes r, Bytes s) {
  std::vector<uint8_t> body;
  write_integer(r, body);
  write_integer(s, body);
  std::vector<uint8_t> out = {0x30};
  if (body.size() > 0x7f) out.push_back(0x81);
  out.push_back(static_cast<uint8_t>(body.size()));
  out.insert(out.end(), body.begin(), body.end());
  return out;
}

}  // namespace bulla::crypto::ecdsa
