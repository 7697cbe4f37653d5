// A response and its connection as one JSON object.
#pragma once

#include <bulla/https_client.h>

#include <optional>
#include <string>

namespace bulla::cli {

/// One line: url, http_version, status, reason, headers (pairs, in their order), body_size, body (or
/// body_base64 where it is not UTF-8; neither where the body went elsewhere), redirects, tls (see
/// account_json), timings in milliseconds.
std::string response_json(const net::ClientResponse& response, const std::optional<std::string>& body,
                          uint64_t body_size);

}  // namespace bulla::cli
