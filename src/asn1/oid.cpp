#include "asn1/oid.h"

#include <charconv>

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

std::vector<uint8_t> from_dotted(std::string_view text) {
  std::vector<uint8_t> out;
  uint64_t first = 0;
  for (size_t arcs = 0; !text.empty() || arcs < 2; ++arcs) {
    uint64_t arc = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), arc);
    const auto length = static_cast<size_t>(end - text.data());
    if (error != std::errc() || (text[0] == '0' && length > 1)) return {};
    text.remove_prefix(length);
    if (!text.empty() && (text[0] != '.' || text.size() == 1)) return {};
    if (!text.empty()) text.remove_prefix(1);
    if ((arcs == 0 && arc > 2) || (arcs == 1 && first < 2 && arc > 39)) return {};
    if (arcs == 0) first = arc;
    if (arcs == 0) continue;
    if (arcs == 1) arc += first * 40;  // X.690 §8.19.4: the first two arcs share an octet group
    if (arc >> 63) return {};
    size_t groups = 1;
    for (uint64_t rest = arc >> 7; rest; rest >>= 7) ++groups;
    for (size_t i = groups; i-- > 0;)
      out.push_back(static_cast<uint8_t>((arc >> (7 * i) & 0x7f) | (i ? 0x80u : 0u)));
  }
  return out;
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
