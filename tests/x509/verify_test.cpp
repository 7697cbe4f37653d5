// WebPkiVerifier on certificates made to measure: each refusal with its code and its words.
#include "crafted.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bulla::test {
namespace {

using namespace asn1;
using testing::HasSubstr;

class VerifyTest : public testing::Test {
 protected:
  /// Verifies leaf and what is sent behind it.
  Result<ChainVerified> verify(std::vector<CertificatePtr> chain, const char* name = "example.com",
                               CertificatePurpose purpose = CertificatePurpose::server) const {
    std::optional<ServerName> parsed;
    if (name) parsed = ServerName::parse(name).value();
    return WebPkiVerifier(roots_, options_)
        .verify({.chain = chain, .name = parsed ? &*parsed : nullptr, .purpose = purpose, .now = now_});
  }
  void expect_refused(const Result<ChainVerified>& result, ErrorCode code, std::string_view words = {}) {
    ASSERT_FALSE(result.ok());
    EXPECT_EQ(result.error().code, code) << result.error().explain();
    EXPECT_THAT(result.error().explain(), HasSubstr(std::string(words)));
  }
  Entity leaf(Draft draft = {}) { return issue(draft, &intermediate_); }

  Entity root_ = issue(ca_draft("Root"));
  Entity intermediate_ = issue(ca_draft("Intermediate"), &root_);
  RootStore roots_ = [this] {
    RootStore store;
    store.add(root_.certificate);
    return store;
  }();
  WebPkiVerifier::Options options_ = {};
  Time now_ = test_now();
};

TEST_F(VerifyTest, AcceptsAChain) {
  const Entity end = leaf();
  const auto proof = verify({end.certificate, intermediate_.certificate});
  ASSERT_TRUE(proof.ok()) << proof.error().explain();
  ASSERT_EQ(proof->path().size(), 3u);
  EXPECT_EQ(proof->path()[2]->subject(), "CN=Root");
  EXPECT_TRUE(proof->asserted_because().empty());
  const ServerName name = ServerName::parse("example.com").value(),
                   other = ServerName::parse("example.org").value();
  EXPECT_TRUE(proof->is_for(*end.certificate, &name));
  EXPECT_FALSE(proof->is_for(*end.certificate, &other));
  EXPECT_FALSE(proof->is_for(*end.certificate, nullptr));
  EXPECT_FALSE(proof->is_for(*root_.certificate, &name));
}

TEST_F(VerifyTest, AcceptsAnyOrderAndTheRootSentAlong) {
  const Entity second = issue(ca_draft("Second"), &intermediate_), end = issue({}, &second);
  EXPECT_TRUE(verify({end.certificate, root_.certificate, intermediate_.certificate, second.certificate,
                      second.certificate})
                  .ok());
}

// RFC 5280 §6.1.
TEST_F(VerifyTest, RefusesAMissingIntermediate) {
  const auto result = verify({leaf().certificate});
  expect_refused(result, ErrorCode::certificate_unknown_issuer, "issued by CN=Intermediate");
  EXPECT_THAT(result.error().remedy, HasSubstr("cat leaf.pem intermediate.pem"));
}

TEST_F(VerifyTest, NamesTheUrlOfAMissingIntermediateUnlessAShellWouldObeyIt) {
  for (const std::string url : {"http://ca.test/i.crt", "http://ca.test/`reboot`"}) {
    Draft draft;
    draft.more_extensions = [&](DerWriter& w) {
      write_extension(w, oids::authority_info_access, Critical::no, [&](DerWriter& w) {
        w.sequence([&](DerWriter& w) {
          w.sequence([&](DerWriter& w) {
            w.oid(oids::access_ca_issuers);
            w.value(tag::context(6), as_bytes(url));
          });
        });
      });
    };
    const auto result = verify({leaf(draft).certificate});
    ASSERT_FALSE(result.ok());
    EXPECT_EQ(result.error().remedy.find("curl") != std::string::npos, url.find('`') == std::string::npos);
  }
}

TEST_F(VerifyTest, RefusesASelfSignedLeafAndSaysHowToTrustIt) {
  const Entity alone = issue({});
  expect_refused(verify({alone.certificate}), ErrorCode::certificate_unknown_issuer, "--ca FILE");
}

TEST_F(VerifyTest, RefusesAnotherCaWithTheSameName) {
  const Entity impostor = issue(ca_draft("Root")), end = issue({}, &impostor);
  expect_refused(verify({end.certificate}), ErrorCode::certificate_unknown_issuer, "with another key");
}

TEST_F(VerifyTest, RefusesATamperedSignature) {
  Entity end = leaf();
  for (const size_t at : {end.der.size() - 3, end.der.size() / 2}) {
    std::vector<uint8_t> der = end.der;
    der[at] = static_cast<uint8_t>(der[at] ^ 1);
    const auto tampered = Certificate::from_der(der);
    if (!tampered) continue;
    const auto result = verify({*tampered, intermediate_.certificate});
    ASSERT_FALSE(result.ok());
    if (at == end.der.size() - 3)
      expect_refused(result, ErrorCode::certificate_bad_signature,
                     "certificate 1 of 2 (CN=Leaf), issued by CN=Intermediate");
  }
}

TEST_F(VerifyTest, ChecksDatesOfLeafIntermediateAndRoot) {
  Draft draft;
  draft.not_after = now_ - Seconds(1);
  const auto result = verify({leaf(draft).certificate, intermediate_.certificate});
  expect_refused(result, ErrorCode::certificate_expired, "2025-12-31 23:59:59 UTC");
  EXPECT_THAT(result.error().detail, HasSubstr("now it is 2026-01-01 00:00:00 UTC"));
  draft.not_after = now_;  // the last second counts (RFC 5280 §4.1.2.5)
  EXPECT_TRUE(verify({leaf(draft).certificate, intermediate_.certificate}).ok());
  draft.not_before = now_ + Seconds(60);
  draft.not_after = now_ + Seconds(120);
  expect_refused(verify({leaf(draft).certificate, intermediate_.certificate}),
                 ErrorCode::certificate_not_yet_valid, "in 1 minute");
  Draft old_ca = ca_draft("Old");
  old_ca.not_after = now_ - Seconds(86400 * 3);
  const Entity old = issue(old_ca, &root_), end = issue({}, &old);
  expect_refused(verify({end.certificate, old.certificate}), ErrorCode::certificate_expired,
                 "certificate 2 of 3 (CN=Old)");
  now_ += std::chrono::hours(48);  // all of it is over, the root too
  EXPECT_EQ(verify({leaf().certificate, intermediate_.certificate}).error().code,
            ErrorCode::certificate_expired);
}

TEST_F(VerifyTest, SaysWhatElseIsWrongBesideAnUnknownIssuer) {
  Draft draft;
  draft.not_after = now_ - Seconds(1);
  const auto result = verify({issue(draft).certificate});
  expect_refused(result, ErrorCode::certificate_unknown_issuer, "besides, a certificate has expired");
}

// RFC 9525 §2, §6.
TEST_F(VerifyTest, ChecksTheName) {
  const auto result = verify({leaf().certificate, intermediate_.certificate}, "example.org");
  expect_refused(result, ErrorCode::certificate_name_mismatch, "is for example.com; wanted is example.org");
  EXPECT_THAT(result.error().remedy, HasSubstr("bulla cert new example.org"));
  Draft draft;
  draft.dns.clear();
  draft.subject = "example.com";  // a commonName does not count
  expect_refused(verify({leaf(draft).certificate, intermediate_.certificate}),
                 ErrorCode::certificate_name_mismatch, "commonName does not count");
  draft.ips = {{192, 0, 2, 1}};
  EXPECT_TRUE(verify({leaf(draft).certificate, intermediate_.certificate}, "192.0.2.1").ok());
  expect_refused(verify({leaf(draft).certificate, intermediate_.certificate}, "192.0.2.2"),
                 ErrorCode::certificate_name_mismatch);
  draft.ips.clear();
  draft.dns = {"192.0.2.1"};  // an address written as a DNS name is none
  expect_refused(verify({leaf(draft).certificate, intermediate_.certificate}, "192.0.2.1"),
                 ErrorCode::certificate_name_mismatch);
}

TEST_F(VerifyTest, AServerAsksNoNameOfAClient) {
  Draft draft;
  draft.dns.clear();
  draft.purposes = {oids::client_auth};
  EXPECT_TRUE(
      verify({leaf(draft).certificate, intermediate_.certificate}, nullptr, CertificatePurpose::client).ok());
}

TEST_F(VerifyTest, ChecksThePurposeOfLeafAndCa) {
  Draft draft;
  draft.purposes = {oids::client_auth, oids::email_protection};
  expect_refused(verify({leaf(draft).certificate, intermediate_.certificate}),
                 ErrorCode::certificate_bad_usage,
                 "extendedKeyUsage is clientAuth, emailProtection, wanted is serverAuth");
  draft.purposes = {oids::any_extended_key_usage};
  EXPECT_TRUE(verify({leaf(draft).certificate, intermediate_.certificate}).ok());
  Draft mail_ca = ca_draft("Mail CA");
  mail_ca.purposes = {oids::email_protection};
  const Entity mail = issue(mail_ca, &root_), end = issue({}, &mail);
  expect_refused(verify({end.certificate, mail.certificate}), ErrorCode::certificate_bad_usage,
                 "certificate 2 of 3 (CN=Mail CA)");
}

// RFC 5280 §4.1.2.6, §4.2.1.3, §4.2.1.9.
TEST_F(VerifyTest, RefusesIssuersThatAreNoCa) {
  Draft plain;
  plain.subject = "No CA";
  Draft says_no = plain;
  says_no.ca = false;
  Draft no_signing = ca_draft("No CA");
  no_signing.key_usage = 1;
  Draft nameless = ca_draft("");
  Draft old = ca_draft("No CA");
  old = Draft{.subject = "No CA", .version = 1, .dns = {}, .key_identifiers = false};
  const std::pair<Draft, const char*> cases[] = {{plain, "it has no basicConstraints"},
                                                 {says_no, "CA:FALSE"},
                                                 {no_signing, "keyUsage lacks keyCertSign"},
                                                 {nameless, "it has no subject"},
                                                 {old, "it has no basicConstraints"}};
  for (const auto& [draft, words] : cases) {
    const Entity ca = issue(draft, &root_), end = issue({}, &ca);
    ASSERT_TRUE(ca.certificate) << words;
    expect_refused(verify({end.certificate, ca.certificate}), ErrorCode::certificate_not_ca, words);
  }
}

TEST_F(VerifyTest, CountsPathLengths) {
  Draft none_below = ca_draft("Zero");
  none_below.path_length = 0;
  const Entity zero = issue(none_below, &root_), below = issue(ca_draft("Below"), &zero);
  EXPECT_TRUE(verify({issue({}, &zero).certificate, zero.certificate}).ok());
  expect_refused(verify({issue({}, &below).certificate, below.certificate, zero.certificate}),
                 ErrorCode::certificate_path_too_long, "CN=Zero allows fewer CA certificates below it");
  // RFC 5280 §6.1.4 (l): a CA that certifies its own new key does not count.
  const Entity renewed = issue(ca_draft("Zero"), &zero);
  EXPECT_TRUE(verify({issue({}, &renewed).certificate, renewed.certificate, zero.certificate}).ok());
}

TEST_F(VerifyTest, BoundsThePath) {
  options_.max_path_length = 2;
  expect_refused(verify({leaf().certificate, intermediate_.certificate}),
                 ErrorCode::certificate_path_too_long, "more than 2 certificates");
}

TEST_F(VerifyTest, RefusesUnknownCriticalExtensions) {
  Draft draft;
  draft.more_extensions = [](DerWriter& w) {
    write_extension(w, oid("1.2.3.4.5"), Critical::yes, [](DerWriter& w) { w.null(); });
  };
  expect_refused(verify({leaf(draft).certificate, intermediate_.certificate}),
                 ErrorCode::certificate_unknown_critical_extension, "1.2.3.4.5");
}

// RFC 9846 §4.5.1.3.
TEST_F(VerifyTest, RefusesWeakAndUnknownSignatureAlgorithms) {
  Draft draft;
  draft.algorithm = [](DerWriter& w, bool) {
    w.sequence([](DerWriter& w) {
      w.oid(oids::rsa_sha1);
      w.null();
    });
  };
  expect_refused(verify({leaf(draft).certificate, intermediate_.certificate}),
                 ErrorCode::certificate_weak_signature, "sha1WithRSAEncryption");
  draft.algorithm = [](DerWriter& w, bool) { w.sequence([](DerWriter& w) { w.oid(oids::ecdsa_sha224); }); };
  expect_refused(verify({leaf(draft).certificate, intermediate_.certificate}),
                 ErrorCode::certificate_unsupported_algorithm, "ecdsa-with-SHA224");
}

TEST_F(VerifyTest, RefusesWeakAndUnknownKeys) {
  Draft draft;
  draft.spki = [](DerWriter& w) {
    w.sequence([](DerWriter& w) {
      w.sequence([](DerWriter& w) {
        w.oid(oids::rsa_encryption);
        w.null();
      });
      w.bit_string([](DerWriter& w) {
        w.sequence([](DerWriter& w) {
          w.unsigned_integer(std::vector<uint8_t>(128, 0xff));
          w.integer(65537);
        });
      });
    });
  };
  expect_refused(verify({leaf(draft).certificate, intermediate_.certificate}),
                 ErrorCode::certificate_weak_key, "RSA 1024");
  draft.spki = [](DerWriter& w) {
    w.sequence([](DerWriter& w) {
      w.sequence([](DerWriter& w) { w.oid(oid("1.3.101.110")); });
      w.bit_string(std::vector<uint8_t>(32, 9));
    });
  };
  expect_refused(verify({leaf(draft).certificate, intermediate_.certificate}),
                 ErrorCode::certificate_unsupported_algorithm, "1.3.101.110");
}

Draft constrained_ca(std::string_view permitted, std::string_view excluded) {
  Draft out = ca_draft("Constrained");
  out.more_extensions = [=](DerWriter& w) {
    write_extension(w, oids::name_constraints, Critical::yes, [&](DerWriter& w) {
      w.sequence([&](DerWriter& w) {
        for (const auto& [number, name] : {std::pair(0u, permitted), std::pair(1u, excluded)})
          if (!name.empty())
            w.explicit_tag(number, [&, text = name](DerWriter& w) {
              w.sequence([&](DerWriter& w) { w.value(tag::context(2), as_bytes(text)); });
            });
      });
    });
  };
  return out;
}

TEST_F(VerifyTest, HoldsNameConstraints) {
  struct Case {
    const char *permitted, *excluded, *name;
    bool accept;
  };
  const Case cases[] = {{"example.com", "", "example.com", true},
                        {"example.com", "", "www.example.com", true},
                        {"example.com", "", "badexample.com", false},
                        {"example.com", "", "example.org", false},
                        {".example.com", "", "www.example.com", true},
                        {".example.com", "", "example.com", false},
                        {"example.com", "www.example.com", "www.example.com", false},
                        {"example.com", "WWW.example.com", "a.www.example.com", false},
                        {"example.com", "www.example.com", "example.com", true},
                        {"", "www.example.com", "*.example.com", false},
                        {"www.example.com", "", "*.example.com", false},
                        {"example.com", "", "*.example.com", true},
                        {"example.com", "", "not a name", false}};
  for (const Case& one : cases) {
    const Entity ca = issue(constrained_ca(one.permitted, one.excluded), &root_);
    ASSERT_TRUE(ca.certificate);
    Draft draft;
    draft.dns = {one.name, "www.example.com"};
    if (!one.accept || std::string_view(one.name) != "www.example.com") draft.dns = {one.name};
    const Entity end = issue(draft, &ca);
    const auto result = verify({end.certificate, ca.certificate}, nullptr);
    EXPECT_EQ(result.ok(), one.accept) << one.name << " under +" << one.permitted << " -" << one.excluded;
    if (!one.accept)
      expect_refused(result, ErrorCode::certificate_name_constraint, "constraint of CN=Constrained");
  }
}

TEST_F(VerifyTest, RefusesWhatAConstraintOfAnUnprocessedKindHolds) {
  Draft draft = ca_draft("Constrained");
  draft.more_extensions = [](DerWriter& w) {
    write_extension(w, oids::name_constraints, Critical::yes, [](DerWriter& w) {
      w.sequence([](DerWriter& w) {
        w.explicit_tag(0, [](DerWriter& w) {
          w.sequence([](DerWriter& w) { w.value(tag::context(8), oids::common_name.content()); });
        });
      });
    });
  };
  const Entity ca = issue(draft, &root_);
  EXPECT_TRUE(verify({issue({}, &ca).certificate, ca.certificate}).ok());
  Draft with_id;
  with_id.dns.clear();
  with_id.more_extensions = [](DerWriter& w) {
    write_extension(w, oids::subject_alt_name, Critical::no, [](DerWriter& w) {
      w.sequence([](DerWriter& w) { w.value(tag::context(8), oids::common_name.content()); });
    });
  };
  expect_refused(verify({issue(with_id, &ca).certificate, ca.certificate}, nullptr),
                 ErrorCode::certificate_name_constraint, "cannot be compared");
}

// RFC 5280 §6.1.2, §6.1.5.
TEST_F(VerifyTest, ProcessesRequiredPolicies) {
  const auto policy = [](DerWriter& w, const Oid& id) {
    write_extension(w, oids::certificate_policies, Critical::no, [&](DerWriter& w) {
      w.sequence([&](DerWriter& w) { w.sequence([&](DerWriter& w) { w.oid(id); }); });
    });
  };
  Draft strict = ca_draft("Strict");
  strict.more_extensions = [&](DerWriter& w) {
    policy(w, oid("1.2.3.1"));
    write_extension(w, oids::policy_constraints, Critical::yes, [](DerWriter& w) {
      w.sequence([](DerWriter& w) { w.value(tag::context(0), Bytes(std::array<uint8_t, 1>{0})); });
    });
  };
  const Entity ca = issue(strict, &root_);
  expect_refused(verify({issue({}, &ca).certificate, ca.certificate}), ErrorCode::certificate_policy,
                 "no policy is valid");
  Draft good;
  good.more_extensions = [&](DerWriter& w) { policy(w, oid("1.2.3.1")); };
  EXPECT_TRUE(verify({issue(good, &ca).certificate, ca.certificate}).ok());
  Draft other;
  other.more_extensions = [&](DerWriter& w) { policy(w, oid("1.2.3.2")); };
  expect_refused(verify({issue(other, &ca).certificate, ca.certificate}), ErrorCode::certificate_policy);
}

// RFC 5280 §6.1.1 (c), (e) to (g); the cases of PKITS 4.8 to 4.12 are in pkits_test.cpp.
TEST_F(VerifyTest, TheUserMayDemandPolicies) {
  const auto with_policy = [](Draft draft, const Oid& id) {
    draft.more_extensions = [=](DerWriter& w) {
      write_extension(w, oids::certificate_policies, Critical::no, [&](DerWriter& w) {
        w.sequence([&](DerWriter& w) { w.sequence([&](DerWriter& w) { w.oid(id); }); });
      });
    };
    return draft;
  };
  const Oid first = oid("1.2.3.1");
  const Entity ca = issue(with_policy(ca_draft("Policy CA"), first), &root_),
               any_ca = issue(with_policy(ca_draft("Any CA"), oids::any_policy), &root_);
  const Entity end = issue(with_policy({}, first), &ca), under_any = issue(with_policy({}, first), &any_ca);
  const std::vector<CertificatePtr> chain = {end.certificate, ca.certificate},
                                    any_chain = {under_any.certificate, any_ca.certificate},
                                    plain = {leaf().certificate, intermediate_.certificate};
  options_.policies.required = true;
  EXPECT_TRUE(verify(chain).ok());
  EXPECT_TRUE(verify(any_chain).ok());
  expect_refused(verify(plain), ErrorCode::certificate_policy, "no policy is valid");
  options_.policies.accepted = {PolicyId::parse("1.2.3.2").value()};
  expect_refused(verify(chain), ErrorCode::certificate_policy);
  options_.policies.accepted.push_back(PolicyId::parse("1.2.3.1").value());
  EXPECT_TRUE(verify(chain).ok());
  EXPECT_TRUE(verify(any_chain).ok());
  options_.policies.inhibit_any = true;
  EXPECT_TRUE(verify(chain).ok());
  expect_refused(verify(any_chain), ErrorCode::certificate_policy);
  options_.policies = {.accepted = {PolicyId::parse("1.2.3.2").value()}};
  EXPECT_TRUE(verify(chain).ok());  // nobody requires one
}

TEST_F(VerifyTest, PoliciesHaveNumbers) {
  EXPECT_EQ(PolicyId::parse("2.23.140.1.2.1").value().text(), "2.23.140.1.2.1");
  const auto wrong = PolicyId::parse("domain-validated\n");
  ASSERT_FALSE(wrong.ok());
  EXPECT_EQ(wrong.error().code, ErrorCode::bad_argument);
  EXPECT_THAT(wrong.error().detail, HasSubstr("domain-validated\\x0a"));
}

TEST_F(VerifyTest, TriesEveryPathAndReportsTheBestFailure) {
  // The same CA, once expired under the trusted root, once valid under an unknown one.
  Draft expired = ca_draft("Cross");
  expired.not_after = now_ - Seconds(60);
  const Entity stranger = issue(ca_draft("Stranger"));
  const Entity old = issue(expired, &root_), cross = issue(ca_draft("Cross"), &stranger, old.key);
  const Entity end = issue({}, &old);
  expect_refused(verify({end.certificate, cross.certificate, old.certificate}),
                 ErrorCode::certificate_expired, "CN=Cross");
  const Entity fresh = issue(ca_draft("Cross"), &root_, old.key);
  EXPECT_TRUE(verify({end.certificate, cross.certificate, old.certificate, fresh.certificate}).ok());
}

// RFC 5280 §6 gives no bound; a verifier needs one.
TEST_F(VerifyTest, LeavesLoopsAndMeshes) {
  // The paths are without number, the budget is not.
  const std::vector<CertificatePtr> chain = mesh();
  const auto result = verify(chain);
  ASSERT_FALSE(result.ok());
  EXPECT_TRUE(result.error().code == ErrorCode::certificate_budget_exhausted ||
              result.error().code == ErrorCode::certificate_unknown_issuer);
  options_.max_signatures = 3;
  expect_refused(verify(chain), ErrorCode::certificate_budget_exhausted);
}

TEST_F(VerifyTest, ATrustedLeafIsTakenForItsOwnNamesAndDates) {
  const Entity alone = issue({});
  roots_.add(alone.certificate);
  const auto proof = verify({alone.certificate});
  ASSERT_TRUE(proof.ok()) << proof.error().explain();
  EXPECT_EQ(proof->path().size(), 1u);
  expect_refused(verify({alone.certificate}, "example.org"), ErrorCode::certificate_name_mismatch);
  now_ += std::chrono::hours(100);
  expect_refused(verify({alone.certificate}), ErrorCode::certificate_expired);
  now_ = test_now();
  // It vouches for nothing but itself.
  const Entity below = issue({}, &alone);
  expect_refused(verify({below.certificate, alone.certificate}), ErrorCode::certificate_not_ca);
}

TEST_F(VerifyTest, AnAssertedProofSaysWhyAndForWhom) {
  const Entity alone = issue({});
  const ServerName name = ServerName::parse("example.com").value(),
                   other = ServerName::parse("example.org").value();
  const std::vector<CertificatePtr> chain = {alone.certificate};
  const ChainVerified proof =
      dangerous::assert_verified({.chain = chain, .name = &name, .now = now_}, "pinned");
  EXPECT_EQ(proof.asserted_because(), "pinned");
  EXPECT_TRUE(proof.is_for(*alone.certificate, &name));
  EXPECT_FALSE(proof.is_for(*alone.certificate, &other));
  EXPECT_FALSE(proof.is_for(*root_.certificate, &name));
}

TEST_F(VerifyTest, NamesTheAuthoritiesItAccepts) {
  roots_.add(issue(ca_draft("Root")).certificate);  // of the same name: listed once
  roots_.add(intermediate_.certificate);
  const auto names = WebPkiVerifier(roots_).accepted_authorities();
  ASSERT_EQ(names.size(), 2u);
  EXPECT_TRUE(names[0] == root_.name_der || names[1] == root_.name_der);
}

TEST_F(VerifyTest, AnIntermediateMayBeTrusted) {
  RootStore store;
  store.add(intermediate_.certificate);
  roots_ = store;
  EXPECT_TRUE(verify({leaf().certificate}).ok());
}

}  // namespace
}  // namespace bulla::test
