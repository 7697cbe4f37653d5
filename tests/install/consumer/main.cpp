// Derives from every interface of the public headers, as a user would, and holds each through its base.
#include <bulla/certificate.h>
#include <bulla/provider.h>
#include <bulla/session.h>
#include <bulla/tap.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <typeinfo>

namespace {

struct FixedRandom : bulla::Random {
  void fill(bulla::MutBytes out) noexcept override { std::fill(out.begin(), out.end(), uint8_t{7}); }
};

struct NullAead : bulla::AeadKey {
  void seal(bulla::MutBytes, const bulla::AeadNonce&, bulla::Bytes,
            std::span<const bulla::Bytes>) noexcept override {}
  bool open(bulla::MutBytes, const bulla::AeadNonce&, bulla::Bytes) noexcept override { return false; }
};

struct RemoteKey : bulla::SigningKey {
  bulla::KeyType type() const noexcept override { return bulla::KeyType::ed25519; }
  bulla::PublicKeyView public_key() const noexcept override { return {type()}; }
  void sign(bulla::Random&, std::span<bulla::SignJob>) const noexcept override {}
};

struct PinningVerifier : bulla::Verifier {
  bulla::Result<bulla::ChainVerified> verify(const bulla::VerifyRequest& request) const override {
    return bulla::dangerous::assert_verified(request, "pinned");
  }
};

struct LoggingVerifier : bulla::WebPkiVerifier {
  using WebPkiVerifier::WebPkiVerifier;
  bulla::Result<bulla::ChainVerified> verify(const bulla::VerifyRequest& request) const override {
    return WebPkiVerifier::verify(request);
  }
};

struct OneSession : bulla::ClientSessionStore {
  void put(const std::string&, bulla::ClientSessionPtr session) override { held = std::move(session); }
  bulla::ClientSessionPtr take(const std::string&) override { return std::move(held); }
  bulla::ClientSessionPtr held;
};

struct NoTickets : bulla::TicketSealer {
  std::vector<uint8_t> seal(bulla::Bytes, bulla::Time) const override { return {}; }
  std::optional<bulla::SecretBytes> open(bulla::Bytes, bulla::Time) const override { return std::nullopt; }
};

struct NoCache : bulla::ServerSessionCache {
  void put(bulla::Bytes, bulla::Bytes, bulla::Time) override {}
  std::optional<bulla::SecretBytes> find(bulla::Bytes, bulla::Time) override { return std::nullopt; }
};

struct CountingTap : bulla::Tap {
  void on_record(const bulla::RecordSeen&) override { ++records; }
  int records = 0;
};

struct Lines : bulla::KeyLog {
  void write(std::string_view line) override { last = line; }
  std::string last;
};

/// Run-time type information of the library and of this program must agree.
template <class Derived, class Base, class... Arguments>
bool derives(Arguments&&... arguments) {
  const std::unique_ptr<Base> object = std::make_unique<Derived>(std::forward<Arguments>(arguments)...);
  const bool same = dynamic_cast<Derived*>(object.get()) != nullptr;
  if (!same) std::printf("%s is not seen as itself\n", typeid(*object).name());
  return same;
}

}  // namespace

int main() {
  bool ok = derives<FixedRandom, bulla::Random>() && derives<NullAead, bulla::AeadKey>() &&
            derives<RemoteKey, bulla::SigningKey>() && derives<PinningVerifier, bulla::Verifier>() &&
            derives<LoggingVerifier, bulla::Verifier>(bulla::RootStore{}) &&
            derives<OneSession, bulla::ClientSessionStore>() && derives<NoTickets, bulla::TicketSealer>() &&
            derives<NoCache, bulla::ServerSessionCache>() && derives<CountingTap, bulla::Tap>() &&
            derives<Lines, bulla::KeyLog>();

  // A failed Result throws for those who like exceptions, across the library's boundary.
  try {
    const auto name = bulla::ServerName::parse("not a host name").value();
    ok = false;
  } catch (const bulla::BadResult& bad) {
    ok = ok && !bad.error().message().empty();
  }
  ok = ok && bulla::default_provider().hash(bulla::HashId::sha256) != nullptr;
  std::puts(ok ? "consumer: all interfaces derived" : "consumer: FAILED");
  return ok ? 0 : 1;
}
