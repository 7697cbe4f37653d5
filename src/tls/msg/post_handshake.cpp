#include "tls/msg/post_handshake.h"

#include "tls/ext/write.h"

namespace bulla::tls {

Result<NewSessionTicket> NewSessionTicket::decode(Bytes body) {
  Reader r(body);
  NewSessionTicket message;
  message.lifetime = r.u32();
  message.age_add = r.u32();
  message.nonce = r.u8_bytes();
  message.ticket = r.u16_bytes(1);
  BULLA_TRY(const RawExtensions extensions, read_extensions(r, Carrier::nst));
  if (!r.done()) return cannot_decode(type);
  // RFC 9846 §4.7.1: early_data is the only one; clients ignore what they do not recognise.
  if (const auto early_data = find_extension(extensions, ExtensionType::early_data)) {
    Reader field(*early_data);
    message.max_early_data_size = field.u32();
    BULLA_TRY(require_done(field, ExtensionType::early_data));
  }
  return message;
}

void NewSessionTicket::encode(Writer& w) const {
  w.u32(lifetime);
  w.u32(age_add);
  w.u8_bytes(nonce);
  w.u16_bytes(ticket);
  w.u16_prefixed([&](Writer& block) {
    if (max_early_data_size)
      write_extension(block, ExtensionType::early_data,
                      [&](Writer& field) { field.u32(*max_early_data_size); });
  });
}

Result<KeyUpdate> KeyUpdate::decode(Bytes body) {
  Reader r(body);
  const uint8_t request = r.u8();
  if (!r.done()) return cannot_decode(type);
  // RFC 9846 §4.7.3: any other value is answered with illegal_parameter.
  if (request > 1) return Error{ErrorCode::illegal_parameter, "KeyUpdate.request_update is neither 0 nor 1"};
  return KeyUpdate{static_cast<KeyUpdateRequest>(request)};
}

void KeyUpdate::encode(Writer& w) const {
  w.value(request);
}

Result<EndOfEarlyData> EndOfEarlyData::decode(Bytes body) {
  if (!body.empty()) return cannot_decode(type);
  return EndOfEarlyData{};
}

}  // namespace bulla::tls
