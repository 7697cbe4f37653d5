#include "tls/msg/client_hello.h"

#include "tls/ext/names.h"
#include "tls/ext/write.h"

#include <algorithm>

namespace bulla::tls {
namespace {

/// Reads the body of one extension into its field; a type without a field is kept as it is.
void decode_extension(ClientHello& hello, const RawExtension& extension, Reader& r) {
  using enum ExtensionType;
  switch (extension.type) {
    case server_name: hello.server_name = decode_server_name(r); return;
    case status_request: hello.status_request = decode_status_request(r); return;
    case supported_groups: hello.supported_groups = read_u16_list<NamedGroup>(r); return;
    case ec_point_formats: hello.ec_point_formats = r.u8_bytes(1); return;
    case signature_algorithms: hello.signature_algorithms = read_u16_list<SignatureScheme>(r); return;
    case signature_algorithms_cert:
      hello.signature_algorithms_cert = read_u16_list<SignatureScheme>(r);
      return;
    case application_layer_protocol_negotiation: hello.alpn = decode_alpn(r); return;
    case extended_master_secret: hello.extended_master_secret = true; return;
    case session_ticket: hello.session_ticket = r.rest(); return;
    case supported_versions: hello.supported_versions = read_short_u16_list<ProtocolVersion>(r); return;
    case cookie: hello.cookie = r.u16_bytes(1); return;
    case psk_key_exchange_modes: hello.psk_modes = r.u8_bytes(1); return;
    case certificate_authorities: hello.certificate_authorities = decode_authorities(r); return;
    case post_handshake_auth: hello.post_handshake_auth = true; return;
    case early_data: hello.early_data = true; return;
    case key_share: hello.key_share = decode_client_shares(r); return;
    case renegotiation_info: hello.renegotiation_info = r.u8_bytes(); return;
    case pre_shared_key: hello.pre_shared_key = OfferedPsks::decode(r); return;
    default: hello.others.push_back({extension.type, r.rest()});
  }
}

Result<void> check_pre_shared_key(const RawExtensions& extensions, const OfferedPsks& psks) {
  // RFC 9846 §4.3.11: the binders cover all that stands before them, so nothing may stand behind them.
  if (extensions.back().type != ExtensionType::pre_shared_key) return ErrorCode::psk_not_last;
  if (psks.identities.size() != psks.binders.size()) return ErrorCode::psk_binder_count;
  return {};
}

/// RFC 9846 §4.3.8. That each group stands in supported_groups as well is for the negotiation to say.
Result<void> check_shares(const std::vector<KeyShareEntry>& shares) {
  for (size_t i = 0; i < shares.size(); ++i)
    for (size_t j = 0; j < i; ++j)
      if (shares[i].group == shares[j].group)
        return Error{ErrorCode::duplicate_key_share, name_of(shares[i].group)};
  return {};
}

Result<void> decode_extensions(ClientHello& hello, const RawExtensions& extensions) {
  for (const RawExtension& extension : extensions) {
    Reader body(extension.body);
    decode_extension(hello, extension, body);
    BULLA_TRY(require_done(body, extension.type));
  }
  if (hello.pre_shared_key) BULLA_TRY(check_pre_shared_key(extensions, *hello.pre_shared_key));
  if (hello.key_share) BULLA_TRY(check_shares(*hello.key_share));
  return {};
}

}  // namespace

Result<ClientHello> ClientHello::decode(Bytes body) {
  Reader r(body);
  ClientHello hello;
  hello.legacy_version = static_cast<ProtocolVersion>(r.u16());
  hello.random = r.bytes(32);
  hello.session_id = r.u8_bytes(0, 32);
  hello.cipher_suites = read_u16_list<CipherSuite>(r);
  hello.compression_methods = r.u8_bytes(1);
  if (!r.ok()) return cannot_decode(type);

  // RFC 9846 §4.2.2: in TLS 1.2 the message may end here; if it does not, extensions follow and nothing else.
  RawExtensions extensions;
  if (r.more()) {
    BULLA_TRY(extensions, read_extensions(r, Carrier::ch));
  }
  if (!r.done()) return cannot_decode(type);
  BULLA_TRY(decode_extensions(hello, extensions));
  return hello;
}

namespace {

/// An extension that is going to be written: a field (raw is null), or one of `others`.
struct Piece {
  ExtensionType type;
  const RawExtension* raw = nullptr;
  size_t place = 0;
};

std::vector<Piece> pieces_of(const ClientHello& hello) {
  using enum ExtensionType;
  std::vector<Piece> pieces;
  const auto add = [&](ExtensionType type, bool present) {
    if (present) pieces.push_back({type});
  };
  add(server_name, hello.server_name.has_value());
  add(status_request, hello.status_request);
  add(supported_groups, hello.supported_groups.has_value());
  add(ec_point_formats, hello.ec_point_formats.has_value());
  add(signature_algorithms, hello.signature_algorithms.has_value());
  add(signature_algorithms_cert, hello.signature_algorithms_cert.has_value());
  add(application_layer_protocol_negotiation, hello.alpn.has_value());
  add(extended_master_secret, hello.extended_master_secret);
  add(session_ticket, hello.session_ticket.has_value());
  add(renegotiation_info, hello.renegotiation_info.has_value());
  add(supported_versions, hello.supported_versions.has_value());
  add(cookie, hello.cookie.has_value());
  add(psk_key_exchange_modes, hello.psk_modes.has_value());
  add(certificate_authorities, hello.certificate_authorities.has_value());
  add(post_handshake_auth, hello.post_handshake_auth);
  add(early_data, hello.early_data);
  add(key_share, hello.key_share.has_value());
  for (const RawExtension& other : hello.others) pieces.push_back({other.type, &other});
  add(pre_shared_key, hello.pre_shared_key.has_value());
  return pieces;
}

/// Those of `order` first, in its order, then the rest as they are, then pre_shared_key.
void put_in_order(std::vector<Piece>& pieces, std::span<const ExtensionType> order) {
  const auto rank = [&](ExtensionType type) {
    if (type == ExtensionType::pre_shared_key) return order.size() + 1;
    return static_cast<size_t>(std::ranges::find(order, type) - order.begin());
  };
  for (size_t i = 0; i < pieces.size(); ++i) pieces[i].place = rank(pieces[i].type) * pieces.size() + i;
  std::ranges::sort(pieces, {}, &Piece::place);
}

/// The body of an extension that has a field; the mirror of decode_extension.
void encode_body(Writer& w, const ClientHello& hello, ExtensionType type) {
  using enum ExtensionType;
  switch (type) {
    case server_name: return encode_server_name(w, *hello.server_name);
    case status_request: return encode_status_request(w);
    case supported_groups: return w.u16_bytes(hello.supported_groups->raw());
    case ec_point_formats: return w.u8_bytes(*hello.ec_point_formats);
    case signature_algorithms: return w.u16_bytes(hello.signature_algorithms->raw());
    case signature_algorithms_cert: return w.u16_bytes(hello.signature_algorithms_cert->raw());
    case application_layer_protocol_negotiation: return encode_alpn(w, *hello.alpn);
    case session_ticket: return w.bytes(*hello.session_ticket);
    case supported_versions: return w.u8_bytes(hello.supported_versions->raw());
    case cookie: return w.u16_bytes(*hello.cookie);
    case psk_key_exchange_modes: return w.u8_bytes(*hello.psk_modes);
    case certificate_authorities: return encode_authorities(w, *hello.certificate_authorities);
    case key_share: return encode_client_shares(w, *hello.key_share);
    case renegotiation_info: return w.u8_bytes(*hello.renegotiation_info);
    case pre_shared_key: return hello.pre_shared_key->encode(w);
    default: return;  // extended_master_secret, post_handshake_auth, early_data: empty
  }
}

}  // namespace

void ClientHello::encode(Writer& w, std::span<const ExtensionType> order) const {
  w.value(legacy_version);
  w.bytes(random);
  w.u8_bytes(session_id);
  w.u16_bytes(cipher_suites.raw());
  w.u8_bytes(compression_methods);

  std::vector<Piece> pieces = pieces_of(*this);
  if (pieces.empty()) return;
  put_in_order(pieces, order);
  w.u16_prefixed([&](Writer& block) {
    for (const Piece& piece : pieces) {
      if (piece.raw) {
        write_extension(block, piece.type, piece.raw->body);
      } else {
        write_extension(block, piece.type, [&](Writer& body) { encode_body(body, *this, piece.type); });
      }
    }
  });
}

std::vector<ExtensionType> ClientHello::extension_types() const {
  std::vector<ExtensionType> types;
  for (const Piece& piece : pieces_of(*this)) types.push_back(piece.type);
  return types;
}

std::vector<uint8_t> encode_client_hello(const ClientHello& hello, std::span<const ExtensionType> order) {
  std::vector<uint8_t> out;
  Writer w(out);
  w.value(ClientHello::type);
  w.u24_prefixed([&](Writer& body) { hello.encode(body, order); });
  return out;
}

}  // namespace bulla::tls
