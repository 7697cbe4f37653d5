#include "tls/ext/rules.h"

#include <algorithm>

namespace bulla::tls {
namespace {

struct Row {
  ExtensionType type;
  uint16_t carriers;
};

template <class... Carriers>
constexpr uint16_t in(Carriers... carriers) {
  return static_cast<uint16_t>((0u | ... | static_cast<unsigned>(carriers)));
}

using enum Carrier;

// RFC 9846 §4.3, for the types that this library knows; sh12 from the RFC named beside the row.
// signed_certificate_timestamp stood in the table of RFC 8446 §4.2. Types that only TLS 1.2 uses occur in a
// ClientHello of both versions, and nowhere in 1.3 after it.
constexpr Row table[] = {
    {ExtensionType::server_name, in(ch, ee, cr, sh12)},     // RFC 6066 §3
    {ExtensionType::status_request, in(ch, cr, ct, sh12)},  // RFC 6066 §8
    {ExtensionType::supported_groups, in(ch, ee, sh12)},    // sh12: forbidden, but old servers send it
    {ExtensionType::ec_point_formats, in(ch, sh12)},        // RFC 8422 §5.2
    {ExtensionType::signature_algorithms, in(ch, cr)},
    {ExtensionType::application_layer_protocol_negotiation, in(ch, ee, sh12)},  // RFC 7301 §3.1
    {ExtensionType::signed_certificate_timestamp, in(ch, cr, ct, sh12)},        // RFC 6962 §3.3.1
    {ExtensionType::padding, in(ch)},
    {ExtensionType::extended_master_secret, in(ch, sh12)},  // RFC 7627 §5.1
    {ExtensionType::session_ticket, in(ch, sh12)},          // RFC 5077 §3.2
    {ExtensionType::pre_shared_key, in(ch, sh)},
    {ExtensionType::early_data, in(ch, ee, nst)},
    {ExtensionType::supported_versions, in(ch, sh, hrr)},
    {ExtensionType::cookie, in(ch, hrr)},
    {ExtensionType::psk_key_exchange_modes, in(ch)},
    {ExtensionType::certificate_authorities, in(ch, cr)},
    {ExtensionType::oid_filters, in(cr)},
    {ExtensionType::post_handshake_auth, in(ch)},
    {ExtensionType::signature_algorithms_cert, in(ch, cr)},
    {ExtensionType::key_share, in(ch, sh, hrr)},
    {ExtensionType::renegotiation_info, in(ch, sh12)},  // RFC 5746 §3.2
};

const Row* find(ExtensionType type) noexcept {
  const auto row = std::ranges::find(table, type, &Row::type);
  return row == std::end(table) ? nullptr : row;
}

/// RFC 9846 §4.3 forbids a type to come twice, but names no alert. For a type that we know the message
/// contradicts itself: illegal_parameter. One that we do not know is refused without ever being looked at: a
/// list that is malformed, decode_error. BoringSSL's tests want both.
Error duplicate(ExtensionType type) {
  Error error{ErrorCode::duplicate_extension, name_of(type)};
  if (!is_known(type)) error.alert = AlertDescription::decode_error;
  return error;
}

/// RFC 9846 §4.3 and §4.4.1 want illegal_parameter, the row's alert. One exception: for a key_share in
/// EncryptedExtensions BoringSSL's tests insist on unsupported_extension; either alert ends the handshake.
Error misplaced(ExtensionType type, Carrier carrier) {
  Error error{ErrorCode::misplaced_extension, name_of(type)};
  if (type == ExtensionType::key_share && carrier == ee)
    error.alert = AlertDescription::unsupported_extension;
  return error;
}

/// Sorted, so that a hello full of extensions costs n log n and not n².
std::optional<ExtensionType> find_duplicate(const RawExtensions& extensions) {
  std::vector<ExtensionType> types;
  types.reserve(extensions.size());
  for (const RawExtension& e : extensions) types.push_back(e.type);
  std::ranges::sort(types);
  const auto twice = std::ranges::adjacent_find(types);
  if (twice == types.end()) return std::nullopt;
  return *twice;
}

}  // namespace

bool is_known(ExtensionType type) noexcept {
  return find(type) != nullptr;
}

bool may_occur(ExtensionType type, Carrier carrier) noexcept {
  const Row* row = find(type);
  return row == nullptr || (row->carriers & static_cast<uint16_t>(carrier)) != 0;
}

Result<RawExtensions> read_extensions(Reader& r, Carrier carrier) {
  BULLA_TRY(RawExtensions extensions, split_extensions(r));
  BULLA_TRY(check_placement(extensions, carrier));
  return extensions;
}

Result<RawExtensions> split_extensions(Reader& r) {
  Reader block = r.u16_prefixed();
  RawExtensions extensions;
  while (block.more()) {
    const auto type = static_cast<ExtensionType>(block.u16());
    const Bytes body = block.u16_bytes();
    if (block.ok()) extensions.push_back({type, body});
  }
  if (!block.done()) return Error{ErrorCode::decode_error, "the list of extensions"};
  return extensions;
}

Result<void> check_placement(const RawExtensions& extensions, Carrier carrier) {
  if (const auto twice = find_duplicate(extensions)) return duplicate(*twice);
  for (const RawExtension& e : extensions)
    if (!may_occur(e.type, carrier)) return misplaced(e.type, carrier);
  return {};
}

std::optional<Bytes> find_extension(const RawExtensions& extensions, ExtensionType type) noexcept {
  const auto found = std::ranges::find(extensions, type, &RawExtension::type);
  if (found == extensions.end()) return std::nullopt;
  return found->body;
}

Result<void> require_done(const Reader& body, ExtensionType type) {
  if (!body.done()) return Error{ErrorCode::decode_error, name_of(type)};
  return {};
}

Result<void> check_solicited(const RawExtensions& response, std::span<const ExtensionType> offered,
                             Carrier carrier) {
  for (const RawExtension& e : response) {
    if (e.type == ExtensionType::cookie && carrier == hrr) continue;
    if (std::ranges::find(offered, e.type) == offered.end())
      return Error{ErrorCode::unsolicited_extension, name_of(e.type)};
  }
  return {};
}

}  // namespace bulla::tls
