#include "bogo/settings.h"

#include "bogo/cipher_rule.h"
#include "bogo/gullible.h"
#include "tls/schemes.h"

#include <bulla/os.h>

#include <algorithm>

namespace bulla::bogo {
namespace {

template <class Enum>
std::vector<Enum> as_enums(const Numbers& numbers) {
  std::vector<Enum> out;
  for (const uint16_t n : numbers) out.push_back(static_cast<Enum>(n));
  return out;
}

Result<VersionRange> versions(const Flags& flags) {
  using enum ProtocolVersion;
  const auto value = [](const Number& n, ProtocolVersion otherwise) {
    return n ? static_cast<ProtocolVersion>(*n) : otherwise;
  };
  VersionRange range{std::max(value(flags.min_version, tls12), tls12),
                     std::min(value(flags.max_version, tls13), tls13)};
  if (flags.no_tls12 && range.lowest == tls12) range.lowest = tls13;
  if (flags.no_tls13 && range.highest == tls13) range.highest = tls12;
  if (range.lowest > range.highest) return Error{ErrorCode::bad_config, "no version is left"};
  return range;
}

/// "\x03foo\x03bar"
std::vector<std::string> split_alpn(std::string_view wire) {
  std::vector<std::string> protocols;
  while (!wire.empty()) {
    const size_t size = static_cast<uint8_t>(wire.front());
    protocols.emplace_back(wire.substr(1, size));
    wire.remove_prefix(std::min(wire.size(), size + 1));
  }
  return protocols;
}

bool is_gullible(const Flags& flags) {
  return flags.control == "skips-verification";
}

Result<CommonOptions> common_options(const Flags& flags, const std::shared_ptr<Observer>& observer) {
  CommonOptions o;
  BULLA_TRY(o.versions, versions(flags));
  if (flags.cipher) o.cipher_suites = suites_of_rule(*flags.cipher);
  o.groups = as_enums<NamedGroup>(flags.curves);
  o.signature_schemes = as_enums<SignatureScheme>(flags.verify_prefs);
  // Tests name SHA-1 beside what is to be chosen; a list of nothing else stays what it is, and is refused.
  o.signing_schemes = as_enums<SignatureScheme>(flags.signing_prefs);
  const auto unknown = [](SignatureScheme scheme) { return tls::find_scheme(scheme) == nullptr; };
  if (!std::ranges::all_of(o.signing_schemes, unknown)) std::erase_if(o.signing_schemes, unknown);
  if (flags.max_send_fragment) o.limits.max_fragment = *flags.max_send_fragment;
  o.limits.certificates = 100;  // the runner's longest chain has 51
  if (flags.max_cert_list) o.limits.certificate_message = *flags.max_cert_list;
  o.limits.handshake_timeout = Seconds{0};  // the runner has its own, and a clock that jumps needs none
  if (flags.async) o.external_operations = OperationSet::all();
  o.tap = observer;
  if (is_gullible(flags)) o.provider = &gullible_provider();
  return o;
}

Result<IdentityPtr> identity(const Flags& flags) {
  if (!flags.cert_file) return IdentityPtr();
  BULLA_TRY(IdentityPtr identity,
            Identity::from_pem_files(*flags.cert_file, flags.key_file ? *flags.key_file : *flags.cert_file));
  const bool staples =
      flags.use_ocsp_callback ? flags.set_ocsp_in_callback || !flags.decline_ocsp_callback : true;
  if (flags.ocsp_response && staples) identity = identity->with_ocsp_response(*flags.ocsp_response);
  return identity;
}

IdentitySelector selector(IdentityPtr identity, const std::shared_ptr<Observer>& observer) {
  return [identity = std::move(identity), observer](const SelectIdentity& request) {
    observer->on_select(request);
    return identity;
  };
}

Result<Prepared> prepare_client(const Flags& flags, ClockOffset offset, const Memory& memory,
                                const std::shared_ptr<Observer>& observer) {
  if (flags.no_ticket) return Error{ErrorCode::bad_config, "-no-ticket for a client"};
  ClientOptions o;
  BULLA_TRY(o.common, common_options(flags, observer));
  BULLA_TRY(o.verifier, make_verifier(flags, offset, *observer));
  BULLA_TRY(IdentityPtr ours, identity(flags));
  if (flags.advertise_alpn) o.common.alpn = split_alpn(*flags.advertise_alpn);
  o.select_identity = selector(std::move(ours), observer);
  o.sessions = memory.client;
  if (is_gullible(flags)) o.verifier = gullible_verifier();
  o.ocsp = flags.enable_ocsp_stapling ? OcspStapling::requested : OcspStapling::not_requested;
  o.key_shares = as_enums<NamedGroup>(flags.key_shares);
  if (flags.fail_cert_callback) o.common.external_operations = OperationSet::all();
  // An address is sent in no SNI: like the reference shim, say no name unless told one.
  BULLA_TRY(ServerName name, ServerName::parse(flags.host_name.value_or("127.0.0.1")));
  BULLA_TRY(ClientConfigPtr config, make_client_config(std::move(o)));
  const Services* services = &config->services();
  return Prepared{Connection::client(std::move(config), std::move(name)), services};
}

Result<Prepared> prepare_server(const Flags& flags, ClockOffset offset, const Memory& memory,
                                const std::shared_ptr<Observer>& observer) {
  ServerOptions o;
  BULLA_TRY(o.common, common_options(flags, observer));
  BULLA_TRY(IdentityPtr ours, identity(flags));
  if (flags.require_any_client_certificate || flags.verify_peer) {
    o.client_auth = flags.require_any_client_certificate ? ClientAuth::required : ClientAuth::optional;
    BULLA_TRY(o.client_verifier, make_verifier(flags, offset, *observer));
    if (is_gullible(flags)) o.client_verifier = gullible_verifier();
    o.resumed_clients = ResumedClients::remembered;  // as BoringSSL does
  }
  if (flags.select_alpn && !flags.decline_alpn) o.common.alpn = {*flags.select_alpn};
  if (flags.reject_alpn) o.common.alpn = {"a protocol that no client knows"};
  if (flags.select_empty_alpn) o.common.alpn = {""};
  o.select_identity = selector(std::move(ours), observer);
  if (!flags.no_ticket) o.tickets = memory.tickets;
  o.session_cache = memory.server;
  o.prefer_client_order = !flags.server_preference && !flags.cipher;
  if (flags.fail_cert_callback || flags.fail_ocsp_callback)
    o.common.external_operations = OperationSet::all();
  BULLA_TRY(ServerConfigPtr config, make_server_config(std::move(o)));
  const Services* services = &config->services();
  return Prepared{Connection::server(std::move(config)), services};
}

}  // namespace

Result<Prepared> prepare(const Flags& flags, ClockOffset offset, const Memory& memory,
                         const std::shared_ptr<Observer>& observer) {
  return flags.server ? prepare_server(flags, offset, memory, observer)
                      : prepare_client(flags, offset, memory, observer);
}

bool means_not_implemented(ErrorCode code) noexcept {
  switch (code) {
    case ErrorCode::bad_config:
    case ErrorCode::key_unsupported:
    case ErrorCode::private_key_unsupported:
    case ErrorCode::certificate_unsupported_algorithm:
    case ErrorCode::bad_server_name: return true;
    default: return false;
  }
}

}  // namespace bulla::bogo
