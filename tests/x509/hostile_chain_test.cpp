// Chains as an attacker makes them: after the holes that other verifiers had, and after what costs the most.
#include "asn1/der_reader.h"
#include "crafted.h"
#include "x509/dns_name.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace bulla::test {
namespace {

using namespace asn1;
using testing::HasSubstr;

Result<ChainVerified> verify(const RootStore& roots, const std::vector<CertificatePtr>& chain,
                             const char* name = "example.com") {
  std::optional<ServerName> parsed;
  if (name) parsed = ServerName::parse(name).value();
  return WebPkiVerifier(roots).verify(
      {.chain = chain, .name = parsed ? &*parsed : nullptr, .now = test_now()});
}

RootStore trusting(const Entity& one) {
  RootStore out;
  out.add(one.certificate);
  return out;
}

void expect_refused(const Result<ChainVerified>& result, ErrorCode code, std::string_view words = {}) {
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, code) << result.error().explain();
  EXPECT_THAT(result.error().explain(), HasSubstr(std::string(words)));
}

/// A Name of `count` attributes, the first of which tells it from others.
std::function<void(DerWriter&)> long_name(int id, size_t count) {
  return [=](DerWriter& w) {
    w.sequence([&](DerWriter& w) {
      for (size_t i = 0; i < count; ++i)
        w.set([&](DerWriter& w) {
          w.sequence([&](DerWriter& w) {
            w.oid(oids::common_name);
            w.utf8_string(i ? "a" : std::to_string(id));
          });
        });
    });
  };
}

Draft old_draft(std::string subject) {
  return {.subject = std::move(subject), .version = 1, .dns = {}, .key_identifiers = false};
}

// RFC 5280 §6.1.4 (k): version 1 has no basicConstraints. A root of that kind may sign, since it was chosen
// as a root; a certificate that another CA issued was chosen for itself.
TEST(HostileChainTest, AnOldCertificateThatIsTrustedForItselfSignsNothing) {
  const Entity ca = issue(ca_draft("CA")), old_leaf = issue(old_draft("Old leaf"), &ca),
               old_root = issue(old_draft("Old root"));
  ASSERT_TRUE(old_leaf.certificate && old_root.certificate);
  EXPECT_TRUE(verify(trusting(old_root), {issue({}, &old_root).certificate}).ok());
  expect_refused(verify(trusting(old_leaf), {issue({}, &old_leaf).certificate}),
                 ErrorCode::certificate_not_ca, "CN=Old leaf");
  EXPECT_TRUE(verify(trusting(old_leaf), {old_leaf.certificate}, nullptr).ok());
}

// CVE-2015-1793: a leaf in the place of a CA, with another path to the same leaf beside it.
TEST(HostileChainTest, ALeafSignsNothingWhateverIsSentBesideIt) {
  const Entity root = issue(ca_draft("Root")), ca = issue(ca_draft("CA"), &root);
  const Entity honest = issue({}, &ca), forged = issue({}, &honest);
  const Entity other = issue(ca_draft("Other")), twin = issue(ca_draft("Leaf"), &other, honest.key);
  expect_refused(verify(trusting(root), {forged.certificate, honest.certificate, twin.certificate,
                                         ca.certificate, other.certificate}),
                 ErrorCode::certificate_not_ca, "CN=Leaf");
}

// RFC 5280 §6.1.3 (a) (1): the signature is checked with a key of the algorithm's own kind, whatever is
// claimed.
TEST(HostileChainTest, AnAlgorithmThatIsNotTheKeysOwnIsNoSignature) {
  const Entity root = issue(ca_draft("Root"));
  for (const Oid& claimed : {oids::ed25519, oids::rsa_sha256, oids::ecdsa_sha512}) {
    Draft draft;
    draft.algorithm = [&](DerWriter& w, bool) { w.sequence([&](DerWriter& w) { w.oid(claimed); }); };
    const auto result = verify(trusting(root), {issue(draft, &root).certificate});
    ASSERT_FALSE(result.ok());
    EXPECT_TRUE(result.error().code == ErrorCode::certificate_unknown_issuer ||
                result.error().code == ErrorCode::certificate_bad_signature)
        << result.error().explain();
  }
}

