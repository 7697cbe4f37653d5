#include "tls/ext/names.h"

#include <algorithm>

namespace bulla::tls {
namespace {

constexpr uint8_t host_name = 0;  // RFC 6066 §3, NameType
constexpr uint8_t ocsp = 1;       // RFC 6066 §8, CertificateStatusType

}  // namespace

Bytes decode_server_name(Reader& r) noexcept {
  // One name of each type, and host_name is the only type with a syntax: the list has one entry.
  Reader list = r.u16_prefixed(1);
  if (list.u8() != host_name) list.fail();
  // RFC 1035 §2.3.4: no DNS name is longer than 255 bytes.
  const Bytes host = list.u16_bytes(1, 255);
  // A NUL would end the name early for whoever passes it on as a C string.
  if (std::ranges::find(host, 0) != host.end()) list.fail();
  r.require_done(list);
  return r.ok() ? host : Bytes();
}

void encode_server_name(Writer& w, Bytes host) {
  w.u16_prefixed([&](Writer& list) {
    list.u8(host_name);
    list.u16_bytes(host);
  });
}

std::vector<Bytes> decode_alpn(Reader& r) {
  Reader list = r.u16_prefixed(2);
  std::vector<Bytes> names;
  while (list.more()) names.push_back(list.u8_bytes(1));
  r.require_done(list);
  if (!r.ok()) return {};
  return names;
}

Result<Bytes> decode_selected_alpn(Reader& r) {
  const std::vector<Bytes> names = decode_alpn(r);
  if (!r.done())
    return Error{ErrorCode::decode_error, name_of(ExtensionType::application_layer_protocol_negotiation)};
  // RFC 7301 §3.1: MUST contain exactly one ProtocolName.
  if (names.size() != 1) return Error{ErrorCode::alpn_not_offered, "the server selected more than one"};
  return names.front();
}

void encode_alpn(Writer& w, std::span<const Bytes> names) {
  w.u16_prefixed([&](Writer& list) {
    for (const Bytes name : names) list.u8_bytes(name);
  });
}

std::vector<Bytes> decode_authorities(Reader& r, size_t min) {
  Reader list = r.u16_prefixed(min);
  std::vector<Bytes> names;
  while (list.more()) names.push_back(list.u16_bytes(1));
  r.require_done(list);
  if (!r.ok()) return {};
  return names;
}

void encode_authorities(Writer& w, std::span<const Bytes> names) {
  w.u16_prefixed([&](Writer& list) {
    for (const Bytes name : names) list.u16_bytes(name);
  });
}

bool decode_status_request(Reader& r) noexcept {
  const uint8_t type = r.u8();
  if (type != ocsp) {
    r.rest();  // the syntax depends on the type: nothing to check
    return false;
  }
  Reader responders = r.u16_prefixed();
  while (responders.more()) responders.u16_bytes(1);
  r.require_done(responders);
  r.u16_bytes();  // request_extensions
  return r.ok();
}

void encode_status_request(Writer& w) {
  w.u8(ocsp);
  w.u16_bytes({});  // responder_id_list
  w.u16_bytes({});  // request_extensions
}

Bytes decode_certificate_status(Reader& r) noexcept {
  if (r.u8() != ocsp) r.fail();
  return r.u24_bytes(1);
}

void encode_certificate_status(Writer& w, Bytes response) {
  w.u8(ocsp);
  w.u24_bytes(response);
}

}  // namespace bulla::tls
