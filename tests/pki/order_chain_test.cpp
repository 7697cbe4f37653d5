// order_chain: a heap of certificates becomes what a server sends.
#include "pki/openssl_test.h"

#include <bulla/bundle.h>
#include <bulla/pki.h>

#include <gtest/gtest.h>

#include <algorithm>

namespace bulla::pki {
namespace {

/// Root, a CA below it, leaf.
struct Family {
  Issued root = NewCa{.name = "Root"}.issue().value();
  std::vector<CertificatePtr> chain;  // leaf first, root last
  std::vector<KeyPair> keys;          // of the chain

  explicit Family(const char* leaf = "leaf.example") {
    const auto ca = CertificateAuthority::create(root.chain, root.key.signer()).value();
    chain = root.chain;
    auto made = NewRequest{.names = {"one.example"}}.create().value();
    const auto request = CertificationRequest::from_pem_or_der(made.der).value();
    chain.insert(chain.begin(), ca.sign(request, 100, CertificateRole::ca).value().front());
    keys.push_back(std::move(made.key));
    const auto below = CertificateAuthority::create({chain.front()}, keys.back().signer()).value();
    auto issued = below.issue(std::vector<std::string>{leaf}, 50).value();
    chain.insert(chain.begin(), issued.chain.front());
    keys.insert(keys.begin(), std::move(issued.key));
  }
};

std::vector<CertificatePtr> shuffled(std::vector<CertificatePtr> heap, size_t by) {
  std::ranges::rotate(heap, heap.begin() + static_cast<ptrdiff_t>(by % heap.size()));
  if (by % 2) std::ranges::reverse(heap);
  return heap;
}

TEST(OrderChain, AnyOrderBecomesLeafFirstWithoutTheRoot) {
  const Family family;
  const Issued stranger = NewCa{.name = "Stranger"}.issue().value();
  for (size_t i = 0; i < 12; ++i) {
    std::vector<CertificatePtr> heap = family.chain;
    heap.push_back(stranger.chain.front());
    heap.push_back(Certificate::from_der(family.chain[1]->der()).value());
    const auto ordered = order_chain(shuffled(heap, i));
    ASSERT_TRUE(ordered) << ordered.error().explain();
    ASSERT_EQ(ordered->chain.size(), 2u);
    EXPECT_TRUE(equal_vartime(ordered->chain[0]->der(), family.chain[0]->der()));
    EXPECT_TRUE(equal_vartime(ordered->chain[1]->der(), family.chain[1]->der()));
    EXPECT_EQ(ordered->root, family.chain[2]);
    EXPECT_EQ(ordered->repeated, 1u);
    ASSERT_EQ(ordered->unrelated.size(), 1u);
    EXPECT_EQ(ordered->unrelated[0], stranger.chain.front());
    EXPECT_TRUE(ordered->missing.empty());
  }
}

TEST(OrderChain, TheRootStaysWhereItIsAskedFor) {
  const Family family;
  const auto ordered = order_chain(shuffled(family.chain, 1), {.root = RootInChain::keep});
  EXPECT_EQ(ordered.value().chain, family.chain);
  const Issued alone = SelfSigned{.names = {"alone.example"}}.issue().value();
  EXPECT_EQ(order_chain(alone.chain).value().chain, alone.chain);  // a leaf stays
}

TEST(OrderChain, TheKeySaysWhichIsFirst) {
  const Family a("a.example"), b("b.example");
  std::vector<CertificatePtr> heap = a.chain;
  heap.insert(heap.end(), b.chain.begin(), b.chain.end());
  const auto ambiguous = order_chain(heap);
  ASSERT_FALSE(ambiguous);
  EXPECT_EQ(ambiguous.error().code, ErrorCode::bad_argument);
  EXPECT_NE(ambiguous.error().message().find("a.example"), std::string::npos);
  EXPECT_NE(ambiguous.error().message().find("b.example"), std::string::npos);
  const auto chosen = order_chain(heap, {.key = b.keys.front().public_key()});
  ASSERT_TRUE(chosen) << chosen.error().explain();
  EXPECT_EQ(chosen->chain.front(), b.chain.front());
  EXPECT_EQ(chosen->root, b.chain.back());
  EXPECT_EQ(chosen->unrelated.size(), 3u);
  const KeyPair other = KeyPair::generate().value();
  EXPECT_EQ(order_chain(heap, {.key = other.public_key()}).error().code, ErrorCode::certificate_not_found);
}

// Of several certificates of one key, the one that lasts longest.
TEST(OrderChain, ARenewedCertificateComesBeforeTheOldOne) {
  const Issued root = NewCa{.name = "Root"}.issue().value();
  const auto ca = CertificateAuthority::create(root.chain, root.key.signer()).value();
  const auto made = NewRequest{.names = {"www.example"}}.create().value();
  const auto request = CertificationRequest::from_pem_or_der(made.der).value();
  const CertificatePtr old = ca.sign(request, 10).value().front(),
                       fresh = ca.sign(request, 90).value().front();
  for (const auto& heap : {std::vector{old, fresh}, std::vector{fresh, old}})
    EXPECT_EQ(order_chain(heap, {.key = made.key.public_key()}).value().chain.front(), fresh);
}

TEST(OrderChain, WhatIsMissingIsNamed) {
  const Family family;
  const auto ordered = order_chain(std::span(family.chain).first(1));
  ASSERT_TRUE(ordered);
  EXPECT_EQ(ordered->missing, family.chain[1]->subject());
  EXPECT_TRUE(ordered->missing_at.empty());
  EXPECT_TRUE(ordered->why_missing.empty());
  EXPECT_FALSE(ordered->root);
  EXPECT_EQ(order_chain({}).error().code, ErrorCode::certificate_not_found);
}

// The name alone does not make an issuer: the signature is verified.
TEST(OrderChain, ANamesakeWithAnotherKeyIsNoIssuer) {
  const Family family;
  const Issued namesake = NewCa{.name = "Root"}.issue().value();
  const auto ordered = order_chain(std::vector{family.chain[0], family.chain[1], namesake.chain.front()});
  ASSERT_TRUE(ordered) << ordered.error().explain();
  EXPECT_EQ(ordered->chain.size(), 2u);
  EXPECT_FALSE(ordered->root);
  EXPECT_EQ(ordered->missing, "CN=Root");
  EXPECT_NE(ordered->why_missing.find("did not make the signature"), std::string::npos)
      << ordered->why_missing;
  // With the right one beside it, that is taken.
  const auto both =
      order_chain(std::vector{namesake.chain.front(), family.chain[0], family.chain[2], family.chain[1]},
                  {.root = RootInChain::keep});
  EXPECT_EQ(both.value().chain, family.chain);
}

// Work that whoever made the certificates chose is bounded.
TEST(OrderChain, OfHundredsOfNamesakesSixtyFourAreTried) {
  const Family family;
  std::vector<CertificatePtr> heap = {family.chain[0]};
  const auto made = NewRequest{.names = {"one.example"}}.create().value();
  const auto request = CertificationRequest::from_pem_or_der(made.der).value();
  const Issued other = NewCa{.name = "Root"}.issue().value();
  const auto ca = CertificateAuthority::create(other.chain, other.key.signer()).value();
  for (int i = 0; i < 300; ++i) heap.push_back(ca.sign(request, 10, CertificateRole::ca).value().front());
  static size_t verified;
  verified = 0;
  Provider counting = default_provider();
  counting.signing.verify = [](std::span<VerifyJob> jobs) noexcept {
    verified += jobs.size();
    default_provider().signing.verify(jobs);
  };
  const auto ordered = order_chain(heap, {.key = family.keys.front().public_key()}, counting);
  EXPECT_EQ(verified, 64u);
  EXPECT_EQ(ordered.value().chain.size(), 1u);
}

struct OrderChainOpensslTest : test::OpensslTest {};

// RFC 5280 §4.2.2.1: where the issuer's certificate is.
TEST_F(OrderChainOpensslTest, TheAddressOfTheMissingIssuerIsTold) {
  must("openssl req -x509 -newkey ed25519 -nodes -keyout ca.key -out ca.pem -subj '/CN=CA' -days 9");
  must("openssl req -new -newkey ed25519 -nodes -keyout a.key -out a.csr -subj /CN=a");
  put("ext", "authorityInfoAccess=OCSP;URI:http://ocsp.example/,caIssuers;URI:http://ca.example/ca.crt");
  must(
      "openssl x509 -req -in a.csr -CA ca.pem -CAkey ca.key -CAcreateserial -extfile ext -days 5 -out a.pem");
  const std::string pem = get("a.pem");
  const auto ordered = order_chain(Certificate::from_pem_or_der(as_bytes(pem)).value());
  EXPECT_EQ(ordered.value().missing_at, "http://ca.example/ca.crt");
  EXPECT_EQ(ordered.value().missing, "CN=CA");
}

// A root that is signed with SHA-1 itself ends a chain like any other: its signature proves nothing.
TEST_F(OrderChainOpensslTest, ARootMayBeSignedAsItLikes) {
  must("openssl req -x509 -newkey rsa:2048 -sha1 -nodes -keyout ca.key -out ca.pem -subj '/CN=CA' -days 9");
  must("openssl req -new -newkey ed25519 -nodes -keyout a.key -out a.csr -subj /CN=a");
  must("openssl x509 -req -in a.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 5 -out a.pem");
  must("openssl x509 -req -in a.csr -CA ca.pem -CAkey ca.key -CAcreateserial -sha1 -days 5 -out weak.pem");
  must("cat ca.pem a.pem > good.pem; cat ca.pem weak.pem > bad.pem");
  const std::string good = get("good.pem"), bad = get("bad.pem");
  EXPECT_TRUE(order_chain(Certificate::from_pem_or_der(as_bytes(good)).value()).value().root);
  const auto weak = order_chain(Certificate::from_pem_or_der(as_bytes(bad)).value());
  ASSERT_TRUE(weak) << weak.error().explain();
  EXPECT_FALSE(weak->root);
  EXPECT_NE(weak->why_missing.find("cannot be verified"), std::string::npos) << weak->why_missing;
}

}  // namespace
}  // namespace bulla::pki
