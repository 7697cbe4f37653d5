#include "tls/msg/tls12.h"

#include "tls/ext/names.h"

namespace bulla::tls {

Result<HelloRequest> HelloRequest::decode(Bytes body) {
  if (!body.empty()) return cannot_decode(type);
  return HelloRequest{};
}

Result<Certificate12> Certificate12::decode(Bytes body, unsigned max_entries) {
  Reader r(body);
  Certificate12 message;
  Reader list = r.u24_prefixed();
  if (!r.done()) return cannot_decode(type);
  while (list.more()) {
    if (message.entries.size() == max_entries) return ErrorCode::certificate_list_too_large;
    message.entries.push_back(list.u24_bytes(1));
  }
  if (!list.done()) return cannot_decode(type);
  return message;
}

void Certificate12::encode(Writer& w) const {
  w.u24_prefixed([&](Writer& list) {
    for (const Bytes entry : entries) list.u24_bytes(entry);
  });
}

Result<CertificateStatus> CertificateStatus::decode(Bytes body) {
  Reader r(body);
  CertificateStatus message;
  message.ocsp_response = decode_certificate_status(r);
  if (!r.done()) return ErrorCode::bad_ocsp_message;
  return message;
}

void CertificateStatus::encode(Writer& w) const {
  encode_certificate_status(w, ocsp_response);
}

namespace {
constexpr uint8_t named_curve = 3;  // RFC 8422 §5.4, ECCurveType
}  // namespace

Result<ServerKeyExchange> ServerKeyExchange::decode(Bytes body) {
  Reader r(body);
  ServerKeyExchange message;
  const uint8_t curve_type = r.u8();
  // RFC 8422 §5.4: the two explicit forms are gone; what follows them has another syntax.
  if (r.ok() && curve_type != named_curve)
    return Error{ErrorCode::illegal_parameter, "ServerKeyExchange does not use a named curve"};
  message.group = static_cast<NamedGroup>(r.u16());
  message.point = r.u8_bytes(1);
  if (!r.ok()) return cannot_decode(type);
  message.params = body.first(body.size() - r.left());
  message.algorithm = static_cast<SignatureScheme>(r.u16());
  message.signature = r.u16_bytes();
  if (!r.done()) return cannot_decode(type);
  return message;
}

std::vector<uint8_t> ServerKeyExchange::encode_params() const {
  std::vector<uint8_t> out;
  out.reserve(4 + point.size());
  Writer w(out);
  w.u8(named_curve);
  w.value(group);
  w.u8_bytes(point);
  return out;
}

void ServerKeyExchange::encode(Writer& w) const {
  w.bytes(encode_params());
  w.value(algorithm);
  w.u16_bytes(signature);
}

Result<CertificateRequest12> CertificateRequest12::decode(Bytes body) {
  Reader r(body);
  CertificateRequest12 message;
  message.certificate_types = r.u8_bytes(1);
  message.signature_algorithms = read_u16_list<SignatureScheme>(r);
  message.authorities = decode_authorities(r, 0);
  if (!r.done()) return cannot_decode(type);
  return message;
}

void CertificateRequest12::encode(Writer& w) const {
  w.u8_bytes(certificate_types);
  w.u16_bytes(signature_algorithms.raw());
  encode_authorities(w, authorities);
}

Result<ServerHelloDone> ServerHelloDone::decode(Bytes body) {
  if (!body.empty()) return cannot_decode(type);
  return ServerHelloDone{};
}

Result<ClientKeyExchange> ClientKeyExchange::decode(Bytes body) {
  Reader r(body);
  ClientKeyExchange message;
  message.point = r.u8_bytes(1);
  if (!r.done()) return cannot_decode(type);
  return message;
}

void ClientKeyExchange::encode(Writer& w) const {
  w.u8_bytes(point);
}

Result<NewSessionTicket12> NewSessionTicket12::decode(Bytes body) {
  Reader r(body);
  NewSessionTicket12 message;
  message.lifetime_hint = r.u32();
  message.ticket = r.u16_bytes();
  if (!r.done()) return cannot_decode(type);
  return message;
}

void NewSessionTicket12::encode(Writer& w) const {
  w.u32(lifetime_hint);
  w.u16_bytes(ticket);
}

}  // namespace bulla::tls
