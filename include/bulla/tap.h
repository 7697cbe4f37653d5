// The event tap: an optional observer that sees every record, message, secret and decision as it happens. Key
// logging, `explain`, metrics and tests hang off it. Absent, it costs one predictable branch.
#pragma once

#include <bulla/bytes.h>
#include <bulla/error.h>
#include <bulla/tls_types.h>

#include <memory>
#include <string>
#include <string_view>

namespace bulla {

/// Which way bytes travel, as this side sees it.
enum class Direction : uint8_t { received, sent };
/// Under which keys bytes travel (RFC 9846 §4, RFC 9001 §4.1.4); initial: none.
enum class EncryptionLevel : uint8_t { initial, early, handshake, application };

/// A record as it stands on the wire, and what is inside.
struct RecordSeen {
  Direction direction;     ///< received or sent
  ContentType outer_type;  ///< in the clear
  ContentType inner_type;  ///< the same, but for protected records of TLS 1.3
  Bytes wire;         ///< header and (where sent) protected fragment; empty for received protected records,
                      ///< which are decrypted in place
  size_t wire_size;   ///< header and fragment
  Bytes plaintext;    ///< the content, without type byte and padding
  bool is_protected;  ///< it was encrypted on the wire
};

/// A whole handshake message, header included.
struct MessageSeen {
  Direction direction;    ///< received or sent
  EncryptionLevel level;  ///< the keys it travels under
  HandshakeType type;     ///< the first of `bytes`
  Bytes bytes;            ///< type, length and body (RFC 9846 §4)
};

/// A secret of the key schedule, as a key log holds it (RFC 9850). A tap that keeps it must wipe it.
struct SecretSeen {
  std::string_view label;  ///< "CLIENT_HANDSHAKE_TRAFFIC_SECRET"; "CLIENT_RANDOM" for TLS 1.2
  Bytes client_random;     ///< 32 bytes: which connection it is
  Bytes secret;            ///< as long as the hash; 48 bytes for a master secret of TLS 1.2
};

/// Something that was decided, in the order of the flow.
struct DecisionSeen {
  std::string_view what;  ///< a word: "version", "cipher_suite", "group", "alpn", "resumption"...
  std::string value;      ///< for a person: "TLS 1.3"; safe for a terminal
};

/// Derive from it and set CommonOptions::tap. Called from whatever thread drives the connection; a tap that
/// is shared between connections locks by itself. Views are valid during the call only. Each function does
/// nothing unless it is overridden; none may throw or call the connection.
class Tap {
 public:
  virtual ~Tap() = default;
  /// Each record that is sent or taken; a received one after it was decrypted.
  virtual void on_record(const RecordSeen&) {}
  /// Each whole handshake message, before it is acted upon or sent.
  virtual void on_message(const MessageSeen&) {}
  /// Each secret that a key log gets, at the time it is made.
  virtual void on_secret(const SecretSeen&) {}
  /// Each choice of the handshake.
  virtual void on_decision(const DecisionSeen&) {}
  /// Each alert, close_notify included.
  virtual void on_alert(Direction, AlertDescription) {}
  /// What next() failed with; comes once.
  virtual void on_error(const Error&) {}
};

/// Receives the lines of a key log (RFC 9850, the format of SSLKEYLOGFILE). Whoever reads them reads the
/// connection. A key log that is shared between connections locks by itself.
class KeyLog {
 public:
  virtual ~KeyLog() = default;
  /// One line without its end: label, client random, secret. Valid during the call, wiped after it. Cannot
  /// fail: what cannot be written is lost.
  virtual void write(std::string_view line) = 0;
};
/// A key log, shared by configs.
using KeyLogPtr = std::shared_ptr<KeyLog>;

}  // namespace bulla
