#include "tls/msg/server_hello.h"

#include "tls/ext/names.h"
#include "tls/ext/write.h"

#include <algorithm>

namespace bulla::tls {

const std::array<uint8_t, 32> hello_retry_random = {
    0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91,
    0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c};

namespace {

using T = ExtensionType;

/// What all three have in common.
struct Frame {
  ProtocolVersion legacy_version = {};
  Bytes random = {};
  Bytes session_id = {};
  CipherSuite cipher_suite = {};
  uint8_t compression_method = 0;
  RawExtensions extensions = {};
};

Result<Frame> decode_frame(Bytes body) {
  Reader r(body);
  Frame frame;
  frame.legacy_version = static_cast<ProtocolVersion>(r.u16());
  frame.random = r.bytes(32);
  frame.session_id = r.u8_bytes(0, 32);
  frame.cipher_suite = static_cast<CipherSuite>(r.u16());
  frame.compression_method = r.u8();
  if (!r.ok()) return cannot_decode(HandshakeType::server_hello);

  // RFC 5246 §7.4.1.3: without extensions the message ends here.
  if (r.more()) {
    BULLA_TRY(frame.extensions, split_extensions(r));
  }
  if (!r.done()) return cannot_decode(HandshakeType::server_hello);
  return frame;
}

Result<AnyServerHello> decode_retry(Frame&& frame) {
  BULLA_TRY(check_placement(frame.extensions, Carrier::hrr));
  HelloRetryRequest retry;
  retry.legacy_version = frame.legacy_version;
  retry.session_id_echo = frame.session_id;
  retry.cipher_suite = frame.cipher_suite;
  retry.compression_method = frame.compression_method;
  for (const RawExtension& e : frame.extensions) {
    Reader r(e.body);
    switch (e.type) {
      case ExtensionType::supported_versions:
        retry.selected_version = static_cast<ProtocolVersion>(r.u16());
        break;
      case ExtensionType::key_share: retry.selected_group = static_cast<NamedGroup>(r.u16()); break;
      case ExtensionType::cookie: retry.cookie = r.u16_bytes(1); break;
      default: continue;
    }
    BULLA_TRY(require_done(r, e.type));
  }
  retry.extensions = std::move(frame.extensions);
  return AnyServerHello(std::move(retry));
}

Result<AnyServerHello> decode_13(Frame&& frame) {
  BULLA_TRY(check_placement(frame.extensions, Carrier::sh));
  ServerHello hello;
  hello.legacy_version = frame.legacy_version;
  hello.random = frame.random;
  hello.session_id_echo = frame.session_id;
  hello.cipher_suite = frame.cipher_suite;
  hello.compression_method = frame.compression_method;
  for (const RawExtension& e : frame.extensions) {
    Reader r(e.body);
    switch (e.type) {
      case ExtensionType::supported_versions:
        hello.selected_version = static_cast<ProtocolVersion>(r.u16());
        break;
      case ExtensionType::key_share: hello.key_share = KeyShareEntry::decode(r); break;
      case ExtensionType::pre_shared_key: hello.selected_psk = r.u16(); break;
      default: continue;
    }
    BULLA_TRY(require_done(r, e.type));
  }
  hello.extensions = std::move(frame.extensions);
  return AnyServerHello(std::move(hello));
}

/// Types whose answer in a TLS 1.2 ServerHello is empty need no reading: require_done sees that nothing is
/// there.
Result<void> decode_extension_12(ServerHello12& hello, const RawExtension& e) {
  Reader r(e.body);
  switch (e.type) {
    case ExtensionType::server_name: hello.server_name_ack = true; break;
    case ExtensionType::status_request: hello.status_request_ack = true; break;
    case ExtensionType::extended_master_secret: hello.extended_master_secret = true; break;
    case ExtensionType::session_ticket: hello.session_ticket_ack = true; break;
    case ExtensionType::ec_point_formats: hello.ec_point_formats = r.u8_bytes(1); break;
    case ExtensionType::renegotiation_info: hello.renegotiation_info = r.u8_bytes(); break;
    case ExtensionType::application_layer_protocol_negotiation: {
      BULLA_TRY(hello.alpn, decode_selected_alpn(r));
      break;
    }
    default: return {};
  }
  return require_done(r, e.type);
}

Result<AnyServerHello> decode_12(Frame&& frame) {
  BULLA_TRY(check_placement(frame.extensions, Carrier::sh12));
  ServerHello12 hello;
  hello.version = frame.legacy_version;
  hello.random = frame.random;
  hello.session_id = frame.session_id;
  hello.cipher_suite = frame.cipher_suite;
  hello.compression_method = frame.compression_method;
  for (const RawExtension& e : frame.extensions) BULLA_TRY(decode_extension_12(hello, e));
  hello.extensions = std::move(frame.extensions);
  return AnyServerHello(std::move(hello));
}

void encode_head(Writer& w, ProtocolVersion version, Bytes random, Bytes session_id, CipherSuite suite,
                 uint8_t compression) {
  w.value(version);
  w.bytes(random);
  w.u8_bytes(session_id);
  w.value(suite);
  w.u8(compression);
}

}  // namespace

Result<AnyServerHello> decode_server_hello(Bytes body) {
  BULLA_TRY(Frame frame, decode_frame(body));
  // RFC 9846 §4.2.3: first the random, then supported_versions; only then is anything else looked at.
  if (equal_vartime(frame.random, hello_retry_random)) return decode_retry(std::move(frame));
  if (find_extension(frame.extensions, ExtensionType::supported_versions)) return decode_13(std::move(frame));
  return decode_12(std::move(frame));
}

void ServerHello::encode(Writer& w) const {
  encode_head(w, legacy_version, random, session_id_echo, cipher_suite, compression_method);
  w.u16_prefixed([&](Writer& block) {
    write_extension(block, T::supported_versions, [&](Writer& body) { body.value(selected_version); });
    if (key_share) write_extension(block, T::key_share, [&](Writer& body) { key_share->encode(body); });
    if (selected_psk)
      write_extension(block, T::pre_shared_key, [&](Writer& body) { body.u16(*selected_psk); });
    write_rest(block, extensions,
               [](T t) { return t == T::supported_versions || t == T::key_share || t == T::pre_shared_key; });
  });
}

void HelloRetryRequest::encode(Writer& w) const {
  encode_head(w, legacy_version, hello_retry_random, session_id_echo, cipher_suite, compression_method);
  w.u16_prefixed([&](Writer& block) {
    if (selected_version)
      write_extension(block, T::supported_versions, [&](Writer& body) { body.value(*selected_version); });
    if (selected_group)
      write_extension(block, T::key_share, [&](Writer& body) { body.value(*selected_group); });
    if (cookie) write_extension(block, T::cookie, [&](Writer& body) { body.u16_bytes(*cookie); });
    write_rest(block, extensions,
               [](T t) { return t == T::supported_versions || t == T::key_share || t == T::cookie; });
  });
}

void ServerHello12::encode(Writer& w) const {
  encode_head(w, version, random, session_id, cipher_suite, compression_method);
  std::vector<uint8_t> written;
  Writer block(written);
  if (server_name_ack) write_extension(block, T::server_name);
  if (status_request_ack) write_extension(block, T::status_request);
  if (extended_master_secret) write_extension(block, T::extended_master_secret);
  if (session_ticket_ack) write_extension(block, T::session_ticket);
  if (ec_point_formats)
    write_extension(block, T::ec_point_formats, [&](Writer& body) { body.u8_bytes(*ec_point_formats); });
  if (alpn)
    write_extension(block, T::application_layer_protocol_negotiation,
                    [&](Writer& body) { encode_alpn(body, std::span(&*alpn, 1)); });
  if (renegotiation_info)
    write_extension(block, T::renegotiation_info, [&](Writer& body) { body.u8_bytes(*renegotiation_info); });
  write_rest(block, extensions, [](T t) {
    return t == T::server_name || t == T::status_request || t == T::extended_master_secret ||
           t == T::session_ticket || t == T::ec_point_formats ||
           t == T::application_layer_protocol_negotiation || t == T::renegotiation_info;
  });
  // RFC 5246 §7.4.1.4: a client that sent no extensions does not expect the block at all.
  if (!written.empty()) w.u16_bytes(written);
}

}  // namespace bulla::tls
