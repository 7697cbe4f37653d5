// The frame around every handshake message, RFC 9846 §4:
//   struct { HandshakeType msg_type; uint24 length; <message>; } Handshake;
#pragma once

#include "base/reader.h"
#include "base/writer.h"

#include <bulla/result.h>
#include <bulla/tls_types.h>

namespace bulla::tls {

inline constexpr size_t handshake_header_size = 4;

/// One whole handshake message in a buffer that outlives the handling of it.
struct HandshakeMessage {
  HandshakeType type = {};
  Bytes body = {};
  Bytes whole = {};  ///< header and body: what the transcript hashes
};

/// `whole` must be exactly one message.
inline HandshakeMessage view_message(Bytes whole) noexcept {
  return {static_cast<HandshakeType>(whole[0]), whole.subspan(handshake_header_size), whole};
}

/// What a decoder answers to a body that is not of the message's form.
inline Error cannot_decode(HandshakeType type) {
  return {ErrorCode::decode_error, name_of(type)};
}

/// A message with its header. Every message type has `static constexpr HandshakeType type` and
/// `encode(Writer&)`.
template <class Message>
std::vector<uint8_t> encode_message(const Message& message) {
  std::vector<uint8_t> out;
  Writer w(out);
  w.value(Message::type);
  w.u24_prefixed([&](Writer& body) { message.encode(body); });
  return out;
}

}  // namespace bulla::tls
