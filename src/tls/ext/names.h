// server_name (RFC 6066 §3), application_layer_protocol_negotiation (RFC 7301 §3.1), certificate_authorities
// (RFC 9846 §4.3.4), status_request (RFC 6066 §8), ec_point_formats (RFC 8422 §5.1.2).
#pragma once

#include "base/reader.h"
#include "base/writer.h"

#include <bulla/result.h>

#include <vector>

namespace bulla::tls {

/// ServerName server_name_list<1..2^16-1>: the one host_name. Two names of one type are refused; an empty
/// name, one of more than 255 bytes and a name with a NUL too. Types other than host_name are skipped as RFC
/// 6066 has no syntax for them: refused.
Bytes decode_server_name(Reader& r) noexcept;
void encode_server_name(Writer& w, Bytes host);

/// ProtocolName protocol_name_list<2..2^16-1>; each name 1 to 255 bytes.
std::vector<Bytes> decode_alpn(Reader& r);
/// A server's answer: a list with exactly one name, else alpn_not_offered; decode_error where it is no list.
Result<Bytes> decode_selected_alpn(Reader& r);
void encode_alpn(Writer& w, std::span<const Bytes> names);

/// DistinguishedName authorities<3..2^16-1>; each 1 to 2^16-1 bytes. In TLS 1.2 the list may be empty: `min`
/// 0.
std::vector<Bytes> decode_authorities(Reader& r, size_t min = 3);
void encode_authorities(Writer& w, std::span<const Bytes> names);

/// CertificateStatusRequest in a ClientHello: true if its type is ocsp(1). Other types are ignored.
bool decode_status_request(Reader& r) noexcept;
void encode_status_request(Writer& w);

/// CertificateStatus: ocsp(1) with OCSPResponse<1..2^24-1>.
Bytes decode_certificate_status(Reader& r) noexcept;
void encode_certificate_status(Writer& w, Bytes response);

}  // namespace bulla::tls