TEST(HostileChainTest, AKeyOffItsCurveVerifiesNothing) {
  const Entity root = issue(ca_draft("Root"));
  Draft draft = ca_draft("Off the curve");
  const SigningKeyPtr key = new_key();
  draft.spki = [&](DerWriter& w) {
    w.sequence([&](DerWriter& w) {
      w.sequence([&](DerWriter& w) {
        w.oid(oids::ec_public_key);
        w.oid(oids::p256);
      });
      auto point = to_vector(key->public_key().point);
      point.back() = static_cast<uint8_t>(point.back() ^ 1);
      w.bit_string(point);
    });
  };
  const Entity off = issue(draft, &root, key);
  expect_refused(verify(trusting(root), {issue({}, &off).certificate, off.certificate}),
                 ErrorCode::certificate_bad_signature, "CN=Off the curve");
}

TEST(HostileChainTest, ATrustedLeafWithAKeyThatNobodyVerifiesWithIsSaidToBeWeak) {
  Draft draft;
  draft.spki = [](DerWriter& w) {
    w.sequence([](DerWriter& w) {
      w.sequence([](DerWriter& w) {
        w.oid(oids::rsa_encryption);
        w.null();
      });
      w.bit_string([](DerWriter& w) {
        w.sequence([](DerWriter& w) {
          w.unsigned_integer(std::vector<uint8_t>(64, 0xff));
          w.integer(65537);
        });
      });
    });
  };
  const Entity weak = issue(draft);
  expect_refused(verify(trusting(weak), {weak.certificate}), ErrorCode::certificate_weak_key, "RSA 512");
}

// Sixteen certificates within TLS's bounds, hundreds of paths, names that are long on purpose: the work is
// bounded, and one failure is told, in words of a readable length.
TEST(HostileChainTest, LongNamesInManyPathsAreToldOnceAndShort) {
  for (const size_t count : {1u, 500u}) {
    const SigningKeyPtr key = new_key();
    std::vector<Entity> cas;
    const auto draft_of = [&](int id) {
      Draft draft = ca_draft("x");
      draft.subject_name = long_name(id, count);
      return draft;
    };
    for (int id = 0; id < 6; ++id) cas.push_back(issue(draft_of(id), nullptr, key));
    Draft end;
    end.subject_name = long_name(99, count);
    std::vector<CertificatePtr> chain = {issue(end, &cas[0]).certificate};
    for (int id = 0; id < 5; ++id)
      for (uint8_t serial = 1; serial <= 3; ++serial) {
        Draft draft = draft_of(id);
        draft.serial = {serial};
        chain.push_back(issue(draft, &cas[static_cast<size_t>(id) + 1], key).certificate);
      }
    const auto result = verify(trusting(issue(ca_draft("Root"))), chain);
    expect_refused(result, ErrorCode::certificate_unknown_issuer, "certificate 6 of 6");
    EXPECT_LT(result.error().explain().size(), 2000u);
    EXPECT_EQ(result.error().detail.find("a name of ") != std::string::npos, count > 1);
  }
}

// Keys as large as they may be, with exponents that take the longest: a few signatures use the budget up.
TEST(HostileChainTest, LargeRsaKeysCountForMore) {
  const auto rsa = [](DerWriter& w) {
    w.sequence([](DerWriter& w) {
      w.oid(oids::rsa_sha256);
      w.null();
    });
  };
  std::vector<CertificatePtr> chain;
  for (uint8_t i = 0; i < 16; ++i) {
    Draft draft = i ? ca_draft("X") : Draft{.subject = "X"};
    draft.key_identifiers = false;
    draft.algorithm = [&](DerWriter& w, bool) { rsa(w); };
    draft.spki = [=](DerWriter& w) {
      w.sequence([&](DerWriter& w) {
        w.sequence([](DerWriter& w) {
          w.oid(oids::rsa_encryption);
          w.null();
        });
        w.bit_string([&](DerWriter& w) {
          w.sequence([&](DerWriter& w) {
            std::vector<uint8_t> modulus(1024, 0xff);
            modulus[1] = i;
            w.unsigned_integer(modulus);
            w.unsigned_integer(std::vector<uint8_t>{1, 0xff, 0xff, 0xff, 0xff});
          });
        });
      });
    };
    // The same with a signature as long as the issuer's key.
    const Entity made = issue(draft);
    DerReader r(made.der);
    DerReader inner(r.content(tag::sequence));
    const Bytes tbs = inner.element(tag::sequence).whole;
    const auto der = to_der([&](DerWriter& w) {
      w.sequence([&](DerWriter& w) {
        w.raw(tbs);
        rsa(w);
        w.bit_string(std::vector<uint8_t>(1024, 0x55));
      });
    });
    chain.push_back(Certificate::from_der(der).value());
  }
  const auto result = verify(trusting(issue(ca_draft("Root"))), chain);
  expect_refused(result, ErrorCode::certificate_budget_exhausted, "7 signatures checked");
}

