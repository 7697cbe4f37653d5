#include "os/resolve.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <charconv>
#include <cstring>

namespace bulla {
namespace {

std::optional<uint16_t> port_number(std::string_view text) {
  uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return port;
}

}  // namespace

Result<Endpoint> Endpoint::parse(std::string_view text, std::optional<uint16_t> default_port) {
  const Error bad{ErrorCode::bad_endpoint, "\"" + printable(text) + "\""};
  Endpoint out;
  std::optional<uint16_t> port = default_port;
  if (!default_port && port_number(text)) {
    out.port = *port_number(text);
    return out;
  }
  std::string_view rest = text;
  if (rest.starts_with('[')) {
    const size_t bracket = rest.find(']');
    if (bracket == std::string_view::npos || bracket == 1) return bad;
    out.host = rest.substr(1, bracket - 1);
    rest.remove_prefix(bracket + 1);
    if (!rest.empty() && rest[0] != ':') return bad;
  } else {
    const size_t colon = rest.find(':');
    // Two colons without brackets: a bare IPv6 address, which leaves no place for a port.
    const bool bare_ipv6 =
        colon != std::string_view::npos && rest.find(':', colon + 1) != std::string_view::npos;
    out.host = bare_ipv6 ? rest : rest.substr(0, colon);
    rest.remove_prefix(out.host.size());
  }
  if (!rest.empty()) port = port_number(rest.substr(1));
  // No host name holds these; getaddrinfo would take some of them in surprising ways.
  if (!port || out.host.find_first_of(std::string_view("/@ \t\r\n\0", 7)) != std::string::npos) return bad;
  out.port = *port;
  return out;
}

std::string Endpoint::to_string() const {
  const bool ipv6 = host.find(':') != std::string::npos;
  return (ipv6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

namespace os {

Endpoint endpoint_of(const sockaddr_storage& storage) {
  char text[INET6_ADDRSTRLEN] = {};
  Endpoint out;
  if (storage.ss_family == AF_INET) {
    sockaddr_in address = {};
    std::memcpy(&address, &storage, sizeof address);
    ::inet_ntop(AF_INET, &address.sin_addr, text, sizeof text);
    out.port = ntohs(address.sin_port);
  } else if (storage.ss_family == AF_INET6) {
    sockaddr_in6 address = {};
    std::memcpy(&address, &storage, sizeof address);
    // A socket for both families shows IPv4 peers as ::ffff:a.b.c.d; a person wants a.b.c.d.
    if (IN6_IS_ADDR_V4MAPPED(&address.sin6_addr))
      ::inet_ntop(AF_INET, address.sin6_addr.s6_addr + 12, text, sizeof text);
    else
      ::inet_ntop(AF_INET6, &address.sin6_addr, text, sizeof text);
    out.port = ntohs(address.sin6_port);
  }
  out.host = text;
  return out;
}

}  // namespace os

Endpoint local_endpoint(int socket) {
  sockaddr_storage storage = {};
  socklen_t size = sizeof storage;
  if (::getsockname(socket, reinterpret_cast<sockaddr*>(&storage), &size) != 0) return {};
  return os::endpoint_of(storage);
}

Endpoint remote_endpoint(int socket) {
  sockaddr_storage storage = {};
  socklen_t size = sizeof storage;
  if (::getpeername(socket, reinterpret_cast<sockaddr*>(&storage), &size) != 0) return {};
  return os::endpoint_of(storage);
}

}  // namespace bulla
