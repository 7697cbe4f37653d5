#include "tls/msg/codec_checks.h"

#include <algorithm>

namespace bulla::test {

ByteVector joined(std::initializer_list<ByteVector> parts) {
  ByteVector out;
  for (const ByteVector& part : parts) out.insert(out.end(), part.begin(), part.end());
  return out;
}

ByteVector filled(size_t size, uint8_t with) {
  return ByteVector(size, with);
}

ByteVector prefixed(size_t width, const ByteVector& body) {
  ByteVector out(width + body.size());
  for (size_t i = 0; i < width; ++i) out[i] = static_cast<uint8_t>(body.size() >> (8 * (width - 1 - i)));
  std::copy(body.begin(), body.end(), out.begin() + static_cast<std::ptrdiff_t>(width));
  return out;
}

ByteVector extension(uint16_t type, const ByteVector& body) {
  const ByteVector head = {static_cast<uint8_t>(type >> 8), static_cast<uint8_t>(type)};
  return joined({head, prefixed(2, body)});
}

ByteVector extension(ExtensionType type, const ByteVector& body) {
  return extension(static_cast<uint16_t>(type), body);
}

}  // namespace bulla::test
