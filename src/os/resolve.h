// Names to socket addresses.
#pragma once

#include "os/deadline.h"

#include <bulla/os.h>

#include <sys/socket.h>

#include <string>
#include <vector>

namespace bulla::os {

/// A socket address of either family.
struct Address {
  sockaddr_storage storage = {};
  socklen_t size = 0;
  const sockaddr* raw() const noexcept { return reinterpret_cast<const sockaddr*>(&storage); }
  int family() const noexcept { return storage.ss_family; }
};

/// As text, with the port; host empty for a family other than IPv4 and IPv6.
Endpoint endpoint_of(const sockaddr_storage& storage);

/// What the addresses are for: a listener takes an empty host as every address of this machine.
enum class ResolveFor : uint8_t { connect, listen };

/// The addresses of a host, in the system's order (RFC 6724), IPv6 and IPv4 by turns (RFC 8305 §4). Errors:
/// dns_failed, timeout.
Result<std::vector<Address>> resolve(const Endpoint& where, ResolveFor use, Deadline deadline);

}  // namespace bulla::os
