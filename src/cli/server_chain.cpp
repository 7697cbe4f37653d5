#include "cli/server_chain.h"

#include <bulla/tls_stream.h>

#include <filesystem>

namespace bulla::cli {
namespace {

/// Verifies as always, keeps what was seen, and lets the handshake go on in any case, so that a bad chain can
/// be shown.
class Witness : public Verifier {
 public:
  explicit Witness(RootStore roots) : verifier_(std::move(roots)) {}
  Result<ChainVerified> verify(const VerifyRequest& request) const override {
    seen_.chain.assign(request.chain.begin(), request.chain.end());
    seen_.ocsp_response = to_vector(request.ocsp_response);
    auto verified = verifier_.verify(request);
    if (verified) {
      seen_.path = verified->path();
      return verified;
    }
    seen_.refused_because = verified.error();
    return dangerous::assert_verified(request, "the chain is only looked at");
  }
  const SeenChain& seen() const { return seen_; }

 private:
  WebPkiVerifier verifier_;
  mutable SeenChain seen_;
};

}  // namespace

Result<ServerName> name_to_ask(const Endpoint& where, const std::string& given) {
  return ServerName::parse(given.empty() ? where.host : given);
}

Result<SeenChain> fetch_chain(const ServerQuestion& question, ClientOptions options) {
  const auto witness = std::make_shared<Witness>(options.roots ? *std::move(options.roots) : RootStore());
  options.roots.reset();
  options.verifier = witness;
  BULLA_TRY(const ClientConfigPtr config, make_client_config(std::move(options)));
  BULLA_TRY(TcpConnection tcp, tcp_connect(question.where, question.limit));
  const auto stream =
      TlsStream::adopt(std::move(tcp), config, question.name,
                       {.connect_timeout = question.limit, .handshake_timeout = question.limit});
  // A server that wants a client certificate breaks off, but its chain was seen.
  if (!stream && witness->seen().chain.empty()) return stream.error();
  return witness->seen();
}

std::optional<Endpoint> as_server(const std::string& text) {
  std::error_code ignored;
  if (text == "-" || text.find('/') != std::string::npos || std::filesystem::exists(text, ignored)) return {};
  const auto where = Endpoint::parse(text);
  if (!where || where->host.empty() || where->port == 0) return {};
  return *where;
}

Error no_target(const std::string& text) {
  return {ErrorCode::file_not_readable, printable(text) + " is no file and no HOST:PORT",
          "name a file, or a server as in example.com:443"};
}

}  // namespace bulla::cli
