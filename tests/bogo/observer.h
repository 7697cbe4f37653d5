// What a connection's tap and callbacks saw, for the checks that the flags ask for.
#pragma once

#include <bulla/operation.h>
#include <bulla/tap.h>

#include <string>
#include <vector>

namespace bulla::bogo {

class Observer : public Tap {
 public:
  void on_record(const RecordSeen& record) override;
  void on_message(const MessageSeen& message) override;
  void on_decision(const DecisionSeen& decision) override;
  /// The identity selector was asked.
  void on_select(const SelectIdentity& request);

  /// "read hs 2\nwrite ccs\n…", as the reference shim's message callback writes it.
  std::string trace;
  bool retried = false;               ///< there was a HelloRetryRequest
  bool secure_renegotiation = false;  ///< the server knows renegotiation_info
  std::string advertised_alpn;        ///< the client's list as on the wire
  std::vector<uint8_t> certificate_types;
  std::vector<std::vector<uint8_t>> authorities;
  std::vector<SignatureScheme> peer_schemes;
  /// Asked for a certificate, and what the peer said with it.
  bool selected = false;
  unsigned verified = 0, refused = 0;  ///< answers of the verifier

 private:
  void look_into_client_hello(Bytes body);
};

}  // namespace bulla::bogo
