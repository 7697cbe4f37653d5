#include "os/resolve.h"
#include "os/system_error.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>

#include <algorithm>
#include <cerrno>

namespace bulla {
namespace {

using os::Address;
using os::Deadline;

constexpr int backlog = 4096;  // the system cuts it to net.core.somaxconn

void set_option(int socket, int level, int name, int value) {
  ::setsockopt(socket, level, name, &value, sizeof value);
}

Error bind_error(const Address& address, int number) {
  const std::string name = os::endpoint_of(address.storage).to_string();
  return os::system_error(number == EADDRINUSE ? ErrorCode::address_in_use : ErrorCode::listen_failed, name,
                          number);
}

void set_port(Address& address, uint16_t port) {
  // sin_port and sin6_port stand at the same place.
  if (address.family() == AF_INET) reinterpret_cast<sockaddr_in&>(address.storage).sin_port = htons(port);
  if (address.family() == AF_INET6) reinterpret_cast<sockaddr_in6&>(address.storage).sin6_port = htons(port);
}

Result<Descriptor> bound(const Address& address, PortSharing sharing, bool both_families) {
  Descriptor socket(::socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket)
    return os::system_error(ErrorCode::listen_failed, os::endpoint_of(address.storage).to_string(), errno);
  set_option(socket.number(), SOL_SOCKET, SO_REUSEADDR, 1);
  if (sharing == PortSharing::shared) set_option(socket.number(), SOL_SOCKET, SO_REUSEPORT, 1);
  if (address.family() == AF_INET6)
    set_option(socket.number(), IPPROTO_IPV6, IPV6_V6ONLY, both_families ? 0 : 1);
  if (::bind(socket.number(), address.raw(), address.size) != 0) return bind_error(address, errno);
  return socket;
}

/// Every address: one IPv6 socket serves IPv4 too, where the machine has IPv6.
bool keep_wildcard_only(std::vector<Address>& addresses) {
  const auto ipv6 = std::find_if(addresses.begin(), addresses.end(),
                                 [](const Address& a) { return a.family() == AF_INET6; });
  if (ipv6 == addresses.end()) return false;
  const Descriptor probe(::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!probe) {
    addresses.erase(ipv6);
    return false;
  }
  addresses = {*ipv6};
  return true;
}

Result<std::vector<Descriptor>> listen_on(const std::vector<Address>& addresses, PortSharing sharing,
                                          bool both_families) {
  std::vector<Descriptor> sockets;
  std::optional<Error> failure;
  for (Address address : addresses) {
    // All addresses of one name share the port that the system chose for the first.
    if (!sockets.empty()) set_port(address, local_endpoint(sockets.front().number()).port);
    auto socket = bound(address, sharing, both_families);
    if (!socket) {
      failure = std::move(socket).error();
      // "localhost" may stand for ::1 on a machine whose IPv6 is off: the other address will do.
      if (failure->code == ErrorCode::listen_failed) continue;
      return *std::move(failure);
    }
    if (::listen(socket->number(), backlog) != 0) return bind_error(address, errno);
    sockets.push_back(*std::move(socket));
  }
  if (sockets.empty()) return *std::move(failure);
  return sockets;
}

}  // namespace

Result<std::vector<Descriptor>> tcp_listen(const Endpoint& where, PortSharing sharing) {
  BULLA_TRY(std::vector<Address> addresses,
            os::resolve(where, os::ResolveFor::listen, Deadline::after(Seconds(30))));
  const bool both_families = where.host.empty() && keep_wildcard_only(addresses);
  auto sockets = listen_on(addresses, sharing, both_families);
  // A port that is free at the first address may be taken at the second: then the system chooses again.
  for (int tries = 0; tries < 10 && where.port == 0; ++tries) {
    if (sockets.ok() || sockets.error().code != ErrorCode::address_in_use) break;
    sockets = listen_on(addresses, sharing, both_families);
  }
  return sockets;
}

Result<TcpListener> TcpListener::listen(const Endpoint& where) {
  BULLA_TRY(std::vector<Descriptor> sockets, tcp_listen(where));
  const uint16_t port = local_endpoint(sockets.front().number()).port;
  return TcpListener(std::move(sockets), port);
}

Result<TcpConnection> TcpListener::accept(Milliseconds timeout) {
  const Deadline deadline = Deadline::after(timeout);
  std::vector<pollfd> polls;
  for (const Descriptor& socket : sockets_) polls.push_back(pollfd{socket.number(), POLLIN, 0});
  for (;;) {
    const int ready = ::poll(polls.data(), polls.size(), deadline.poll_timeout());
    if (ready == 0) return Error{ErrorCode::timeout, "no client connected"};
    if (ready < 0 && errno != EINTR) return os::system_error(ErrorCode::io_failed, "poll", errno);
    for (const pollfd& poll : polls) {
      if (ready < 0 || poll.revents == 0) continue;
      Descriptor socket(::accept4(poll.fd, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
      if (socket) {
        set_option(socket.number(), IPPROTO_TCP, TCP_NODELAY, 1);
        TcpConnection out;
        out.peer = remote_endpoint(socket.number());
        out.socket = std::move(socket);
        return out;
      }
      // The client may be gone again (accept(2)); only a lack of resources is worth telling.
      if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
        return os::system_error(ErrorCode::io_failed, "accept", errno);
    }
  }
}

}  // namespace bulla
