#include "pki/pkcs12_text.h"

#include "base/ct.h"

namespace bulla::pki {
namespace {

constexpr auto shape_is_public = "how many octets each character of a passphrase takes, as its length";

/// 1 if all of `bits` are set, counted from the top of the octet.
constexpr uint32_t top_bits(uint8_t octet, unsigned bits) {
  uint32_t all = 1;
  for (unsigned i = 0; i < bits; ++i) all &= static_cast<uint32_t>(octet >> (7 - i));
  return all & 1;
}

}  // namespace

std::optional<SecretBytes> utf16_of(std::string_view utf8) {
  const Bytes in = as_bytes(utf8);
  SecretBytes out(2 * in.size());
  size_t at = 0;
  const auto put = [&](uint32_t unit) {
    out.writable()[at++] = static_cast<uint8_t>(unit >> 8);
    out.writable()[at++] = static_cast<uint8_t>(unit);
  };
  uint32_t bad = 0;  // RFC 3629 §4: bits are set where something is wrong
  for (size_t i = 0; i < in.size();) {
    const uint8_t lead = in[i++];
    const size_t tail =
        ct::declassified(top_bits(lead, 2) + top_bits(lead, 3) + top_bits(lead, 4), shape_is_public);
    bad |= (top_bits(lead, 1) ^ top_bits(lead, 2)) | top_bits(lead, 5);
    if (in.size() - i < tail) return {};
    constexpr uint8_t value_bits[] = {0x7f, 0x1f, 0x0f, 0x07};
    constexpr uint32_t lowest[] = {0, 0x80, 0x800, 0x10000};
    uint32_t c = lead & value_bits[tail];
    for (size_t k = 0; k < tail; ++k) {
      bad |= (in[i] ^ 0x80u) & 0xc0;
      c = c << 6 | (in[i++] & 0x3f);
    }
    bad |= (c - lowest[tail]) >> 31;        // longer than it has to be
    bad |= (0x10ffffu - c) >> 31;           // beyond Unicode
    bad |= ((c >> 11 ^ 0x1bu) - 1u) >> 31;  // a surrogate
    if (tail < 3) {
      put(c);
    } else {
      put(0xd800u | ((c - 0x10000u) >> 10 & 0x3ff));
      put(0xdc00u | (c & 0x3ff));
    }
  }
  if (ct::declassified(bad, "whether a passphrase is text at all") != 0) return {};
  return SecretBytes(out.reveal().first(at));
}

std::optional<std::string> utf8_of(Bytes utf16) {
  if (utf16.size() % 2) return {};
  std::string out;
  const auto put = [&](uint32_t octet) { out += static_cast<char>(octet); };
  const auto unit = [&](size_t at) { return static_cast<uint32_t>(utf16[at] << 8 | utf16[at + 1]); };
  for (size_t at = 0; at < utf16.size(); at += 2) {
    uint32_t c = unit(at);
    if ((c & 0xfc00) == 0xd800) {
      at += 2;
      if (at == utf16.size() || (unit(at) & 0xfc00) != 0xdc00) return {};
      c = 0x10000 + ((c & 0x3ff) << 10 | (unit(at) & 0x3ff));
    } else if ((c & 0xfc00) == 0xdc00) {
      return {};
    }
    if (c < 0x80) {
      put(c);
    } else if (c < 0x800) {
      put(0xc0 | c >> 6), put(0x80 | (c & 0x3f));
    } else if (c < 0x10000) {
      put(0xe0 | c >> 12), put(0x80 | (c >> 6 & 0x3f)), put(0x80 | (c & 0x3f));
    } else {
      put(0xf0 | c >> 18), put(0x80 | (c >> 12 & 0x3f)), put(0x80 | (c >> 6 & 0x3f)), put(0x80 | (c & 0x3f));
    }
  }
  return out;
}

}  // namespace bulla::pki
