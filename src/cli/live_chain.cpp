#include "cli/live_chain.h"

#include "cli/setup.h"

#include <bulla/tls_stream.h>

namespace bulla::cli {
namespace {

/// Keeps what was shown and lets the handshake go on, whatever it is.
class Witness : public Verifier {
 public:
  Result<ChainVerified> verify(const VerifyRequest& request) const override {
    seen_.certificates.assign(request.chain.begin(), request.chain.end());
    seen_.ocsp_response = to_vector(request.ocsp_response);
    return dangerous::assert_verified(request, "the chain is only looked at");
  }
  const LiveChain& seen() const noexcept { return seen_; }

 private:
  mutable LiveChain seen_;
};

}  // namespace

Result<LiveChain> live_chain(const Endpoint& where, const ServerName& name, const TlsFlags& tls,
                             Milliseconds limit) {
  ClientOptions options;
  BULLA_TRY(options.common, common_options(tls));
  const auto witness = std::make_shared<Witness>();
  options.verifier = witness;
  BULLA_TRY(const ClientConfigPtr config, make_client_config(std::move(options)));
  BULLA_TRY(TcpConnection tcp, tcp_connect(where, limit));
  const auto stream =
      TlsStream::adopt(std::move(tcp), config, name, {.connect_timeout = limit, .handshake_timeout = limit});
  if (!stream && witness->seen().certificates.empty()) return stream.error();
  return witness->seen();
}

}  // namespace bulla::cli
