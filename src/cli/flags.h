// Options that several verbs share, as the user typed them.
#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace bulla::cli {

/// --tls, --groups, --suites, --keylog, -v: every verb that speaks TLS.
struct TlsFlags {
  std::string versions = "1.2-1.3";
  std::vector<std::string> groups = {};
  std::vector<std::string> suites = {};
  std::string key_log = {};
  bool verbose = false;
};
void add_tls_flags(CLI::App& verb, TlsFlags& flags);

/// --cert, --key, --passphrase-file: every verb that takes a key.
struct IdentityFlags {
  std::string certificate = {};
  std::string key = {};
  std::string passphrase_file = {};
};
void add_identity_flags(CLI::App& verb, IdentityFlags& flags);

/// --ca, --insecure: every client.
struct TrustFlags {
  std::string ca = {};
  bool insecure = false;
};
void add_trust_flags(CLI::App& verb, TrustFlags& flags);

/// --client-ca, --client-auth: every server.
struct ClientAuthFlags {
  std::string ca = {};
  std::string demand = "required";
};
void add_client_auth_flags(CLI::App& verb, ClientAuthFlags& flags);

}  // namespace bulla::cli
