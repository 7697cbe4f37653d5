// The chain that a server shows, whatever it is worth: what `cert show`, `verify` and `check` look at.
#pragma once

#include <bulla/certificate.h>
#include <bulla/config.h>
#include <bulla/os.h>

#include <optional>
#include <string>
#include <vector>

namespace bulla::cli {

struct SeenChain {
  std::vector<CertificatePtr> chain = {};     ///< as the server sent it, never empty
  std::vector<CertificatePtr> path = {};      ///< as it was verified; empty where it was refused
  std::optional<Error> refused_because = {};  ///< what verification had against it
  std::vector<uint8_t> ocsp_response = {};    ///< stapled, DER; empty for none
};

/// Whom to ask, and how.
struct ServerQuestion {
  Endpoint where = {};
  ServerName name = {};  ///< what the server is asked for, and verified against
  Milliseconds limit = {};
};
/// The name that a question is about: `given`, or the host where that is empty.
Result<ServerName> name_to_ask(const Endpoint& where, const std::string& given);

/// One handshake; nothing is sent over the connection. `options.roots` say what verifies; without them
/// nothing does. Errors: those of the network and of the handshake, as far as no chain was seen.
Result<SeenChain> fetch_chain(const ServerQuestion& question, ClientOptions options);

/// Whether what the user typed is HOST:PORT, and no file.
std::optional<Endpoint> as_server(const std::string& text);
/// For a target that is neither a file nor a server: a host without its port, mostly.
Error no_target(const std::string& text);

}  // namespace bulla::cli
