#include "tls/msg/server_parameters.h"

#include "tls/ext/names.h"
#include "tls/ext/write.h"

namespace bulla::tls {

Result<EncryptedExtensions> EncryptedExtensions::decode(Bytes body) {
  Reader r(body);
  EncryptedExtensions message;
  BULLA_TRY(message.extensions, read_extensions(r, Carrier::ee));
  if (!r.done()) return cannot_decode(type);
  for (const RawExtension& e : message.extensions) {
    Reader field(e.body);
    switch (e.type) {
      case ExtensionType::server_name: message.server_name_ack = true; break;
      case ExtensionType::early_data: message.early_data = true; break;
      case ExtensionType::supported_groups:
        message.supported_groups = read_u16_list<NamedGroup>(field);
        break;
      case ExtensionType::application_layer_protocol_negotiation: {
        BULLA_TRY(message.alpn, decode_selected_alpn(field));
        break;
      }
      default: continue;
    }
    BULLA_TRY(require_done(field, e.type));
  }
  return message;
}

void EncryptedExtensions::encode(Writer& w) const {
  using T = ExtensionType;
  w.u16_prefixed([&](Writer& block) {
    if (server_name_ack) write_extension(block, T::server_name);
    if (supported_groups)
      write_extension(block, T::supported_groups,
                      [&](Writer& field) { field.u16_bytes(supported_groups->raw()); });
    if (alpn)
      write_extension(block, T::application_layer_protocol_negotiation,
                      [&](Writer& field) { encode_alpn(field, std::span(&*alpn, 1)); });
    if (early_data) write_extension(block, T::early_data);
    write_rest(block, extensions, [](T t) {
      return t == T::server_name || t == T::supported_groups || t == T::early_data ||
             t == T::application_layer_protocol_negotiation;
    });
  });
}

Result<CertificateRequest> CertificateRequest::decode(Bytes body) {
  Reader r(body);
  CertificateRequest message;
  message.context = r.u8_bytes();
  BULLA_TRY(const RawExtensions extensions, read_extensions(r, Carrier::cr));
  if (!r.done()) return cannot_decode(type);
  for (const RawExtension& e : extensions) {
    Reader field(e.body);
    switch (e.type) {
      case ExtensionType::signature_algorithms:
        message.signature_algorithms = read_u16_list<SignatureScheme>(field);
        break;
      case ExtensionType::signature_algorithms_cert:
        message.signature_algorithms_cert = read_u16_list<SignatureScheme>(field);
        break;
      case ExtensionType::certificate_authorities:
        message.certificate_authorities = decode_authorities(field);
        break;
      // RFC 9846 §4.5.1.1: the request is empty.
      case ExtensionType::status_request: message.status_request = true; break;
      default: continue;  // §4.4.2: clients ignore what they do not recognise
    }
    BULLA_TRY(require_done(field, e.type));
  }
  // RFC 9846 §4.4.2: signature_algorithms MUST be specified. Decoded, its list is never empty.
  if (message.signature_algorithms.size() == 0)
    return Error{ErrorCode::missing_extension, name_of(ExtensionType::signature_algorithms)};
  return message;
}

void CertificateRequest::encode(Writer& w) const {
  using T = ExtensionType;
  w.u8_bytes(context);
  w.u16_prefixed([&](Writer& block) {
    write_extension(block, T::signature_algorithms,
                    [&](Writer& field) { field.u16_bytes(signature_algorithms.raw()); });
    if (signature_algorithms_cert)
      write_extension(block, T::signature_algorithms_cert,
                      [&](Writer& field) { field.u16_bytes(signature_algorithms_cert->raw()); });
    if (!certificate_authorities.empty())
      write_extension(block, T::certificate_authorities,
                      [&](Writer& field) { encode_authorities(field, certificate_authorities); });
    if (status_request) write_extension(block, T::status_request);
  });
}

}  // namespace bulla::tls
