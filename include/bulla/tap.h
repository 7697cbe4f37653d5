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

enum class Direction : uint8_t { received, sent };
/// RFC 9846 §4, RFC 9001 §4.1.4: under which keys bytes travel.
enum class EncryptionLevel : uint8_t { initial, early, handshake, application };

/// A record as it stands on the wire, and what is inside.
struct RecordSeen {
  Direction direction;
  ContentType outer_type;  ///< in the clear
  ContentType inner_type;  ///< the same, but for protected records of TLS 1.3
  Bytes wire;        ///< header and (where sent) protected fragment; empty for received protected records,
                     ///< which are decrypted in place
  size_t wire_size;  ///< header and fragment
  Bytes plaintext;
  bool is_protected;
};

/// A whole handshake message, header included.
struct MessageSeen {
  Direction direction;
  EncryptionLevel level;
  HandshakeType type;
  Bytes bytes;
};

/// A secret of the key schedule under its RFC 9850 label ("CLIENT_HANDSHAKE_TRAFFIC_SECRET",
/// "CLIENT_RANDOM").
struct SecretSeen {
  std::string_view label;
  Bytes client_random;
  Bytes secret;
};

/// Something that was decided: "version", "TLS 1.3"; "cipher_suite", …; in the order of the flow.
struct DecisionSeen {
  std::string_view what;
  std::string value;
};

/// Derive from it and set Config::tap. Called from whatever thread drives the connection; a tap that is
/// shared between connections locks by itself. Views are valid during the call only.
class Tap {
 public:
  virtual ~Tap() = default;
  virtual void on_record(const RecordSeen&) {}
  virtual void on_message(const MessageSeen&) {}
  virtual void on_secret(const SecretSeen&) {}
  virtual void on_decision(const DecisionSeen&) {}
  virtual void on_alert(Direction, AlertDescription) {}
  virtual void on_error(const Error&) {}
};

/// Receives the lines of a key log (RFC 9850, the format of SSLKEYLOGFILE), without line ends.
class KeyLog {
 public:
  virtual ~KeyLog() = default;
  virtual void write(std::string_view line) = 0;
};
using KeyLogPtr = std::shared_ptr<KeyLog>;

}  // namespace bulla
