// A CA and a certificate of it that are the same in every run, so that seeds speak of them. Every signature
// is right, so that what follows them is reached.
#pragma once

#include "base/assert.h"
#include "pki/seeded_random.h"
#include "support/credulous_provider.h"

#include <bulla/pki.h>
#include <bulla/revocation_authority.h>

#include <algorithm>
#include <string_view>

namespace bulla::fuzz {

/// 2026-01-01 00:00:00 UTC.
inline constexpr Time now = Time(std::chrono::sys_days(std::chrono::year(2026) / 1 / 1));

struct StatusWorld {
  pki::CertificateAuthority authority;
  CertificatePtr leaf;

  static const StatusWorld& the() {
    static const StatusWorld world = make();
    return world;
  }
  /// The leaf's path with this staple and these lists.
  Result<ChainVerified> verify(RevocationPolicy policy, const RevocationLists& lists, Bytes staple) const {
    RootStore roots;
    roots.add(authority.chain().front());
    return WebPkiVerifier(std::move(roots),
                          {.provider = &test::credulous_provider(), .revocation = policy, .lists = lists})
        .verify({.chain = {&leaf, 1}, .now = now, .ocsp_response = staple});
  }

 private:
  static StatusWorld make() {
    test::SeededRandom random(1);
    const pki::Surroundings around = {.now = now, .random = &random, .provider = &builtin_provider()};
    const pki::KeyKind kind = {.type = KeyType::ed25519};
    auto ca = pki::NewCa{.name = "Fuzz CA", .key = kind}.issue(around).value();
    auto authority = pki::CertificateAuthority::create(ca.chain, ca.key.signer()).value();
    const std::string names[] = {"fuzz.example"};
    auto leaf = authority.issue(names, 90, kind, around).value();
    return {std::move(authority), leaf.chain.front()};
  }
};

inline void check_printable(std::string_view text) {
  const bool safe = std::none_of(text.begin(), text.end(),
                                 [](char c) { return static_cast<uint8_t>(c) < ' ' || c == 0x7f; });
  BULLA_ASSERT(safe, "nothing that was parsed reaches a terminal as a control character");
}

}  // namespace bulla::fuzz
