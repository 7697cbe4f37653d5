#include "tls/msg/authentication.h"

#include "tls/ext/names.h"
#include "tls/ext/write.h"

namespace bulla::tls {
namespace {

Result<CertificateEntry> decode_entry(Reader& r) {
  CertificateEntry entry;
  entry.data = r.u24_bytes(1);
  if (!r.ok()) return cannot_decode(HandshakeType::certificate);
  BULLA_TRY(entry.extensions, read_extensions(r, Carrier::ct));
  if (const auto status = find_extension(entry.extensions, ExtensionType::status_request)) {
    // RFC 9846 §4.5.1.1: the body MUST be a CertificateStatus structure.
    Reader field(*status);
    entry.ocsp_response = decode_certificate_status(field);
    if (!field.done()) return ErrorCode::bad_ocsp_message;
  }
  return entry;
}

}  // namespace

Result<CertificateMessage> CertificateMessage::decode(Bytes body, unsigned max_entries) {
  Reader r(body);
  CertificateMessage message;
  message.context = r.u8_bytes();
  Reader list = r.u24_prefixed();
  if (!r.done()) return cannot_decode(type);
  while (list.more()) {
    if (message.entries.size() == max_entries) return ErrorCode::certificate_list_too_large;
    BULLA_TRY(CertificateEntry entry, decode_entry(list));
    message.entries.push_back(std::move(entry));
  }
  return message;
}

void CertificateMessage::encode(Writer& w) const {
  w.u8_bytes(context);
  w.u24_prefixed([&](Writer& list) {
    for (const CertificateEntry& entry : entries) {
      list.u24_bytes(entry.data);
      list.u16_prefixed([&](Writer& block) {
        if (entry.ocsp_response)
          write_extension(block, ExtensionType::status_request,
                          [&](Writer& field) { encode_certificate_status(field, *entry.ocsp_response); });
        write_rest(block, entry.extensions,
                   [](ExtensionType t) { return t == ExtensionType::status_request; });
      });
    }
  });
}

Result<CertificateVerify> CertificateVerify::decode(Bytes body) {
  Reader r(body);
  CertificateVerify message;
  message.algorithm = static_cast<SignatureScheme>(r.u16());
  message.signature = r.u16_bytes();
  if (!r.done()) return cannot_decode(type);
  return message;
}

void CertificateVerify::encode(Writer& w) const {
  w.value(algorithm);
  w.u16_bytes(signature);
}

Result<Finished> Finished::decode(Bytes body) {
  return Finished{body};
}

void Finished::encode(Writer& w) const {
  w.bytes(verify_data);
}

}  // namespace bulla::tls
