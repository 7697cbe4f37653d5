// NewSessionTicket (RFC 9846 §4.7.1), KeyUpdate (§4.7.3), EndOfEarlyData (§4.6).
#pragma once

#include "tls/ext/rules.h"
#include "tls/msg/message.h"

#include <bulla/connection.h>

#include <optional>

namespace bulla::tls {

/// struct { uint32 ticket_lifetime; uint32 ticket_age_add; opaque ticket_nonce<0..255>; opaque
/// ticket<1..2^16-1>;
///          Extension extensions<0..2^16-1>; } NewSessionTicket;
struct NewSessionTicket {
  static constexpr HandshakeType type = HandshakeType::new_session_ticket;
  uint32_t lifetime = 0;  ///< seconds
  uint32_t age_add = 0;
  Bytes nonce = {};
  Bytes ticket = {};
  std::optional<uint32_t> max_early_data_size = {};
  static Result<NewSessionTicket> decode(Bytes body);
  void encode(Writer& w) const;
};

/// struct { KeyUpdateRequest request_update; } KeyUpdate; other values than 0 and 1: illegal_parameter.
struct KeyUpdate {
  static constexpr HandshakeType type = HandshakeType::key_update;
  KeyUpdateRequest request = KeyUpdateRequest::update_not_requested;
  static Result<KeyUpdate> decode(Bytes body);
  void encode(Writer& w) const;
};

/// struct {} EndOfEarlyData;
struct EndOfEarlyData {
  static constexpr HandshakeType type = HandshakeType::end_of_early_data;
  static Result<EndOfEarlyData> decode(Bytes body);
  void encode(Writer&) const {}
};

}  // namespace bulla::tls
