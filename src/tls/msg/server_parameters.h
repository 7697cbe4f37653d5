// EncryptedExtensions (RFC 9846 §4.4.1) and CertificateRequest (§4.4.2).
#pragma once

#include "tls/ext/list.h"
#include "tls/ext/rules.h"
#include "tls/msg/message.h"

#include <optional>

namespace bulla::tls {

/// struct { Extension extensions<0..2^16-1>; } EncryptedExtensions;
struct EncryptedExtensions {
  static constexpr HandshakeType type = HandshakeType::encrypted_extensions;
  bool server_name_ack = false;
  std::optional<U16List<NamedGroup>> supported_groups = {};
  std::optional<Bytes> alpn = {};  ///< exactly one name, else alpn_not_offered
  bool early_data = false;
  RawExtensions extensions = {};  ///< all, as decoded; further ones to write when encoding
  static Result<EncryptedExtensions> decode(Bytes body);
  void encode(Writer& w) const;
};

/// struct { opaque certificate_request_context<0..2^8-1>; Extension extensions<0..2^16-1>; }
/// CertificateRequest;
struct CertificateRequest {
  static constexpr HandshakeType type = HandshakeType::certificate_request;
  Bytes context = {};
  U16List<SignatureScheme> signature_algorithms = {};  ///< mandatory: missing_extension without
  std::optional<U16List<SignatureScheme>> signature_algorithms_cert = {};
  std::vector<Bytes> certificate_authorities = {};
  bool status_request = false;
  static Result<CertificateRequest> decode(Bytes body);
  void encode(Writer& w) const;
};

}  // namespace bulla::tls
