#include "asn1/oid.h"

namespace bulla::asn1 {

bool is_valid_oid(Bytes content) noexcept {
  if (content.empty() || (content.back() & 0x80)) return false;
  size_t group = 0;
  for (const uint8_t octet : content) {
    if (group == 0 && octet == 0x80) return false;  // X.690 §8.19.2: no leading padding
    group = (octet & 0x80) ? group + 1 : 0;
    if (group >= 9) return false;  // so that an arc fits 64 bits: a bound of this library
  }
  return true;
}

std::string to_dotted(Bytes content) {
  constexpr size_t longest = 200;  // real ones have some thirty characters
  if (!is_valid_oid(content)) return "(malformed)";
  std::string out;
  uint64_t arc = 0;
  for (const uint8_t octet : content) {
    arc = arc << 7 | (octet & 0x7f);
    if (octet & 0x80) continue;
    if (out.empty()) {
      const uint64_t first = arc < 80 ? arc / 40 : 2;
      out = std::to_string(first);
      arc -= first * 40;
    }
    if (out.size() > longest) return out + "...";
    out += '.';
    out += std::to_string(arc);
    arc = 0;
  }
  return out;
}

}  // namespace bulla::asn1
