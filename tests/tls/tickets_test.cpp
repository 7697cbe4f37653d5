// Tickets under keys that change by themselves: bulla/session.h.
#include "tls/core_between.h"

#include <bulla/session.h>

#include <gtest/gtest.h>

#include <numeric>
#include <set>

namespace bulla::test {
namespace {

TEST(RotatingTicketKeys, AlteredForeignAndRetiredTicketsDoNotOpen) {
  const auto tickets = RotatingTickets::fresh(Seconds{3600});
  const std::vector<uint8_t> state = {1, 2, 3};
  std::vector<uint8_t> ticket = tickets->seal(state, test_now);
  ASSERT_TRUE(tickets->open(ticket, test_now));
  EXPECT_TRUE(tickets->open(ticket, test_now + Seconds{3600}));
  EXPECT_FALSE(tickets->open(ticket, test_now + Seconds{2 * 3600}));
  EXPECT_FALSE(tickets->open(ticket, test_now - Seconds{3600}));
  EXPECT_FALSE(RotatingTickets::fresh(Seconds{3600})->open(ticket, test_now));
  for (size_t i = 0; i < ticket.size(); ++i) {
    ticket[i] ^= 1;
    EXPECT_FALSE(tickets->open(ticket, test_now)) << i;
    ticket[i] ^= 1;
  }
  for (size_t n = 0; n < ticket.size(); ++n) EXPECT_FALSE(tickets->open(Bytes(ticket).first(n), test_now));
  EXPECT_FALSE(tickets->open(ticket, Time(Milliseconds(-1))));
  EXPECT_TRUE(tickets->seal(state, Time(Milliseconds(-1))).empty());
}

/// The nonce of a ticket stands behind the number of its slice.
Bytes nonce_in(Bytes ticket) {
  return ticket.subspan(8, aead_nonce_size);
}

// One key and one nonce for two states would give both away (RFC 5116 §3.1).
TEST(RotatingTicketKeys, EveryStateHasANonceOfItsOwn) {
  const RotatingTickets tickets(SecretBytes(size_t{32}), Seconds{3600});
  std::set<std::vector<uint8_t>> seen;
  for (size_t size = 0; size < 200; ++size) {
    const std::vector<uint8_t> state(size, 7);
    EXPECT_TRUE(seen.insert(to_vector(nonce_in(tickets.seal(state, test_now)))).second) << size;
  }
  std::vector<uint8_t> state(100, 7);
  for (size_t bit = 0; bit < 8 * state.size(); ++bit) {
    state[bit / 8] ^= static_cast<uint8_t>(1 << bit % 8);
    EXPECT_TRUE(seen.insert(to_vector(nonce_in(tickets.seal(state, test_now)))).second) << bit;
    state[bit / 8] ^= static_cast<uint8_t>(1 << bit % 8);
  }
}

// RFC 5297's idea: nothing random is needed, and who seals the same state twice gives nothing away.
TEST(RotatingTicketKeys, NothingRandomIsInATicket) {
  struct Nothing : Random {
    void fill(MutBytes) noexcept override { std::abort(); }
  } nothing;
  Provider provider = default_provider();
  provider.random = &nothing;
  const RotatingTickets tickets(SecretBytes(size_t{32}), Seconds{3600}, provider);
  const std::vector<uint8_t> state = {1, 2, 3};
  const std::vector<uint8_t> ticket = tickets.seal(state, test_now);
  EXPECT_EQ(tickets.seal(state, test_now), ticket);
  const std::vector<uint8_t> later = tickets.seal(state, test_now + Seconds{3600});
  EXPECT_NE(to_vector(nonce_in(later)), to_vector(nonce_in(ticket)));
}

// Servers that share a secret take each other's tickets, of whatever version they are. Computed by Python's
// hmac and cryptography.
TEST(RotatingTicketKeys, AKnownTicket) {
  std::vector<uint8_t> secret(32);
  std::iota(secret.begin(), secret.end(), uint8_t{0});
  const RotatingTickets tickets(SecretBytes(secret), Seconds{3600});
  const std::vector<uint8_t> state = {1, 2, 3};
  const Time now = Time(Seconds{500'000LL * 3600 + 1799});
  EXPECT_EQ(to_hex(tickets.seal(state, now)),
            "000000000007a1209c6401cb0f933255cac30a3e531fa7c2b270e9e6f6225253e8cd99d4d5a836");
}

// Who sees tickets, and knows what is in one, cannot compute the nonce of another: it is keyed.
TEST(RotatingTicketKeys, NoncesDependOnTheSecret) {
  const std::vector<uint8_t> state = {1, 2, 3};
  const std::vector<uint8_t> one = RotatingTickets::fresh()->seal(state, test_now),
                             other = RotatingTickets::fresh()->seal(state, test_now);
  EXPECT_NE(to_vector(nonce_in(one)), to_vector(nonce_in(other)));
}

/// The tests' provider with these AEADs alone.
Provider provider_with(std::span<const AeadAlgorithm* const> aeads) {
  Provider provider = default_provider();
  provider.aeads = aeads;
  return provider;
}

// A provider may leave AEADs out (bulla/provider.h).
TEST(RotatingTicketKeys, AnyAeadOfTheProviderDoes) {
  const std::vector<uint8_t> state = {1, 2, 3};
  for (const AeadId id : {AeadId::aes_128_gcm, AeadId::aes_256_gcm, AeadId::chacha20_poly1305}) {
    const AeadAlgorithm* const one[] = {default_provider().aead(id)};
    const Provider provider = provider_with(one);
    const RotatingTickets tickets(SecretBytes(size_t{32}), Seconds{3600}, provider);
    const std::vector<uint8_t> ticket = tickets.seal(state, test_now);
    const auto opened = tickets.open(ticket, test_now);
    ASSERT_TRUE(opened);
    EXPECT_EQ(to_vector(opened->reveal()), state);
    // The same secret makes other keys for another AEAD.
    if (id == AeadId::aes_256_gcm) continue;
    EXPECT_FALSE(RotatingTickets(SecretBytes(size_t{32}), Seconds{3600}).open(ticket, test_now));
  }
}

TEST(RotatingTicketKeysDeathTest, WithoutAnAead) {
  const Provider provider = provider_with({});
  EXPECT_DEATH(RotatingTickets::fresh(Seconds{3600}, provider), "need an AEAD");
}

}  // namespace
}  // namespace bulla::test
