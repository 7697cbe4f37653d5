// What holds for every codec, and the bytes of hellos to violate it with.
#pragma once

#include "base/writer.h"
#include "support/vectors.h"
#include "tls/ext/rules.h"
#include "tls/msg/message.h"

#include <bulla/result.h>

#include <gtest/gtest.h>

#include <initializer_list>

namespace bulla::test {

using ByteVector = std::vector<uint8_t>;

ByteVector joined(std::initializer_list<ByteVector> parts);
/// `size` times the same byte.
ByteVector filled(size_t size, uint8_t with = 0x11);
/// `body` behind its length in `width` bytes.
ByteVector prefixed(size_t width, const ByteVector& body);
ByteVector extension(uint16_t type, const ByteVector& body = {});
ByteVector extension(ExtensionType type, const ByteVector& body = {});

/// Why a result is refused; nothing if it is not.
template <class T>
std::optional<ErrorCode> refusal(const Result<T>& result) {
  if (result) return std::nullopt;
  return result.error().code;
}
template <class T>
std::optional<AlertDescription> alert(const Result<T>& result) {
  if (result) return std::nullopt;
  return result.error().alert_to_send();
}

template <class Message>
ByteVector encoded(const Message& message) {
  ByteVector out;
  Writer w(out);
  message.encode(w);
  return out;
}

/// decode∘encode = id on these bytes; no prefix of them and nothing longer is accepted. `also_valid` are the
/// lengths at which a message with optional parts may end.
template <class Decode>
void check_codec(const ByteVector& body, Decode decode, std::initializer_list<size_t> also_valid = {}) {
  const auto message = decode(Bytes(body));
  ASSERT_TRUE(message.ok()) << message.error().explain();
  EXPECT_EQ(to_hex(encoded(*message)), to_hex(body));
  for (size_t n = 0; n < body.size(); ++n) {
    const ByteVector cut(body.begin(), body.begin() + static_cast<std::ptrdiff_t>(n));
    const bool valid = std::find(also_valid.begin(), also_valid.end(), n) != also_valid.end();
    EXPECT_EQ(decode(Bytes(cut)).ok(), valid) << n << " of " << body.size() << " bytes";
  }
  const ByteVector longer = joined({body, {0}});
  EXPECT_FALSE(decode(Bytes(longer)).ok());
}

}  // namespace bulla::test
