#include "bogo/socket.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <array>
#include <cerrno>

namespace bulla::bogo {

Result<Socket> Socket::connect(const Flags& flags) {
  const auto port = static_cast<uint16_t>(flags.port.value_or(0));
  BULLA_TRY(TcpConnection tcp, tcp_connect(Endpoint{flags.ipv6 ? "::1" : "127.0.0.1", port}));
  const int on = 1;
  ::setsockopt(tcp.socket.number(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  // tcp_connect leaves its sockets non-blocking.
  ::fcntl(tcp.socket.number(), F_SETFL, ::fcntl(tcp.socket.number(), F_GETFL) & ~O_NONBLOCK);
  Socket socket(std::move(tcp.socket));
  std::array<uint8_t, 8> id;
  for (size_t i = 0; i < id.size(); ++i) id[i] = static_cast<uint8_t>(flags.shim_id.value_or(0) >> 8 * i);
  if (!socket.send(id)) return ErrorCode::io_failed;
  return socket;
}

size_t Socket::receive(MutBytes out) {
  while (true) {
    const ssize_t n = ::recv(descriptor_.number(), out.data(), out.size(), 0);
    if (n >= 0) return static_cast<size_t>(n);
    if (errno != EINTR) return 0;
  }
}

bool Socket::send(Bytes bytes) {
  while (!bytes.empty() && writable_) {
    const ssize_t n = ::send(descriptor_.number(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n >= 0)
      bytes = bytes.subspan(static_cast<size_t>(n));
    else if (errno != EINTR)
      writable_ = false;
  }
  return writable_;
}

void Socket::close() {
  ::shutdown(descriptor_.number(), SHUT_WR);
  const timeval patience{.tv_sec = 5, .tv_usec = 0};
  ::setsockopt(descriptor_.number(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  std::array<uint8_t, 4096> rest;
  while (receive(rest) > 0) {
  }
  descriptor_.close();
}

}  // namespace bulla::bogo
