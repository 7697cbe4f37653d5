// A server that shows every specimen of the zoo, each under a name of its own.
#pragma once

#include <bulla/https_server.h>
#include <bulla/zoo.h>

#include <map>
#include <memory>
#include <string>

namespace bulla::cli {

/// The zoo with an HTTPS server in front: which specimen a client sees is decided by the name that it asks
/// for.
class ZooServer {
 public:
  /// Whether a line is printed for each request and each failed handshake.
  enum class Log : uint8_t { off, on };
  /// Makes all specimens; no socket is opened yet. Errors: those of Zoo.
  static Result<std::unique_ptr<ZooServer>> open(Log log);

  const pki::Zoo& zoo() const noexcept { return zoo_; }
  net::HttpsServer& server() noexcept { return *server_; }
  /// "https://expired.zoo.localhost:8443/".
  std::string url_of(const pki::Specimen& specimen) const;

 private:
  explicit ZooServer(pki::Zoo zoo) noexcept : zoo_(std::move(zoo)) {}
  std::string page() const;
  pki::Zoo zoo_;
  std::map<std::string, IdentityPtr, std::less<>> by_host_;
  std::unique_ptr<net::HttpsServer> server_;
};

}  // namespace bulla::cli