/// Whatever fails first, the most telling failure has all its words.
TEST(HostileChainTest, TheFailureThatIsToldHasItsEvidence) {
  const Entity root = issue(ca_draft("Root"));
  Draft expired = ca_draft("CA");
  expired.not_after = test_now() - Seconds(60);
  Draft no_ca = ca_draft("CA");
  no_ca.ca = false;
  const Entity first = issue(no_ca, &root), second = issue(no_ca, &root, first.key),
               third = issue(expired, &root, first.key), impostor = issue(ca_draft("CA"), &root);
  const Entity end = issue({}, &first);
  std::vector<CertificatePtr> sent = {impostor.certificate, first.certificate, second.certificate,
                                      third.certificate};
  std::sort(sent.begin(), sent.end());
  do {
    std::vector<CertificatePtr> chain = {end.certificate};
    chain.insert(chain.end(), sent.begin(), sent.end());
    const auto result = verify(trusting(root), chain);
    ASSERT_FALSE(result.ok());
    EXPECT_THAT(result.error().detail, HasSubstr("certificate 2 of 3 (CN=CA), issued by CN=Root"));
  } while (std::next_permutation(sent.begin(), sent.end()));
}

// CVE-2023-0464: every CA asserts many policies and maps each to two others. The tree of RFC 5280 would
// double on every level; the graph of RFC 9618 does not.
TEST(HostileChainTest, MappedPoliciesDoNotGrowFromLevelToLevel) {
  constexpr uint8_t policies = 60;
  const auto policy = [](DerWriter& w, unsigned i) {
    const uint8_t id[] = {0x2a, 0x03, static_cast<uint8_t>(i % policies)};
    w.value(tag::oid, id);
  };
  const auto write_policies = [&](DerWriter& w) {
    write_extension(w, oids::certificate_policies, Critical::no, [&](DerWriter& w) {
      w.sequence([&](DerWriter& w) {
        for (unsigned i = 0; i < policies; ++i) w.sequence([&](DerWriter& w) { policy(w, i); });
      });
    });
  };
  Draft between = ca_draft("");
  between.more_extensions = [&](DerWriter& w) {
    write_policies(w);
    write_extension(w, oids::policy_mappings, Critical::yes, [&](DerWriter& w) {
      w.sequence([&](DerWriter& w) {
        for (unsigned i = 0; i < 2 * policies; ++i)
          w.sequence([&](DerWriter& w) {
            policy(w, i / 2);
            policy(w, i / 2 * 7 + i % 2);
          });
      });
    });
    write_extension(w, oids::policy_constraints, Critical::yes, [](DerWriter& w) {
      const uint8_t now = 0;
      w.sequence([&](DerWriter& w) { w.value(tag::context(0), {&now, 1}); });
    });
  };
  const Entity root = issue(ca_draft("Root"));
  std::vector<Entity> cas = {root};
  std::vector<CertificatePtr> sent;
  for (int i = 0; i < 8; ++i) {
    between.subject = "CA " + std::to_string(i);
    cas.push_back(issue(between, &cas.back()));
    sent.push_back(cas.back().certificate);
  }
  for (const bool asserted : {true, false}) {
    Draft end;
    if (asserted) end.more_extensions = write_policies;
    std::vector<CertificatePtr> chain = {issue(end, &cas.back()).certificate};
    chain.insert(chain.end(), sent.begin(), sent.end());
    const auto result = verify(trusting(root), chain);
    EXPECT_EQ(result.ok(), asserted) << (result ? "" : result.error().explain());
    if (!result) expect_refused(result, ErrorCode::certificate_policy, "CN=Leaf");
  }
}

