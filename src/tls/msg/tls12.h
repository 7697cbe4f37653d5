// The messages of TLS 1.2 that 1.3 has not: RFC 5246 §7.4, RFC 8422 §5, RFC 5077 §3.3, RFC 6066 §8.
#pragma once

#include "tls/ext/list.h"
#include "tls/msg/message.h"

namespace bulla::tls {

/// struct { } HelloRequest;
struct HelloRequest {
  static constexpr HandshakeType type = HandshakeType::hello_request;
  static Result<HelloRequest> decode(Bytes body);
  void encode(Writer&) const {}
};

/// struct { ASN.1Cert certificate_list<0..2^24-1>; } Certificate;
struct Certificate12 {
  static constexpr HandshakeType type = HandshakeType::certificate;
  std::vector<Bytes> entries = {};
  static Result<Certificate12> decode(Bytes body, unsigned max_entries);
  void encode(Writer& w) const;
};

/// struct { CertificateStatusType status_type; opaque OCSPResponse<1..2^24-1>; } CertificateStatus;
struct CertificateStatus {
  static constexpr HandshakeType type = HandshakeType::certificate_status;
  Bytes ocsp_response = {};
  static Result<CertificateStatus> decode(Bytes body);
  void encode(Writer& w) const;
};

/// RFC 8422 §5.4: struct { ECCurveType curve_type = named_curve(3); NamedCurve namedcurve; opaque
/// point<1..2^8-1>; } ServerECDHParams, then SignatureAndHashAlgorithm and opaque signature<0..2^16-1>.
struct ServerKeyExchange {
  static constexpr HandshakeType type = HandshakeType::server_key_exchange;
  NamedGroup group = {};
  Bytes point = {};
  Bytes params = {};  ///< the encoded ServerECDHParams, as they are signed; ignored by encode
  SignatureScheme algorithm = {};
  Bytes signature = {};
  static Result<ServerKeyExchange> decode(Bytes body);
  void encode(Writer& w) const;
  /// The encoded ServerECDHParams of group and point.
  std::vector<uint8_t> encode_params() const;
};

/// RFC 5246 §7.4.4: ClientCertificateType types<1..2^8-1>, SignatureAndHashAlgorithm algorithms<2..2^16-2>,
/// DistinguishedName authorities<0..2^16-1>.
struct CertificateRequest12 {
  static constexpr HandshakeType type = HandshakeType::certificate_request;
  Bytes certificate_types = {};
  U16List<SignatureScheme> signature_algorithms = {};
  std::vector<Bytes> authorities = {};
  static Result<CertificateRequest12> decode(Bytes body);
  void encode(Writer& w) const;
};

/// struct { } ServerHelloDone;
struct ServerHelloDone {
  static constexpr HandshakeType type = HandshakeType::server_hello_done;
  static Result<ServerHelloDone> decode(Bytes body);
  void encode(Writer&) const {}
};

/// RFC 8422 §5.7: struct { opaque point<1..2^8-1>; } ClientECDiffieHellmanPublic;
struct ClientKeyExchange {
  static constexpr HandshakeType type = HandshakeType::client_key_exchange;
  Bytes point = {};
  static Result<ClientKeyExchange> decode(Bytes body);
  void encode(Writer& w) const;
};

/// RFC 5077 §3.3: struct { uint32 ticket_lifetime_hint; opaque ticket<0..2^16-1>; } NewSessionTicket;
struct NewSessionTicket12 {
  static constexpr HandshakeType type = HandshakeType::new_session_ticket;
  uint32_t lifetime_hint = 0;  ///< seconds; 0: not said
  Bytes ticket = {};
  static Result<NewSessionTicket12> decode(Bytes body);
  void encode(Writer& w) const;
};

}  // namespace bulla::tls
