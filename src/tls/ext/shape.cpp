#include "tls/ext/shape.h"

#include "base/assert.h"
#include "tls/ext/write.h"
#include "tls/msg/message.h"
#include "tls/msg/server_hello.h"

#include <algorithm>

namespace bulla::tls {
namespace {

using Shape = dangerous::WireShape;

/// What the shape says of this message; nullptr for messages that it does not know.
const Shape::Extensions* part_of(const Shape& shape, bool retried, Bytes whole) {
  switch (static_cast<HandshakeType>(whole[0])) {
    case HandshakeType::client_hello: return retried ? &shape.second_client_hello : &shape.client_hello;
    case HandshakeType::server_hello:
      return equal_vartime(whole.subspan(handshake_header_size + 2, 32), hello_retry_random)
                 ? &shape.hello_retry_request
                 : &shape.server_hello;
    case HandshakeType::encrypted_extensions: return &shape.encrypted_extensions;
    case HandshakeType::certificate_request: return &shape.certificate_request;
    case HandshakeType::new_session_ticket: return &shape.new_session_ticket;
    default: return nullptr;
  }
}

/// Where the extension block begins: behind the fields of each message's struct (RFC 9846 §4.2.2, §4.2.3,
/// §4.4.1, §4.4.2, §4.7.1).
size_t extensions_at(Bytes whole) {
  Reader r(whole.subspan(handshake_header_size));
  switch (static_cast<HandshakeType>(whole[0])) {
    case HandshakeType::client_hello:
      r.bytes(2 + 32);
      r.u8_bytes();
      r.u16_bytes();
      r.u8_bytes();
      break;
    case HandshakeType::server_hello:
      r.bytes(2 + 32);
      r.u8_bytes();
      r.bytes(2 + 1);
      break;
    case HandshakeType::certificate_request: r.u8_bytes(); break;
    case HandshakeType::new_session_ticket:
      r.bytes(4 + 4);
      r.u8_bytes();
      r.u16_bytes();
      break;
    default: break;
  }
  BULLA_ASSERT(r.ok(), "a message of our own");
  return whole.size() - r.left();
}

}  // namespace

void apply_shape(const Shape& shape, bool retried, std::vector<uint8_t>& whole) {
  const Shape::Extensions* part = part_of(shape, retried, whole);
  if (!part || (part->order.empty() && part->bodies.empty())) return;
  const size_t at = extensions_at(whole);
  Reader block(Bytes(whole).subspan(at));
  auto ours = split_extensions(block);
  BULLA_ASSERT(ours.ok() && block.done(), "a message of our own");
  for (const auto& [type, body] : part->bodies) {
    const auto there = std::ranges::find(*ours, type, &RawExtension::type);
    if (there != ours->end())
      there->body = body;
    else
      ours->push_back({type, body});
  }
  // RFC 9846 §4.3.11: pre_shared_key ends a ClientHello; its binders are computed over all that stands
  // before.
  const bool psk_last = static_cast<HandshakeType>(whole[0]) == HandshakeType::client_hello;
  const auto place = [&](const RawExtension& e) {
    if (psk_last && e.type == ExtensionType::pre_shared_key) return part->order.size() + 1;
    return static_cast<size_t>(std::ranges::find(part->order, e.type) - part->order.begin());
  };
  // A stable insertion sort; std::stable_sort asks for a buffer in a way that clang calls deprecated.
  for (auto at_end = ours->begin(); at_end != ours->end(); ++at_end)
    std::rotate(std::ranges::upper_bound(ours->begin(), at_end, place(*at_end), {}, place), at_end,
                at_end + 1);

  std::vector<uint8_t> shaped;
  Writer w(shaped);
  w.bytes(Bytes(whole).first(1));
  w.u24_prefixed([&](Writer& body) {
    body.bytes(Bytes(whole).first(at).subspan(handshake_header_size));
    body.u16_prefixed([&](Writer& list) { write_rest(list, *ours, [](ExtensionType) { return false; }); });
  });
  whole = std::move(shaped);
}

}  // namespace bulla::tls
