// The operating system's side of a connection: clock, files, trusted roots, key log, session memories, the
// terminal, TCP sockets. libc and libstdc++ only. The engine sees none of it; programs hand it in.
#pragma once

#include <bulla/bytes.h>
#include <bulla/certificate.h>
#include <bulla/result.h>
#include <bulla/secret.h>
#include <bulla/session.h>
#include <bulla/tap.h>
#include <bulla/time.h>

#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace bulla {

/// The system's wall clock: the `now` that Connection::next wants.
Time now() noexcept;

/// A file descriptor with one owner; closed when that dies. For one thread at a time.
class Descriptor {
 public:
  Descriptor() noexcept = default;
  /// Takes over `number`; a negative number means: none.
  explicit Descriptor(int number) noexcept : number_(number) {}
  /// The other has none afterwards.
  Descriptor(Descriptor&& other) noexcept : number_(other.release()) {}
  /// Closes what was here.
  Descriptor& operator=(Descriptor&& other) noexcept;
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  /// Closes it.
  ~Descriptor() { close(); }

  int number() const noexcept { return number_; }                   ///< for system calls; negative: none
  explicit operator bool() const noexcept { return number_ >= 0; }  ///< there is one
  /// Gives the descriptor away; the caller closes it.
  int release() noexcept { return std::exchange(number_, -1); }
  /// Closes it, if there is one. What the system says to that is not told.
  void close() noexcept;

 private:
  int number_ = -1;
};

// ---- files ------------------------------------------------------------------------------------------------

/// Who may read a file or folder that is made: mode 0644 or 0600 (0755 or 0700 for folders).
enum class Privacy : uint8_t { world_readable, owner_only };
/// What to do with a file that is there already.
enum class IfExists : uint8_t { replace, refuse };

/// The whole content of a file or pipe. Errors: file_not_readable, too_many_files; file_too_large beyond
/// `max` bytes.
Result<std::vector<uint8_t>> read_file(const std::string& path, size_t max = size_t{16} << 20);
/// The same for keys: no copy of the content is left in memory but the returned one.
Result<SecretBytes> read_secret_file(const std::string& path, size_t max = size_t{1} << 20);
/// The first line of a file, without its end (line feed, or carriage return and line feed): how a passphrase
/// stands in a file. Errors: those of read_file; file_too_large beyond 64 KiB.
Result<SecretBytes> read_passphrase_file(const std::string& path);
/// Writes a file whole or not at all: under another name in the same folder, then renamed. Nobody sees half
/// of it, and an owner_only file is never readable by others, not even for a moment. Errors:
/// file_not_writable, for a device or pipe too, which is not replaced; file_exists where that is refused.
Result<void> write_file(const std::string& path, Bytes content, Privacy privacy = Privacy::world_readable,
                        IfExists if_exists = IfExists::replace);
/// Makes a folder and those above it, as far as they are missing. Error: file_not_writable.
Result<void> make_folders(const std::string& path, Privacy privacy = Privacy::world_readable);
/// Where this user's data of the program live: $XDG_DATA_HOME/bulla or ~/.local/share/bulla. Not created.
/// Error: file_not_writable where the user has no home folder.
Result<std::string> data_folder();

// ---- trust ------------------------------------------------------------------------------------------------

/// The roots that this system trusts: SSL_CERT_FILE and SSL_CERT_DIR where set, else the distribution's
/// bundle. Certificates that cannot be parsed are skipped. Error: no_system_roots where none is found.
Result<RootStore> system_roots();
/// The certificates of a PEM or DER file, or of all such files of a folder. Errors: those of read_file and of
/// the parser, and certificate_not_found where there is none.
Result<RootStore> roots_from_path(const std::string& file_or_folder);

// ---- key log ----------------------------------------------------------------------------------------------

/// Appends the secrets of connections to a file that Wireshark reads (RFC 9850). Whoever reads the file reads
/// the connections. Each line is one write, so that processes may share the file; a file that is made gets
/// mode 0600. Safe in several threads.
class KeyLogFile : public KeyLog {
 public:
  /// Opens or makes the file. Errors: file_not_writable, too_many_files.
  static Result<KeyLogPtr> open(const std::string& path);
  /// The file that SSLKEYLOGFILE names; nullptr where it is not set or cannot be opened.
  static KeyLogPtr from_env();
  /// Appends a line. A disk that is full loses it, and nobody is told.
  void write(std::string_view line) override;

 private:
  explicit KeyLogFile(Descriptor file) noexcept : file_(std::move(file)) {}
  Descriptor file_;
};

// ---- session memories -------------------------------------------------------------------------------------

/// A client's sessions in memory: several tickets a key, the newest taken first, the key that was used
/// longest ago forgotten first. Safe in several threads.
class MemorySessionStore : public ClientSessionStore {
 public:
  /// Bounds; zero of either keeps nothing.
  explicit MemorySessionStore(size_t max_keys = 1024, size_t max_tickets_per_key = 8) noexcept
      : max_keys_(max_keys), max_tickets_(max_tickets_per_key) {}
  /// See ClientSessionStore. nullptr is ignored.
  void put(const std::string& key, ClientSessionPtr session) override;
  /// See ClientSessionStore: the newest of this key.
  ClientSessionPtr take(const std::string& key) override;
  /// How many tickets are held under all keys.
  size_t size() const;

