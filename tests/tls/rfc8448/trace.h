// The traces of RFC 8448. That of section 3 stands in the tree (simple_1rtt.txt); the others are test data
// outside it.
#pragma once

#include "support/vectors.h"

#include <bulla/bytes.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace bulla::test::rfc8448 {

/// The file outside the tree, for BULLA_NEED_VECTORS.
inline constexpr std::string_view set = "rfc8448/traces.json";

inline constexpr const char* simple_1rtt = "Simple_1RTT_Handshake";
inline constexpr const char* resumed_0rtt = "Resumed_0RTT_Handshake";
inline constexpr const char* retried = "HelloRetryRequest_Handshake";
inline constexpr const char* client_authentication = "Client_Authentication_Handshake";
inline constexpr const char* compatibility_mode = "Middlebox_Compatibility_Mode";
inline constexpr const char* external_psk = "Externally_Provided_PSK_with_Ephemeral_Key";
inline constexpr const char* raw_public_key = "RawPublicKey_With_Client_Authentication";

/// Named byte strings: the wire's in capitals (Record_ServerHello), the key schedule's in small letters.
class Trace {
 public:
  explicit Trace(std::map<std::string, std::vector<uint8_t>> values) : values_(std::move(values)) {}
  bool has(const std::string& name) const { return values_.contains(name); }
  /// Fails the running test where the name is unknown.
  Bytes operator[](const std::string& name) const;
  const std::map<std::string, std::vector<uint8_t>>& values() const { return values_; }

  // What the values are made of.
  /// The handshake message of an unprotected record.
  Bytes message(const std::string& record) const { return (*this)[record].subspan(5); }
  /// The records of a value, one by one, change_cipher_spec left out.
  std::vector<std::vector<uint8_t>> protected_records(const std::string& name) const;
  /// The messages of a flight's plaintext, one by one, header included.
  std::vector<Bytes> messages(const std::string& flight) const;
  /// The first certificate of a Certificate message.
  static Bytes leaf(Bytes certificate_message);

 private:
  std::map<std::string, std::vector<uint8_t>> values_;
};

/// The trace out of simple_1rtt.txt.
Trace trace_in_tree();
/// The trace of that name from outside the tree; the one of section 3 from the tree. Nothing if the data is
/// missing.
std::optional<Trace> load_trace(const std::string& name);

/// An extension of a message, in the order of the wire.
struct Extension {
  uint16_t type;
  std::vector<uint8_t> body;
};
/// The extensions at the end of a message, whose other fields are `skip` bytes (the header counts).
std::vector<Extension> extensions_of(Bytes message, size_t skip);
/// `skip` for a ClientHello and for a ServerHello.
size_t client_hello_extensions_at(Bytes message);
size_t server_hello_extensions_at(Bytes message);

}  // namespace bulla::test::rfc8448
