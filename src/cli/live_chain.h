// The chain that a server shows, taken for looking at: nothing is sent over the connection.
#pragma once

#include "cli/flags.h"

#include <bulla/certificate.h>
#include <bulla/os.h>

#include <vector>

namespace bulla::cli {

/// What a server sent to prove who it is; nobody has verified it.
struct LiveChain {
  std::vector<CertificatePtr> certificates = {};  ///< leaf first, never empty
  std::vector<uint8_t> ocsp_response = {};        ///< stapled, DER; empty for none
};

/// Shakes hands with the server at `where`, asking for `name`. A server that breaks the handshake off after
/// its certificate, wanting one of ours, is seen all the same. Errors: those of tcp_connect and of the
/// handshake.
Result<LiveChain> live_chain(const Endpoint& where, const ServerName& name, const TlsFlags& tls,
                             Milliseconds limit);

}  // namespace bulla::cli
