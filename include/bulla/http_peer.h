// Who sent a request, as handlers and the access log are told.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace bulla::http {

/// The certificate of a client that was asked for one: verified up to a CA that the server trusts for it, and
/// the client has proved to hold its key. To decide by, take the names or the fingerprint: a subject is a
/// text for people.
struct ClientCertificate {
  std::string subject = {};             ///< "CN=Ada Lovelace, O=Example"; whatever is odd in it is escaped
  std::vector<std::string> names = {};  ///< as Certificate::alternative_names: "email:ada@example.com"
  std::string issuer = {};              ///< of whom it is: a serial number counts below its issuer only
  std::string serial = {};              ///< as Certificate::serial
  std::string sha256 = {};              ///< the fingerprint, "AB:CD:..."
};

/// Who sent a request, in words; filled by whoever holds the connection. Empty means: not known, or no TLS.
struct PeerInfo {
  std::string address;            ///< "192.0.2.1" or "2001:db8::1", without the port
  uint16_t port = 0;              ///< of the connection's other end
  std::string tls_version = {};   ///< "TLS 1.3"
  std::string cipher_suite = {};  ///< "TLS_AES_128_GCM_SHA256"
  std::string group = {};         ///< "x25519"
  std::string server_name = {};   ///< the SNI host name
  bool resumed = false;           ///< the session was resumed
  /// Who the client is, in mutual TLS; nullptr: nobody was verified. One object for all of its requests.
  std::shared_ptr<const ClientCertificate> client = {};
};

}  // namespace bulla::http
