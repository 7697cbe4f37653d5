// ClientHello, RFC 9846 §4.2.2 (and RFC 5246 §7.4.1.2, of which it is a refinement):
//   struct {
//       ProtocolVersion legacy_version = 0x0303;
//       Random random;
//       opaque legacy_session_id<0..32>;
//       CipherSuite cipher_suites<2..2^16-2>;
//       opaque legacy_compression_methods<1..2^8-1>;
//       Extension extensions<8..2^16-1>;      // may be absent in TLS 1.2
//   } ClientHello;
#pragma once

#include "tls/ext/key_share.h"
#include "tls/ext/list.h"
#include "tls/ext/pre_shared_key.h"
#include "tls/ext/rules.h"
#include "tls/msg/message.h"

#include <optional>

namespace bulla::tls {

struct ClientHello {
  static constexpr HandshakeType type = HandshakeType::client_hello;

  ProtocolVersion legacy_version = ProtocolVersion::tls12;
  Bytes random = {};  ///< 32 bytes
  Bytes session_id = {};
  U16List<CipherSuite> cipher_suites = {};
  Bytes compression_methods = {};

  // Extensions; nullopt or false: absent. Views into the message, or into what the encoder's caller owns.
  std::optional<Bytes> server_name = {};
  bool status_request = false;
  std::optional<U16List<NamedGroup>> supported_groups = {};
  std::optional<Bytes> ec_point_formats = {};
  std::optional<U16List<SignatureScheme>> signature_algorithms = {};
  std::optional<U16List<SignatureScheme>> signature_algorithms_cert = {};
  std::optional<std::vector<Bytes>> alpn = {};
  bool extended_master_secret = false;
  std::optional<Bytes> session_ticket = {};
  std::optional<U16List<ProtocolVersion>> supported_versions = {};
  std::optional<Bytes> cookie = {};
  std::optional<Bytes> psk_modes = {};
  std::optional<std::vector<Bytes>> certificate_authorities = {};
  bool post_handshake_auth = false;
  bool early_data = false;
  std::optional<std::vector<KeyShareEntry>> key_share = {};
  std::optional<Bytes> renegotiation_info = {};
  std::optional<OfferedPsks> pre_shared_key = {};
  /// Extensions that this library does not know, in order; encoded before pre_shared_key.
  RawExtensions others = {};

  /// Refuses: decode_error, duplicate_extension, misplaced_extension, psk_not_last, psk_binder_count,
  /// duplicate_key_share.
  static Result<ClientHello> decode(Bytes body);
  /// Writes the extensions in the order of `order` (types of `others` included); those not named there follow
  /// in the default order; pre_shared_key is always last.
  void encode(Writer& w, std::span<const ExtensionType> order = {}) const;
  /// The types of all extensions that encode() would write.
  std::vector<ExtensionType> extension_types() const;
};

/// A whole message, with the header.
std::vector<uint8_t> encode_client_hello(const ClientHello& hello, std::span<const ExtensionType> order = {});

}  // namespace bulla::tls
