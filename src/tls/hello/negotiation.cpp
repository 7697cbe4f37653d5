#include "tls/hello/negotiation.h"

#include "tls/schemes.h"

#include <algorithm>

namespace bulla::tls {
namespace {

/// Names of a peer's list that an error repeats: a log line must not grow with what a peer sends.
constexpr size_t most_named = 4;

}  // namespace

Result<ProtocolVersion> choose_version(const ClientHello& hello, VersionRange ours) {
  using enum ProtocolVersion;
  // RFC 9846 §4.3.1: if supported_versions is there, legacy_version must not be used.
  if (hello.supported_versions) {
    for (const ProtocolVersion v : {tls13, tls12})
      if (ours.has(v) && hello.supported_versions->contains(v)) return v;
    return Error{ErrorCode::unsupported_version, "the client's supported_versions holds none of ours"};
  }
  // RFC 9846 §4.3.1: without the extension, TLS 1.2 or below is negotiated from legacy_version.
  if (hello.legacy_version >= tls12 && ours.has(tls12)) return tls12;
  return Error{ErrorCode::unsupported_version, "the client offers at most " + name_of(hello.legacy_version)};
}

const Suite* choose_suite(const U16List<CipherSuite>& offered, std::span<const CipherSuite> ours,
                          ProtocolVersion version, bool prefer_client_order,
                          const std::function<bool(const Suite&)>& accept) {
  const auto usable = [&](CipherSuite id) -> const Suite* {
    const Suite* suite = find_suite(id);
    return suite && suite->version == version && accept(*suite) ? suite : nullptr;
  };
  if (prefer_client_order) {
    for (const CipherSuite id : offered)
      if (std::ranges::find(ours, id) != ours.end())
        if (const Suite* suite = usable(id)) return suite;
  } else {
    for (const CipherSuite id : ours)
      if (offered.contains(id))
        if (const Suite* suite = usable(id)) return suite;
  }
  return nullptr;
}

std::optional<NamedGroup> choose_group(const U16List<NamedGroup>& offered, std::span<const NamedGroup> ours,
                                       bool prefer_client_order) {
  if (prefer_client_order) {
    for (const NamedGroup group : offered)
      if (std::ranges::find(ours, group) != ours.end()) return group;
  } else {
    for (const NamedGroup group : ours)
      if (offered.contains(group)) return group;
  }
  return std::nullopt;
}

Result<std::string> choose_alpn(const std::optional<std::vector<Bytes>>& offered,
                                std::span<const std::string> ours) {
  if (!offered || ours.empty()) return std::string();
  for (const std::string& protocol : ours)
    for (const Bytes name : *offered)
      if (as_text(name) == protocol) return protocol;
  std::string detail = "the client offers";
  for (size_t i = 0; i < std::min(offered->size(), most_named); ++i)
    detail += ' ' + printable(as_text((*offered)[i]));
  if (offered->size() > most_named) detail += " and more";
  return Error{ErrorCode::no_common_alpn, std::move(detail)};
}

SelectIdentity identity_wanted(const ClientHello& hello, ProtocolVersion version) {
  SelectIdentity wanted{
      .server = true,
      .server_name = hello.server_name ? std::string(as_text(*hello.server_name)) : std::string(),
      .schemes = {},
      .authorities = {},
      .cipher_suites = hello.cipher_suites.to_vector(),
      .version = version};
  if (hello.signature_algorithms)
    wanted.schemes = schemes_up_to(version, hello.signature_algorithms->to_vector());
  if (hello.certificate_authorities)
    for (const Bytes name : *hello.certificate_authorities)
      wanted.authorities.push_back(bulla::to_vector(name));
  return wanted;
}

}  // namespace bulla::tls
