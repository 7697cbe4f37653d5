// Choosing: pure functions from what both sides offer to what is used. No state, no I/O; tested by tables.
#pragma once

#include "tls/ext/list.h"
#include "tls/msg/client_hello.h"
#include "tls/suites.h"

#include <bulla/config.h>

#include <optional>

namespace bulla::tls {

/// RFC 9846 §4.3.1: the highest version of ours that the hello offers; unsupported_version.
Result<ProtocolVersion> choose_version(const ClientHello& hello, VersionRange ours);

/// The first suite of `version` in the order of preference that both know and `accept` says yes to.
const Suite* choose_suite(const U16List<CipherSuite>& offered, std::span<const CipherSuite> ours,
                          ProtocolVersion version, bool prefer_client_order,
                          const std::function<bool(const Suite&)>& accept);

/// RFC 9846 §4.3.7: the first group in the order of preference that both know.
std::optional<NamedGroup> choose_group(const U16List<NamedGroup>& offered, std::span<const NamedGroup> ours,
                                       bool prefer_client_order);

/// RFC 7301 §3.2: our first protocol that the client offers; empty where either side has none;
/// no_common_alpn.
Result<std::string> choose_alpn(const std::optional<std::vector<Bytes>>& offered,
                                std::span<const std::string> ours);

/// What SelectIdentity asks, from a hello.
SelectIdentity identity_wanted(const ClientHello& hello, ProtocolVersion version);

}  // namespace bulla::tls