// RFC 9525 §6.3, §6.4: a name means all its octets; CVE-2009-2408 was a NUL in the middle.
TEST(HostileChainTest, NamesWithANulOrADotTooManyMatchNothing) {
  const Entity root = issue(ca_draft("Root"));
  const std::string names[] = {std::string("example.com\0.evil.test", 22),
                               std::string("example.com\0", 12),
                               "example.com.",
                               ".example.com",
                               " example.com",
                               "example.com\n",
                               "*example.com",
                               "*.com",
                               "example.com,evil.test"};
  for (const std::string& name : names) {
    Draft draft;
    draft.dns = {name};
    const Entity end = issue(draft, &root);
    if (!end.certificate) continue;  // refused as a whole
    expect_refused(verify(trusting(root), {end.certificate}), ErrorCode::certificate_name_mismatch);
    for (const std::string& shown : end.certificate->names())
      EXPECT_EQ(std::count_if(shown.begin(), shown.end(), [](char c) { return c < ' '; }), 0);
  }
}

// CVE-2022-0778's place: parameters of a curve that is described are not computed with, nor are compressed
// points.
TEST(HostileChainTest, DescribedCurvesAreNotComputedWith) {
  const Entity root = issue(ca_draft("Root"));
  Draft draft = ca_draft("Described");
  draft.spki = [](DerWriter& w) {
    w.sequence([](DerWriter& w) {
      w.sequence([](DerWriter& w) {
        w.oid(oids::ec_public_key);
        w.sequence([](DerWriter& w) { w.integer(1); });
      });
      w.bit_string(std::vector<uint8_t>(33, 0x02));
    });
  };
  const Entity ca = issue(draft, &root);
  expect_refused(verify(trusting(root), {issue({}, &ca).certificate, ca.certificate}),
                 ErrorCode::certificate_unsupported_algorithm, "not a named one");
}

/// A CA whose nameConstraints hold one name of this kind, permitted ([0]) or excluded ([1]).
Entity constrained(const Entity& root, unsigned list, unsigned kind, Bytes base) {
  Draft draft = ca_draft("Constrained");
  draft.more_extensions = [&](DerWriter& w) {
    write_extension(w, oids::name_constraints, Critical::yes, [&](DerWriter& w) {
      w.sequence([&](DerWriter& w) {
        w.explicit_tag(list, [&](DerWriter& w) {
          w.sequence([&](DerWriter& w) { w.value(tag::context(kind), base); });
        });
      });
    });
  };
  return issue(draft, &root);
}

/// A leaf with one name of this kind.
Entity named(const Entity& ca, unsigned kind, Bytes name) {
  Draft draft;
  draft.dns.clear();
  draft.more_extensions = [&](DerWriter& w) {
    write_extension(w, oids::subject_alt_name, Critical::no, [&](DerWriter& w) {
      w.sequence([&](DerWriter& w) { w.value(tag::context(kind), name); });
    });
  };
  return issue(draft, &ca);
}