 private:
  struct Entry {
    std::string key;
    std::list<ClientSessionPtr> tickets;  // newest first
  };
  const size_t max_keys_, max_tickets_;
  mutable std::mutex mutex_;
  std::list<Entry> entries_;                                                // most recently used first
  std::unordered_map<std::string_view, std::list<Entry>::iterator> index_;  // keys are views of Entry::key
};

/// A server's TLS 1.2 sessions in memory, bounded in number and time. Safe in several threads.
class MemorySessionCache : public ServerSessionCache {
 public:
  /// `max_sessions`: more push out the oldest; zero keeps nothing. `lifetime`: from put() on.
  explicit MemorySessionCache(size_t max_sessions = 20000, Seconds lifetime = Seconds{2 * 3600}) noexcept
      : max_sessions_(max_sessions), lifetime_(lifetime) {}
  /// See ServerSessionCache.
  void put(Bytes session_id, Bytes state, Time now) override;
  /// See ServerSessionCache.
  std::optional<SecretBytes> find(Bytes session_id, Time now) override;
  /// How many sessions are held, those that are too old but not yet dropped included.
  size_t size() const;

 private:
  struct Entry {
    std::string id;
    SecretBytes state;
    Time made;
  };
  const size_t max_sessions_;
  const Seconds lifetime_;
  mutable std::mutex mutex_;
  std::list<Entry> entries_;                                                // newest first
  std::unordered_map<std::string_view, std::list<Entry>::iterator> index_;  // keys are views of Entry::id
};

// ---- the terminal -----------------------------------------------------------------------------------------

/// Asks for a passphrase on the terminal, whatever standard input is, without showing what is typed; waits
/// for the end of the line. Errors: no_terminal; bad_argument beyond 1023 bytes.
Result<SecretBytes> prompt_passphrase(std::string_view prompt);

// ---- TCP --------------------------------------------------------------------------------------------------

/// Where to listen or to connect to.
struct Endpoint {
  std::string host = {};  ///< name or address, without brackets; empty: every address of this machine
  uint16_t port = 0;      ///< 0: the system chooses (listening only)

  /// "0.0.0.0:8443", "[::1]:443", "localhost:8443", ":8443". Without a port: `default_port`, if there is one;
  /// if there is none, a number alone ("8443") is a port. Error: bad_endpoint.
  static Result<Endpoint> parse(std::string_view text, std::optional<uint16_t> default_port = {});
  /// In the form that parse reads.
  std::string to_string() const;
};

/// A connected socket and who is on the other side.
struct TcpConnection {
  Descriptor socket = {};          ///< not blocking, TCP_NODELAY set
  Endpoint peer = {};              ///< as an address
  Milliseconds resolve_time = {};  ///< how long the name took (connect only)
  Milliseconds connect_time = {};  ///< how long the connection took after that
};

/// Connects to `where`, trying all its addresses, IPv6 and IPv4 by turns, the next one a quarter of a second
/// after the last (a small RFC 8305). `timeout` covers name and connection; zero: the system's own limits.
/// Errors: bad_endpoint without host or port; dns_failed, connect_failed, timeout, too_many_files.
Result<TcpConnection> tcp_connect(const Endpoint& where, Milliseconds timeout = Milliseconds{30'000});

/// Whether several sockets, one for each event loop, may listen on one port (SO_REUSEPORT). Sharing hides
/// that another program of the same user listens there: listen exclusively first to find out.
enum class PortSharing : uint8_t { exclusive, shared };
/// Listening sockets, not blocking, one for each address of `where`; one that IPv4 clients reach as well
/// where the host is empty. Errors: dns_failed, address_in_use, listen_failed, too_many_files; timeout where
/// the name takes longer than 30 seconds.
Result<std::vector<Descriptor>> tcp_listen(const Endpoint& where,
                                           PortSharing sharing = PortSharing::exclusive);

/// A listener whose accept() waits. For one thread at a time.
class TcpListener {
 public:
  /// Listens alone (PortSharing::exclusive). Errors: those of tcp_listen.
  static Result<TcpListener> listen(const Endpoint& where);
  /// Waits for the next connection; `timeout` zero: for ever. Errors: timeout, too_many_files, io_failed.
  Result<TcpConnection> accept(Milliseconds timeout = {});
  uint16_t port() const noexcept { return port_; }  ///< as chosen, also where 0 was asked for

 private:
  TcpListener(std::vector<Descriptor> sockets, uint16_t port) noexcept
      : sockets_(std::move(sockets)), port_(port) {}
  std::vector<Descriptor> sockets_;
  uint16_t port_;
};

/// The local end of a socket, as an address. Host empty if the socket has none.
Endpoint local_endpoint(int socket);
/// The remote end, likewise; an IPv4 peer of an IPv6 socket as its IPv4 address.
Endpoint remote_endpoint(int socket);

}  // namespace bulla
