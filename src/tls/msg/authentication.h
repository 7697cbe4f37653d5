// Certificate (RFC 9846 §4.5.1), CertificateVerify (§4.5.2), Finished (§4.5.3).
#pragma once

#include "tls/ext/rules.h"
#include "tls/msg/message.h"

#include <optional>

namespace bulla::tls {

/// struct { opaque cert_data<1..2^24-1>; Extension extensions<0..2^16-1>; } CertificateEntry;
struct CertificateEntry {
  Bytes data = {};
  std::optional<Bytes> ocsp_response = {};
  RawExtensions extensions = {};
};

/// struct { opaque certificate_request_context<0..2^8-1>; CertificateEntry certificate_list<0..2^24-1>; }
/// Certificate;
struct CertificateMessage {
  static constexpr HandshakeType type = HandshakeType::certificate;
  Bytes context = {};
  std::vector<CertificateEntry> entries = {};
  /// certificate_list_too_large above `max_entries`.
  static Result<CertificateMessage> decode(Bytes body, unsigned max_entries);
  void encode(Writer& w) const;
};

/// struct { SignatureScheme algorithm; opaque signature<0..2^16-1>; } CertificateVerify; the same bytes
/// in 1.2.
struct CertificateVerify {
  static constexpr HandshakeType type = HandshakeType::certificate_verify;
  SignatureScheme algorithm = {};
  Bytes signature = {};
  static Result<CertificateVerify> decode(Bytes body);
  void encode(Writer& w) const;
};

/// struct { opaque verify_data[Hash.length]; } Finished; 12 bytes in TLS 1.2. The length is checked where the
/// hash is known.
struct Finished {
  static constexpr HandshakeType type = HandshakeType::finished;
  Bytes verify_data = {};
  static Result<Finished> decode(Bytes body);
  void encode(Writer& w) const;
};

}  // namespace bulla::tls
