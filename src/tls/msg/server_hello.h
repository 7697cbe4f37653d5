// ServerHello and HelloRetryRequest, RFC 9846 §4.2.3 and §4.2.4, RFC 5246 §7.4.1.3:
//   struct {
//       ProtocolVersion legacy_version = 0x0303;
//       Random random;
//       opaque legacy_session_id_echo<0..32>;
//       CipherSuite cipher_suite;
//       uint8 legacy_compression_method = 0;
//       Extension extensions<6..2^16-1>;      // may be absent in TLS 1.2
//   } ServerHello;
// One message on the wire, three in meaning: each is a type of its own here.
#pragma once

#include "tls/ext/key_share.h"
#include "tls/ext/rules.h"
#include "tls/msg/message.h"

#include <array>
#include <optional>
#include <variant>

namespace bulla::tls {

/// SHA-256("HelloRetryRequest"): the random that turns a ServerHello into a HelloRetryRequest.
extern const std::array<uint8_t, 32> hello_retry_random;

/// A ServerHello whose supported_versions says TLS 1.3.
struct ServerHello {
  static constexpr HandshakeType type = HandshakeType::server_hello;
  ProtocolVersion legacy_version = ProtocolVersion::tls12;
  Bytes random = {};
  Bytes session_id_echo = {};
  CipherSuite cipher_suite = {};
  uint8_t compression_method = 0;
  ProtocolVersion selected_version = ProtocolVersion::tls13;
  std::optional<KeyShareEntry> key_share = {};
  std::optional<uint16_t> selected_psk = {};
  RawExtensions extensions = {};  ///< all, as decoded: for check_solicited; `others` when encoding
  void encode(Writer& w) const;
};

/// A ServerHello with hello_retry_random.
struct HelloRetryRequest {
  static constexpr HandshakeType type = HandshakeType::server_hello;
  ProtocolVersion legacy_version = ProtocolVersion::tls12;
  Bytes session_id_echo = {};
  CipherSuite cipher_suite = {};
  uint8_t compression_method = 0;
  std::optional<ProtocolVersion> selected_version = {};
  std::optional<NamedGroup> selected_group = {};
  std::optional<Bytes> cookie = {};
  RawExtensions extensions = {};
  void encode(Writer& w) const;
};

/// A ServerHello without supported_versions: TLS 1.2 or below.
struct ServerHello12 {
  static constexpr HandshakeType type = HandshakeType::server_hello;
  ProtocolVersion version = ProtocolVersion::tls12;
  Bytes random = {};
  Bytes session_id = {};
  CipherSuite cipher_suite = {};
  uint8_t compression_method = 0;
  bool server_name_ack = false;
  bool status_request_ack = false;
  bool extended_master_secret = false;
  bool session_ticket_ack = false;
  std::optional<Bytes> ec_point_formats = {};
  std::optional<Bytes> alpn = {};  ///< exactly one name, else alpn_not_offered
  std::optional<Bytes> renegotiation_info = {};
  RawExtensions extensions = {};
  void encode(Writer& w) const;
};

using AnyServerHello = std::variant<ServerHello, HelloRetryRequest, ServerHello12>;
/// Tells the three apart and decodes: decode_error, duplicate_extension, misplaced_extension,
/// alpn_not_offered.
Result<AnyServerHello> decode_server_hello(Bytes body);

}  // namespace bulla::tls
