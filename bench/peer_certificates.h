// The peer: libcrypto's X.509, asked what ours is asked.
#pragma once

#include <bulla/bytes.h>
#include <bulla/time.h>

#include <memory>
#include <string>
#include <vector>

typedef struct x509_st X509;
typedef struct x509_store_st X509_STORE;

namespace bulla::bench {

struct PeerFree {
  void operator()(X509* certificate) const noexcept;
  void operator()(X509_STORE* store) const noexcept;
};
using PeerCertificate = std::unique_ptr<X509, PeerFree>;
using PeerStore = std::unique_ptr<X509_STORE, PeerFree>;

/// What d2i_X509 does by itself: the outer structure, names and key, but of the extensions no more than their
/// bytes.
PeerCertificate peer_parse(Bytes der);
/// The same, and the extensions that its verifier uses are taken apart (X509_check_purpose).
PeerCertificate peer_parse_whole(Bytes der);
PeerStore peer_store(const std::vector<PeerCertificate>& roots);

enum class PeerSignatures : uint8_t { checked, left_out };
struct PeerQuestion {
  const std::vector<PeerCertificate>& chain;  ///< leaf first
  X509_STORE* store;
  std::string host;
  Time now;
  PeerSignatures signatures = PeerSignatures::checked;
};
/// X509_verify_cert with purpose, name and time; whether it accepts.
bool peer_verifies(const PeerQuestion& question);

}  // namespace bulla::bench
