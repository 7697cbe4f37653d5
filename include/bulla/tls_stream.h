// TLS over a blocking socket: connect, read, write, close. One thread at a time uses a stream.
//
//   auto tls = TlsStream::connect(config, {"example.com", 443}).value();
//   tls.write(as_bytes("hello\n")).value();
//   while (size_t n = tls.read(buffer).value()) use(buffer, n);
#pragma once

#include <bulla/connection.h>
#include <bulla/os.h>

#include <chrono>
#include <optional>

namespace bulla {

/// How long things may take; zero: no limit.
struct StreamOptions {
  Milliseconds connect_timeout{30'000};  ///< name and TCP connection
  Milliseconds handshake_timeout = {};   ///< besides the config's own limit
  Milliseconds io_timeout = {};          ///< a read or write without any progress
};

/// A TLS connection over TCP whose functions wait. Movable; for one thread at a time. A stream that was moved
/// from can be assigned to, destroyed and closed; read and write on it are not_connected.
class TlsStream {
 public:
  /// Connects, makes the handshake, and verifies that the peer is `where.host`. Errors: bad_config
  /// for nullptr, bad_server_name, those of tcp_connect and of the handshake, handshake_timeout.
  static Result<TlsStream> connect(ClientConfigPtr config, const Endpoint& where, StreamOptions options = {});
  /// Makes the handshake over a connected stream socket, as a client that expects `name`, or as a server. The
  /// socket is closed in any case of failure, and does not block from now on. Errors: bad_config for
  /// nullptr; those of the handshake; handshake_timeout, connection_reset, io_failed.
  static Result<TlsStream> adopt(Descriptor socket, ClientConfigPtr config, ServerName name,
                                 StreamOptions options = {});
  /// The same for what tcp_connect returned, whose times it keeps.
  static Result<TlsStream> adopt(TcpConnection tcp, ClientConfigPtr config, ServerName name,
                                 StreamOptions options = {});
  /// The same as a server: for TcpConnection::socket of TcpListener::accept.
  static Result<TlsStream> accept(Descriptor socket, ServerConfigPtr config, StreamOptions options = {});

  /// Takes the connection.
  TlsStream(TlsStream&&) noexcept;
  /// Closes what was here.
  TlsStream& operator=(TlsStream&&) noexcept;
  /// Closes; see close().
  ~TlsStream();

  /// Waits for data and returns how many bytes it put to the front of `out` (which must not be empty). 0: the
  /// peer closed, and nothing is missing. Error truncated: the transport ended without the peer's word for
  /// it.
  Result<size_t> read(MutBytes out);
  /// The same without waiting: nothing where no data are there yet. For loops that poll(descriptor()).
  Result<std::optional<size_t>> read_available(MutBytes out);
  /// Sends all of `data`, waiting as long as io_timeout and deadline allow. Errors: write_side_closed,
  /// timeout, connection_reset, io_failed; or what the peer's alert said, where the peer had ended the
  /// connection.
  Result<void> write(Bytes data);
  /// Waits, as long as a write may, until the peer has sent something (then call read_available) or its
  /// socket takes more: for those who send much and want to hear an answer that comes early.
  enum class Ready : uint8_t { readable, writable };
  Result<Ready> wait_ready();
  /// Says that we send no more (close_notify); reading goes on.
  Result<void> close_write();
  /// Says so if it was not said before, and closes the socket: reading and writing are not_connected from now
  /// on, info() stays. The destructor does the same. After truncated close_notify is still sent, after any
  /// other failure it is not. Both wait up to a second for a peer whose socket is
  /// full; to know that all was sent, call close_write before.
  void close() noexcept;

  /// A point in time after which everything on this stream fails with ErrorCode::timeout; none: no limit.
  void set_deadline(std::optional<std::chrono::steady_clock::time_point> deadline) noexcept;
  /// See StreamOptions::io_timeout; from the next wait on.
  void set_io_timeout(Milliseconds timeout) noexcept;

  /// What was agreed; the reference lives as long as the stream.
  const ConnectionInfo& info() const noexcept;
  /// The engine below, for key updates (then write to send them) and exporters.
  Connection& connection() noexcept;
  /// The socket; still owned by this object. -1 after close.
  int descriptor() const noexcept;
  /// The other side's address; empty where the socket has none.
  Endpoint peer() const;
  /// How long the name took; zero for a socket that came as a Descriptor.
  Milliseconds resolve_time() const noexcept;
  /// How long the TCP connection took after that; zero likewise.
  Milliseconds connect_time() const noexcept;
  /// How long the handshake took after that.
  Milliseconds handshake_time() const noexcept;

 private:
  struct State;
  explicit TlsStream(std::unique_ptr<State> state) noexcept;
  static Result<TlsStream> start(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace bulla
