// The profile webpki: each rule broken by a certificate that the profile rfc5280 accepts.
#include "crafted.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bulla::test {
namespace {

using namespace asn1;
using testing::HasSubstr;

/// What a public CA issues.
Draft web_leaf() {
  Draft out;
  out.subject = "example.com";
  out.purposes = {oids::server_auth};
  out.ca = false;
  out.key_usage = 1;
  return out;
}

/// The same without its subjectAltName and key identifiers, for those who write their own.
Draft bare_leaf() {
  Draft out = web_leaf();
  out.dns.clear();
  out.key_identifiers = false;
  return out;
}

void write_names(DerWriter& w, Critical critical, std::string_view name = "example.com") {
  write_extension(w, oids::subject_alt_name, critical, [&](DerWriter& w) {
    w.sequence([&](DerWriter& w) { w.value(tag::context(2), as_bytes(name)); });
  });
}

void write_authority_key_id(DerWriter& w, Critical critical,
                            const std::function<void(DerWriter&)>& more = {}) {
  write_extension(w, oids::authority_key_identifier, critical, [&](DerWriter& w) {
    w.sequence([&](DerWriter& w) {
      w.value(tag::context(0), Bytes(std::array<uint8_t, 4>{1, 2, 3, 4}));
      if (more) more(w);
    });
  });
}

class ProfileTest : public testing::Test {
 protected:
  Result<ChainVerified> verify(const std::vector<CertificatePtr>& chain, CertificateProfile profile,
                               CertificatePurpose purpose = CertificatePurpose::server) {
    RootStore roots;
    roots.add(root_.certificate);
    return WebPkiVerifier(roots, {.profile = profile})
        .verify({.chain = chain, .purpose = purpose, .now = test_now()});
  }
  void expect_broken(const std::vector<CertificatePtr>& chain, std::string_view words) {
    ASSERT_TRUE(chain.front()) << words;
    const auto lenient = verify(chain, CertificateProfile::rfc5280);
    EXPECT_TRUE(lenient.ok()) << words << ": " << lenient.error().explain();
    const auto strict = verify(chain, CertificateProfile::webpki);
    ASSERT_FALSE(strict.ok()) << words;
    EXPECT_EQ(strict.error().code, ErrorCode::certificate_profile) << strict.error().explain();
    EXPECT_THAT(strict.error().detail, HasSubstr(std::string(words)));
  }
  void expect_broken_by_leaf(const Draft& draft, std::string_view words) {
    expect_broken({issue(draft, &ca_).certificate, ca_.certificate}, words);
  }
  void expect_broken_by_ca(const Draft& draft, std::string_view words) {
    const Entity ca = issue(draft, &root_);
    expect_broken({issue(web_leaf(), &ca).certificate, ca.certificate}, words);
  }

