// A readable account of a connection, for people and as JSON.
#pragma once

#include <bulla/connection.h>
#include <bulla/os.h>

#include <string>
#include <string_view>

namespace bulla::cli {

/// Lines "  label         value": peer, version, suite, group, signature, ALPN, certificate, who vouches for
/// it.
std::string account_of(const ConnectionInfo& info, const Endpoint& peer);
/// One line for a log: "TLS 1.3, TLS_AES_128_GCM_SHA256, x25519, client CN=ada (email:ada@example.com,
/// SHA-256 AB:CD:...)".
std::string summary_of(const ConnectionInfo& info);
/// The same facts as a JSON object on one line.
std::string account_json(const ConnectionInfo& info, const Endpoint& peer);

/// "label":"value" of a JSON object.
std::string json_field(std::string_view name, std::string_view value);
/// A line of an account.
std::string account_line(std::string_view label, std::string_view value);

}  // namespace bulla::cli