// RFC 5280 §4.2.1.10 on what is no host name: URIs (RFC 3986 §2) and mailboxes (RFC 5321 §4.1.2).
TEST(HostileChainTest, ConstraintsHoldForUrisAndMailboxes) {
  constexpr unsigned email = 1, uri = 6;
  struct Case {
    unsigned kind;
    const char *permitted, *name;
    bool accept;
  };
  const Case cases[] = {{uri, "host.test", "https://host.test/x", true},
                        {uri, "host.test", "https://user@host.test:8443/x", true},
                        {uri, "host.test", "https://a.host.test/", false},
                        {uri, ".host.test", "https://a.host.test/", true},
                        {uri, "host.test", "https://evil.test/@host.test", false},
                        {uri, "host.test", "https://evil.test\\@host.test/", false},
                        {uri, "host.test", "https://evil.test/?@host.test", false},
                        {uri, "host.test", "https://evil.test#@host.test", false},
                        {uri, "host.test", "https://evil.test @host.test", false},
                        {uri, "host.test", "https://[::1]/", false},
                        {uri, "host.test", "https://192.0.2.1/", false},
                        {uri, "host.test", "urn:host.test", false},
                        {uri, "host.test", "https:evil.test/://host.test", false},
                        {uri, "host.test", "https:/evil.test/?x=://host.test", false},
                        {uri, "host.test", "//evil.test/://host.test", false},
                        {uri, "host.test", "1s://host.test", false},
                        {uri, "host.test", "://host.test", false},
                        {uri, "host.test", "git+ssh://host.test", true},
                        {uri, "host.test", "", false},
                        {email, "host.test", "me@host.test", true},
                        {email, "host.test", "me@HOST.test", true},
                        {email, "me@host.test", "me@host.test", true},
                        {email, "me@host.test", "Me@host.test", false},
                        {email, "host.test", "me@a.host.test", false},
                        {email, ".host.test", "me@a.host.test", true},
                        {email, "host.test", "me@evil.test@host.test", false},
                        {email, "host.test", "\"me@evil.test\"@host.test", false},
                        {email, "host.test", "host.test", false}};
  const Entity root = issue(ca_draft("Root"));
  for (const Case& one : cases) {
    const Entity ca = constrained(root, 0, one.kind, as_bytes(one.permitted));
    const Entity end = named(ca, one.kind, as_bytes(one.name));
    ASSERT_TRUE(ca.certificate && end.certificate) << one.name;
    const auto result = verify(trusting(root), {end.certificate, ca.certificate}, nullptr);
    EXPECT_EQ(result.ok(), one.accept) << one.name << " under " << one.permitted;
    if (!one.accept) expect_refused(result, ErrorCode::certificate_name_constraint);
  }
}

// RFC 9598 §3, §6: a mailbox does not leave its constraints by being written in the other form.
TEST(HostileChainTest, ConstraintsOnMailboxesHoldForSmtpUtf8Mailbox) {
  constexpr unsigned other = 0x20, email = 1;  // [0], and constructed
  const Entity root = issue(ca_draft("Root"));
  const Entity ca = constrained(root, 0, email, as_bytes("host.test"));
  const auto leaf_of = [&](std::string_view mailbox) {
    const auto value = to_der([&](DerWriter& w) {
      w.oid(oids::smtp_utf8_mailbox);
      w.explicit_tag(0, [&](DerWriter& w) { w.utf8_string(mailbox); });
    });
    return named(ca, other, value);
  };
  const auto result = [&](std::string_view mailbox) {
    const Entity end = leaf_of(mailbox);
    EXPECT_TRUE(end.certificate) << mailbox;
    return verify(trusting(root), {end.certificate, ca.certificate}, nullptr);
  };
  EXPECT_TRUE(result("müller@host.test").ok());
  expect_refused(result("müller@evil.test"), ErrorCode::certificate_name_constraint);
  expect_refused(result("host.test"), ErrorCode::certificate_name_constraint);
}

// RFC 5280 §4.2.1.10, RFC 4291 §2.5.5.2: what excludes an IPv4 address excludes it in IPv6's clothes.
TEST(HostileChainTest, AnExcludedAddressIsExcludedInBothForms) {
  constexpr unsigned ip = 7;
  const Entity root = issue(ca_draft("Root"));
  const std::vector<uint8_t> net = {192, 0, 2, 0, 255, 255, 255, 0}, inside = {192, 0, 2, 7},
                             outside = {192, 0, 3, 7};
  const auto mapped = [](const std::vector<uint8_t>& v4) {
    std::vector<uint8_t> out = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    out.insert(out.end(), v4.begin(), v4.end());
    return out;
  };
  const Entity excludes = constrained(root, 1, ip, net), permits = constrained(root, 0, ip, net);
  const auto accepted = [&](const Entity& ca, const std::vector<uint8_t>& address) {
    return verify(trusting(root), {named(ca, ip, address).certificate, ca.certificate}, nullptr).ok();
  };
  EXPECT_FALSE(accepted(excludes, inside));
  EXPECT_FALSE(accepted(excludes, mapped(inside)));
  EXPECT_TRUE(accepted(excludes, outside));
  EXPECT_TRUE(accepted(excludes, mapped(outside)));
  EXPECT_TRUE(accepted(permits, inside));
  EXPECT_FALSE(accepted(permits, outside));
  EXPECT_FALSE(accepted(permits, mapped(inside)));  // permitted is only what is named
}

}  // namespace
}  // namespace bulla::test
