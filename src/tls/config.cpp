// Options are checked once, here; what comes out is complete and consistent, and no handshake checks it
// again.
#include <bulla/config.h>

#include "tls/groups.h"
#include "tls/schemes.h"
#include "tls/session_state.h"
#include "tls/suites.h"

#include <algorithm>

namespace bulla {
namespace {

using tls::Suite;

Error bad(std::string detail) {
  return Error{ErrorCode::bad_config, std::move(detail)};
}

template <class T, class Known>
Result<void> check_list(const std::vector<T>& list, std::string_view what, Known known) {
  for (size_t i = 0; i < list.size(); ++i) {
    if (!known(list[i]))
      return bad(std::string(what) + ' ' + name_of(list[i]) + " is not supported by the provider");
    if (std::find(list.begin(), list.begin() + static_cast<ptrdiff_t>(i), list[i]) !=
        list.begin() + static_cast<ptrdiff_t>(i))
      return bad(std::string(what) + ' ' + name_of(list[i]) + " is listed twice");
  }
  return {};
}

Result<void> fill_in_algorithms(CommonOptions& o) {
  const Provider& provider = *o.provider;
  const auto knows_suite = [&](CipherSuite id) {
    const Suite* suite = tls::find_suite(id);
    return suite && supports(provider, *suite);
  };
  const auto knows_scheme = [&](SignatureScheme id) {
    const tls::Scheme* scheme = tls::find_scheme(id);
    return scheme && provider.supports(scheme->algorithm);
  };
  const auto knows_group = [&](NamedGroup id) { return provider.group(id) != nullptr; };
  BULLA_TRY(check_list(o.cipher_suites, "cipher suite", knows_suite));
  BULLA_TRY(check_list(o.groups, "group", knows_group));
  BULLA_TRY(check_list(o.signature_schemes, "signature scheme", knows_scheme));
  BULLA_TRY(check_list(o.signing_schemes, "signature scheme", knows_scheme));

  if (o.cipher_suites.empty())
    for (const Suite& suite : tls::all_suites())
      if (knows_suite(suite.id)) o.cipher_suites.push_back(suite.id);
  if (o.groups.empty()) std::ranges::copy_if(tls::default_groups, std::back_inserter(o.groups), knows_group);
  if (o.signature_schemes.empty())
    for (const tls::Scheme& scheme : tls::all_schemes())
      if (knows_scheme(scheme.id)) o.signature_schemes.push_back(scheme.id);
  return {};
}

/// What no clock overflows with.
constexpr Seconds one_year{365 * 24 * 3600};

/// A version without a suite or a group cannot be negotiated: it must not be offered, nor a group for
/// nothing.
Result<void> narrow_versions(CommonOptions& o) {
  using enum ProtocolVersion;
  const auto has_suite = [&](ProtocolVersion v) {
    return std::ranges::any_of(o.cipher_suites,
                               [&](CipherSuite id) { return tls::find_suite(id)->version == v; });
  };
  const bool has_ecdhe = std::ranges::any_of(o.groups, tls::is_ecdhe);
  if (!has_suite(tls13) && o.versions.has(tls12)) o.versions.highest = tls12;
  if (!(has_suite(tls12) && has_ecdhe) && o.versions.has(tls13)) o.versions.lowest = tls13;
  if (!has_suite(o.versions.highest)) return bad("no cipher suite fits the enabled versions");
  if (!o.versions.has(tls13)) std::erase_if(o.groups, [](NamedGroup group) { return !tls::is_ecdhe(group); });
  if (o.groups.empty()) return bad("no group fits the enabled versions");
  if (o.signature_schemes.empty()) return bad("the provider has no signature scheme");
  o.signature_schemes = tls::schemes_up_to(o.versions.highest, o.signature_schemes);
  if (o.signature_schemes.empty()) return bad("no signature scheme fits the enabled versions");
  return {};
}

Result<void> check_common(CommonOptions& o) {
  using enum ProtocolVersion;
  if (!o.provider) o.provider = &default_provider();
  if (o.versions.lowest > o.versions.highest || o.versions.lowest < tls12 || o.versions.highest > tls13)
    return bad("versions must be TLS 1.2, TLS 1.3 or the range of both");
  BULLA_TRY(fill_in_algorithms(o));
  BULLA_TRY(narrow_versions(o));
  size_t alpn_size = 0;
  for (const std::string& protocol : o.alpn) {
    if (protocol.empty() || protocol.size() > 255) return bad("an ALPN protocol has 1 to 255 bytes");
    alpn_size += 1 + protocol.size();
  }
  // A ClientHello has to have room for more than this (RFC 9846 §4.2.2: 2^16-1 bytes of extensions).
  if (alpn_size > 8192) return bad("all ALPN protocols together have at most 8192 bytes");
  if (o.limits.max_fragment < 64 || o.limits.max_fragment > 16384)
    return bad("limits.max_fragment is 64 to 16384");
  if (o.limits.handshake_timeout < Seconds{0} || o.limits.handshake_timeout > one_year)
    return bad("limits.handshake_timeout is zero, for none, to a year");
  return {};
}

/// A key that signs in TLS 1.3 only makes that the one version of a server which has no other: peers of
/// TLS 1.2 are then told what is wrong, protocol_version.
Result<void> fit_versions(CommonOptions& o, const Identity& identity) {
  const PublicKeyView key = identity.key().public_key();
  const auto signs_in = [&](ProtocolVersion version) {
    return std::ranges::any_of(tls::all_schemes(),
                               [&](const tls::Scheme& scheme) { return fits(scheme, key, version); });
  };
  if (signs_in(o.versions.lowest)) return {};
  if (!signs_in(o.versions.highest))
    return bad("a key of type " + name_of(key.type) + " signs in no version that is enabled");
  o.versions.lowest = o.versions.highest;
  return {};
}

Services bind(const CommonOptions& o) {
  Services services;
  services.provider = o.provider;
  services.random = o.random ? o.random.get() : o.provider->random;
  return services;
}

/// A selector that always answers the one identity.
IdentitySelector always(IdentityPtr identity) {
  if (!identity) return {};
  return [identity = std::move(identity)](const SelectIdentity&) { return identity; };
}

VerifierPtr web_pki(RootStore roots, const CommonOptions& o) {
  WebPkiVerifier::Options options;
  options.provider = o.provider;
  return std::make_shared<WebPkiVerifier>(std::move(roots), options);
}

/// Those that the first ClientHello brings: servers that know no hybrid cost no round trip more.
std::vector<NamedGroup> shares_of(const std::vector<NamedGroup>& groups) {
  std::vector<NamedGroup> out = {groups.front()};
  const auto plain = std::ranges::find_if(groups, tls::is_ecdhe);
  if (plain != groups.begin() && plain != groups.end()) out.push_back(*plain);
  return out;
}

}  // namespace

Result<ClientConfigPtr> make_client_config(ClientOptions options) {
  BULLA_TRY(check_common(options.common));
  if (options.roots.has_value() == (options.verifier != nullptr))
    return bad("a client needs roots or a verifier, and not both");
  if (options.identity && options.select_identity)
    return bad("identity and select_identity exclude each other");
  const auto& groups = options.common.groups;
  for (const NamedGroup group : options.key_shares)
    if (std::ranges::find(groups, group) == groups.end())
      return bad("key share for " + name_of(group) + ", which is not among the groups");
  if (options.key_shares.empty()) options.key_shares = shares_of(groups);

  auto config = std::shared_ptr<ClientConfig>(new ClientConfig());
  config->services_ = bind(options.common);
  config->services_.verifier = options.verifier ? options.verifier : web_pki(*options.roots, options.common);
  config->services_.select_identity =
      options.select_identity ? options.select_identity : always(options.identity);
  config->options_ = std::move(options);
  return ClientConfigPtr(std::move(config));
}

Result<ServerConfigPtr> make_server_config(ServerOptions options) {
  BULLA_TRY(check_common(options.common));
  if ((options.identity != nullptr) == static_cast<bool>(options.select_identity))
    return bad("a server needs an identity or select_identity, and not both");
  if (options.identity) BULLA_TRY(fit_versions(options.common, *options.identity));
  if (options.client_roots && options.client_verifier)
    return bad("client_roots and client_verifier exclude each other");
  if (options.client_auth != ClientAuth::none && !options.client_roots && !options.client_verifier)
    return bad("client authentication needs client_roots or a client_verifier");
  if (options.ticket_lifetime <= Seconds{0} || options.ticket_lifetime > tls::seven_days)
    return bad("ticket_lifetime is one second to seven days (RFC 9846 §4.7.1)");
  if (options.authentication_lifetime <= Seconds{0} || options.authentication_lifetime > one_year)
    return bad("authentication_lifetime is one second to a year");
  if (options.tickets_per_handshake > 16) return bad("tickets_per_handshake is at most 16");

  auto config = std::shared_ptr<ServerConfig>(new ServerConfig());
  config->services_ = bind(options.common);
  if (options.client_auth != ClientAuth::none)
    config->services_.verifier =
        options.client_verifier ? options.client_verifier : web_pki(*options.client_roots, options.common);
  config->services_.select_identity =
      options.select_identity ? options.select_identity : always(options.identity);
  config->services_.tickets = options.tickets;
  config->services_.session_cache = options.session_cache;
  config->options_ = std::move(options);
  return ServerConfigPtr(std::move(config));
}

namespace dangerous {
namespace {

class AcceptAny : public Verifier {
 public:
  explicit AcceptAny(std::string reason) : reason_(std::move(reason)) {}
  Result<ChainVerified> verify(const VerifyRequest& request) const override {
    return assert_verified(request, reason_);
  }

 private:
  std::string reason_;
};

}  // namespace

VerifierPtr accept_any_certificate(std::string reason) {
  // A proof without a reason cannot be made: better refused with the config than when a certificate comes.
  if (reason.empty()) return nullptr;
  return std::make_shared<AcceptAny>(std::move(reason));
}

}  // namespace dangerous

}  // namespace bulla
