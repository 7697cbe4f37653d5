#include "tls/hello/server.h"

#include "tls/hello/negotiation.h"

namespace bulla::tls::hello {

Result<WaitCh::Next> WaitCh::on(ReceivedHello&& received, ServerContext& ctx) && {
  using enum ProtocolVersion;
  BULLA_TRY(const ProtocolVersion version, choose_version(received.hello, ctx.common.versions));
  // RFC 7507 §3: a client that fell back says so, and should not have needed to.
  if (received.hello.cipher_suites.contains(CipherSuite::fallback_scsv) &&
      version < ctx.common.versions.highest)
    return ErrorCode::inappropriate_fallback;
  ctx.info.version = version;
  ctx.decided("version", name_of(version));
  if (version == tls13) {
    BULLA_TRY(auto next, tls13::server::on_client_hello(std::move(received), std::nullopt, ctx));
    return Next(std::move(next));
  }
  ctx.transcript.add(ctx.received);
  BULLA_TRY(auto next, tls12::on_client_hello(std::move(received), ctx));
  return Next(std::move(next));
}

}  // namespace bulla::tls::hello
