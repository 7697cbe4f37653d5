// RFC 8448's traces against the whole engine: what a test supplies so that it behaves as the trace's
// implementation did — its random bytes, its signatures, its extensions, its ticket.
#pragma once

#include "tls/pair.h"
#include "tls/rfc8448/trace.h"

#include <map>
#include <memory>
#include <string>

namespace bulla::test::rfc8448 {

/// 2016-08-01: within the validity of the traces' certificates.
inline const Time trace_time = Time(Milliseconds(1470009600000));

/// Random bytes as written down beforehand. Asking for more fails the test.
class Script : public Random {
 public:
  explicit Script(std::vector<uint8_t> bytes) : bytes_(std::move(bytes)) {}
  void fill(MutBytes out) noexcept override;
  size_t left() const { return bytes_.size() - at_; }

 private:
  std::vector<uint8_t> bytes_;
  size_t at_ = 0;
};

/// A key that signs what the trace signed, with the trace's signature, and nothing else.
class TraceKey : public SigningKey {
 public:
  TraceKey(CertificatePtr leaf, Bytes message, Bytes signature)
      : leaf_(std::move(leaf)), message_(to_vector(message)), signature_(to_vector(signature)) {}
  KeyType type() const noexcept override { return leaf_->public_key().type; }
  PublicKeyView public_key() const noexcept override { return leaf_->public_key(); }
  void sign(Random&, std::span<SignJob> jobs) const noexcept override;

 private:
  CertificatePtr leaf_;
  std::vector<uint8_t> message_, signature_;
};

/// Gives out the trace's ticket and keeps the state that it would have sealed.
class TraceTickets : public TicketSealer {
 public:
  explicit TraceTickets(Bytes ticket) : ticket_(to_vector(ticket)) {}
  std::vector<uint8_t> seal(Bytes state, Time) const override {
    sealed = to_vector(state);
    return ticket_;
  }
  std::optional<SecretBytes> open(Bytes, Time) const override { return std::nullopt; }
  mutable std::vector<uint8_t> sealed;

 private:
  std::vector<uint8_t> ticket_;
};

/// The secrets that a side computed, in hexadecimal, by their RFC 9850 labels, and the handshake messages it
/// sent.
struct TraceTap : Tap {
  void on_secret(const SecretSeen& s) override { secrets[std::string(s.label)] = to_hex(s.secret); }
  void on_message(const MessageSeen& m) override {
    if (m.direction == Direction::sent) sent.push_back(to_vector(m.bytes));
  }
  std::map<std::string, std::string> secrets;
  std::vector<std::vector<uint8_t>> sent;
};

/// One side of a trace, played by our engine.
struct Replay {
  Side side;
  std::shared_ptr<Script> random;
  std::shared_ptr<TraceTap> tap;
  std::shared_ptr<PlainSessionStore> store = {};
  std::shared_ptr<TraceTickets> tickets = {};

  /// Hands over bytes of the peer and gives what we answer.
  std::vector<uint8_t> hear(Bytes bytes);
  std::vector<uint8_t> take_output();
};

Replay client_of(const Trace& trace);
Replay server_of(const Trace& trace);

/// The certificate in a flight's plaintext.
CertificatePtr certificate_in(const Trace& trace, const std::string& flight);

}  // namespace bulla::test::rfc8448