  Entity root_ = issue(ca_draft("Root"));
  Entity ca_ = issue(ca_draft("Intermediate"), &root_);
};

TEST_F(ProfileTest, AcceptsWhatPublicCasIssue) {
  const auto verified =
      verify({issue(web_leaf(), &ca_).certificate, ca_.certificate}, CertificateProfile::webpki);
  EXPECT_TRUE(verified.ok()) << verified.error().explain();
}

TEST_F(ProfileTest, LeavesKeepTheRulesOfTheirForm) {
  Draft serial = web_leaf();
  serial.serial = {0};
  expect_broken_by_leaf(serial, "serial number is not positive");
  serial.serial = {0x80};
  expect_broken_by_leaf(serial, "serial number is not positive");
  Draft old = {.subject = "example.com", .version = 1, .dns = {}, .key_identifiers = false};
  expect_broken_by_leaf(old, "not of version 3");
  Draft ca = web_leaf();
  ca.ca = true;
  expect_broken_by_leaf(ca, "CA:TRUE");
  Draft signs = web_leaf();
  signs.key_usage = 1 | 1 << 5;
  expect_broken_by_leaf(signs, "keyCertSign");
  signs.key_usage = 1 << 4;
  expect_broken_by_leaf(signs, "lacks digitalSignature");
}

TEST_F(ProfileTest, LeavesHaveTheirNamesInTheSubjectAltName) {
  Draft none = bare_leaf();
  none.key_identifiers = true;
  expect_broken_by_leaf(none, "no subjectAltName");
  Draft other = web_leaf();
  other.subject = "Example Company";
  expect_broken_by_leaf(other, "commonName is no copy");
  other.subject = "EXAMPLE.com";
  expect_broken_by_leaf(other, "commonName is no copy");
  // BR §7.1.4.3: "exactly one entry"; thousands, each compared with thousands of names, kept a verifier busy.
  for (const size_t count : {size_t{1}, size_t{2}, size_t{3'000}}) {
    Draft names = web_leaf();
    names.subject_name = [=](DerWriter& w) {
      w.sequence([=](DerWriter& w) {
        for (size_t i = 0; i < count; ++i)
          w.set([](DerWriter& w) {
            w.sequence([](DerWriter& w) {
              w.oid(oids::common_name);
              w.utf8_string("example.com");
            });
          });
      });
    };
    if (count > 1)
      expect_broken_by_leaf(names, "several commonNames");
    else
      EXPECT_TRUE(verify({issue(names, &ca_).certificate, ca_.certificate}, CertificateProfile::webpki).ok());
  }
  Draft underscore = web_leaf();
  underscore.dns = {"example.com", "a_b.example.com"};
  expect_broken_by_leaf(underscore, "underscore");
  Draft critical = bare_leaf();
  critical.more_extensions = [](DerWriter& w) { write_names(w, Critical::yes); };
  expect_broken_by_leaf(critical, "critical beside a subject");
  Draft nameless = bare_leaf();
  nameless.subject.clear();
  nameless.more_extensions = [](DerWriter& w) { write_names(w, Critical::no); };
  expect_broken_by_leaf(nameless, "it has no subject");
  Draft mail = bare_leaf();
  mail.more_extensions = [](DerWriter& w) {
    write_extension(w, oids::subject_alt_name, Critical::no, [&](DerWriter& w) {
      w.sequence([&](DerWriter& w) { w.value(tag::context(1), as_bytes("a@example.com")); });
    });
  };
  expect_broken_by_leaf(mail, "more than DNS names and addresses");
}

TEST_F(ProfileTest, LeavesAreForServersInSoManyWords) {
  Draft none = web_leaf();
  none.purposes.clear();
  expect_broken_by_leaf(none, "no extendedKeyUsage");
  Draft any = web_leaf();
  any.purposes = {oids::server_auth, oids::any_extended_key_usage};
  expect_broken_by_leaf(any, "anyExtendedKeyUsage");
  Draft critical = none;
  critical.more_extensions = [](DerWriter& w) {
    write_extension(w, oids::extended_key_usage, Critical::yes,
                    [](DerWriter& w) { w.sequence([](DerWriter& w) { w.oid(oids::server_auth); }); });
  };
  expect_broken_by_leaf(critical, "extendedKeyUsage is critical");
}

TEST_F(ProfileTest, KeyIdentifiersKeepTheirForm) {
  Draft none = web_leaf();
  none.key_identifiers = false;
  expect_broken_by_leaf(none, "no authorityKeyIdentifier");
  none.more_extensions = [](DerWriter& w) { write_authority_key_id(w, Critical::yes); };
  expect_broken_by_leaf(none, "authorityKeyIdentifier is critical");
  none.more_extensions = [](DerWriter& w) {
    write_authority_key_id(w, Critical::no,
                           [](DerWriter& w) { w.value(tag::context(2), Bytes(std::array<uint8_t, 1>{1})); });
  };
  expect_broken_by_leaf(none, "more than a key identifier");
  none.more_extensions = [](DerWriter& w) {
    write_authority_key_id(w, Critical::no);
    write_extension(w, oids::subject_key_identifier, Critical::yes,
                    [](DerWriter& w) { w.octet_string(Bytes(std::array<uint8_t, 2>{1, 2})); });
  };
  expect_broken_by_leaf(none, "subjectKeyIdentifier is critical");
}

// BR §6.3.2: 200 days since 2026-03-15, 398 before; the last second counts.
TEST_F(ProfileTest, LeavesLiveAsLongAsTheirDayAllows) {
  using std::chrono::days;
  const Entity root = [] {
    Draft draft = ca_draft("Root");
    draft.not_before = test_now() - days(2000);
    draft.not_after = test_now() + days(3000);
    return issue(draft);
  }();
  RootStore roots;
  roots.add(root.certificate);
  struct Case {
    int begins, lasts;
    bool accept;
  };
  // Days from 2026-01-01; 2026-03-15 is the 73rd, 2027-03-15 the 438th, 2029-03-15 the 1169th.
  for (const Case& one : {Case{0, 398, true},
                          {0, 399, false},
                          {73, 200, true},
                          {73, 201, false},
                          {72, 398, true},
                          {438, 100, true},
                          {438, 101, false},
                          {1169, 47, true},
                          {1169, 48, false},
                          {-2000, 825, true},
                          {-2000, 826, false}}) {
    Draft draft = web_leaf();
    draft.not_before = test_now() + days(one.begins);
    draft.not_after = draft.not_before + days(one.lasts) - Seconds(1);
    const std::vector<CertificatePtr> chain = {issue(draft, &root).certificate};
    const auto verified = WebPkiVerifier(roots, {.profile = CertificateProfile::webpki})
                              .verify({.chain = chain, .now = draft.not_before});
    EXPECT_EQ(verified.ok(), one.accept) << one.begins << ' ' << one.lasts;
  }
}

TEST_F(ProfileTest, CasKeepTheRulesOfTheirForm) {
  Draft serial = ca_draft("Intermediate");
  serial.serial = {0};
  expect_broken_by_ca(serial, "serial number is not positive");
  Draft usage = ca_draft("Intermediate");
  usage.key_usage.reset();
  expect_broken_by_ca(usage, "no keyUsage");
  Draft unidentified = ca_draft("Intermediate");
  unidentified.key_identifiers = false;
  expect_broken_by_ca(unidentified, "no authorityKeyIdentifier");
  unidentified.more_extensions = [](DerWriter& w) { write_authority_key_id(w, Critical::no); };
  expect_broken_by_ca(unidentified, "no subjectKeyIdentifier");
  Draft lax = ca_draft("Intermediate");
  lax.ca.reset();
  lax.more_extensions = [](DerWriter& w) {
    write_extension(w, oids::basic_constraints, Critical::no,
                    [](DerWriter& w) { w.sequence([](DerWriter& w) { w.boolean(true); }); });
  };
  expect_broken_by_ca(lax, "basicConstraints are not critical");
}

TEST_F(ProfileTest, NeitherAnchorsNorClientsAreAskedForIt) {
  // A root without anything but its CA bit, and a client's certificate without names or purposes.
  Draft plain = ca_draft("Plain root");
  plain.key_identifiers = false;
  plain.key_usage.reset();
  const Entity root = issue(plain);
  RootStore roots;
  roots.add(root.certificate);
  const WebPkiVerifier verifier(roots, {.profile = CertificateProfile::webpki});
  const std::vector<CertificatePtr> server = {issue(web_leaf(), &root).certificate};
  EXPECT_TRUE(verifier.verify({.chain = server, .now = test_now()}).ok());
  Draft client;
  client.dns.clear();
  const std::vector<CertificatePtr> user = {issue(client, &ca_).certificate, ca_.certificate};
  EXPECT_TRUE(verify(user, CertificateProfile::webpki, CertificatePurpose::client).ok());
}

}  // namespace
}  // namespace bulla::test
