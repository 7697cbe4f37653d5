// Parsing certificates (RFC 5280 §4.1, §4.2): what is refused, and why.
#include "x509/certificate.h"

#include "asn1/pem.h"
#include "crafted.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

namespace bulla::test {
namespace {

using namespace asn1;
using testing::ElementsAre;
using testing::HasSubstr;

std::string fixture(const std::string& name) {
  std::ifstream in(BULLA_SOURCE_DIR "/tests/x509/data/" + name, std::ios::binary);
  EXPECT_TRUE(in) << name;
  return {std::istreambuf_iterator<char>(in), {}};
}

void expect_malformed(const Draft& draft, std::string_view why) {
  const Entity made = issue(draft);
  const auto result = Certificate::from_der(made.der);
  ASSERT_FALSE(result.ok()) << why;
  EXPECT_EQ(result.error().code, ErrorCode::certificate_malformed);
  EXPECT_THAT(result.error().detail, HasSubstr(std::string(why)));
}

/// A draft with one extension of this OID, its value written by `value`.
Draft with(const Oid& oid, std::function<void(DerWriter&)> value) {
  Draft out;
  out.dns.clear();
  out.key_identifiers = false;
  out.more_extensions = [=](DerWriter& w) { write_extension(w, oid, Critical::no, value); };
  return out;
}

void empty_sequence(DerWriter& w) {
  w.sequence([](DerWriter&) {});
}

// RFC 5280 §3.2, §4.1.2.7; RFC 9846 §4.5.1.2 for the keyUsage.
TEST(CertificateTest, ReadsEverything) {
  Draft draft;
  draft.subject = "Example";
  draft.serial = {0x00, 0xab, 0xcd};
  draft.dns = {"example.com", "*.example.com"};
  draft.ips = {{192, 0, 2, 1}, {0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}};
  draft.key_usage = 1;
  const Entity ca = issue(ca_draft("CA")), made = issue(draft, &ca);
  ASSERT_TRUE(made.certificate);
  const Certificate& c = *made.certificate;
  EXPECT_EQ(c.subject(), "CN=Example");
  EXPECT_EQ(c.issuer(), "CN=CA");
  EXPECT_EQ(c.serial(), "abcd");
  EXPECT_THAT(c.names(), ElementsAre("example.com", "*.example.com", "192.0.2.1", "2001:db8::1"));
  EXPECT_EQ(c.not_before(), draft.not_before);
  EXPECT_EQ(c.not_after(), draft.not_after);
  EXPECT_FALSE(c.is_ca());
  EXPECT_TRUE(ca.certificate->is_ca());
  EXPECT_TRUE(c.allows_digital_signature());
  EXPECT_FALSE(ca.certificate->allows_digital_signature());
  EXPECT_EQ(c.signature_algorithm(), SignatureAlgorithm::ecdsa_sha256);
  EXPECT_EQ(c.public_key().type, KeyType::ec_p256);
  EXPECT_TRUE(c.key_allows(SignatureAlgorithm::ecdsa_sha384));
  EXPECT_FALSE(c.key_allows(SignatureAlgorithm::ed25519));
  EXPECT_TRUE(equal_vartime(c.der(), made.der));
  EXPECT_FALSE(c.parsed().self_issued);
  EXPECT_TRUE(ca.certificate->parsed().self_issued);
}

// RFC 3279 §2.3, RFC 5480 §2.1, RFC 8410 §3, RFC 4055 §1.2.
TEST(CertificateTest, ReadsTheKeysThatOpenSslMakes) {
  const std::pair<const char*, KeyType> cases[] = {{"p256_cert.pem", KeyType::ec_p256},
                                                   {"rsa_cert.pem", KeyType::rsa},
                                                   {"rsa_pss_cert.pem", KeyType::rsa_pss},
                                                   {"ed25519_cert.pem", KeyType::ed25519}};
  for (const auto& [file, type] : cases) {
    const auto read = Certificate::from_pem_or_der(as_bytes(fixture(file)));
    ASSERT_TRUE(read.ok()) << file;
    ASSERT_TRUE(read->front()->has_usable_key()) << file;
    EXPECT_EQ(read->front()->public_key().type, type);
    EXPECT_TRUE(read->front()->signature_algorithm().has_value());
  }
  const auto pss = Certificate::from_pem_or_der(as_bytes(fixture("rsa_pss_cert.pem"))).value().front();
  EXPECT_TRUE(pss->key_allows(SignatureAlgorithm::rsa_pss_sha256));
  EXPECT_FALSE(pss->key_allows(SignatureAlgorithm::rsa_pss_sha384));    // the key names its hash
  EXPECT_FALSE(pss->key_allows(SignatureAlgorithm::rsa_pkcs1_sha256));  // RFC 4055 §1.2
}

TEST(CertificateTest, RefusesEveryTruncationAndTrailingBytes) {
  const Entity made = issue({});
  for (size_t n = 0; n < made.der.size(); ++n)
    EXPECT_FALSE(Certificate::from_der(Bytes(made.der).first(n)).ok()) << n;
  auto longer = made.der;
  longer.push_back(0);
  EXPECT_EQ(Certificate::from_der(longer).error().code, ErrorCode::certificate_malformed);
}

TEST(CertificateTest, SurvivesEveryChangedByte) {
  const Entity made = issue({});
  for (size_t i = 0; i < made.der.size(); ++i)
    for (const int change : {0x01, 0x80, 0xff}) {
      auto der = made.der;
      der[i] = static_cast<uint8_t>(der[i] ^ change);
      const auto parsed = Certificate::from_der(der);
      if (parsed) (void)(*parsed)->subject();
    }
}

TEST(CertificateTest, RefusesVersionsThatDoNotFit) {
  Draft draft;
  draft.version = 4;
  expect_malformed(draft, "out of range");
  draft.version = 2;
  expect_malformed(draft, "below v3 has extensions");
  draft.version = 1;
  expect_malformed(draft, "below v3 has extensions");
  Draft plain;
  plain.version = 1;
  plain.dns.clear();
  plain.key_identifiers = false;
  EXPECT_TRUE(issue(plain).certificate);
}

TEST(CertificateTest, RefusesBadSerialNumbers) {
  Draft draft;
  draft.serial = {0x00, 0x01};
  expect_malformed(draft, "shortest form");
  draft.serial = {};
  expect_malformed(draft, "shortest form");
  draft.serial = std::vector<uint8_t>(21, 0x11);
  expect_malformed(draft, "longer than 20 octets");
  draft.serial = {0x00};
  EXPECT_TRUE(issue(draft).certificate);
}

// RFC 5280 §4.1.2.2; the texts are those of `openssl x509 -serial`.
TEST(CertificateTest, PrintsSerialNumbersAsNumbers) {
  const std::pair<std::vector<uint8_t>, const char*> cases[] = {
      {{0x01}, "01"},          {{0x7f}, "7f"},        {{0x00, 0x80}, "80"},   {{0x00, 0xff, 0x00}, "ff00"},
      {{0x12, 0x00}, "1200"},  {{0x00}, "00"},        {{0xff}, "-01"},        {{0x80}, "-80"},
      {{0x80, 0x00}, "-8000"}, {{0xff, 0x7f}, "-81"}, {{0xfe, 0x00}, "-0200"}};
  for (const auto& [content, text] : cases) {
    Draft draft;
    draft.serial = content;
    const Entity made = issue(draft);
    ASSERT_TRUE(made.certificate) << text;
    EXPECT_EQ(made.certificate->serial(), text);
  }
}

// RFC 5280 §4.1.1.2.
TEST(CertificateTest, RefusesSignatureAlgorithmsThatDiffer) {
  Draft draft;
  draft.algorithm = [](DerWriter& w, bool outer) {
    w.sequence([&](DerWriter& w) { w.oid(outer ? oids::ecdsa_sha256 : oids::ecdsa_sha384); });
  };
  expect_malformed(draft, "two signature algorithms differ");
}

TEST(CertificateTest, RefusesDatesInOtherForms) {
  for (const auto& [tag, text] : {std::pair(tag::utc_time, "2601010000Z"),
                                  {tag::utc_time, "260101000000+0100"},
                                  {tag::generalized_time, "20260101000000.5Z"},
                                  {tag::generalized_time, "20260230000000Z"},
                                  {tag::ia5_string, "260101000000Z"}}) {
    Draft draft;
    draft.validity = [&, tag = tag, text = text](DerWriter& w) {
      w.value(tag, as_bytes(text));
      w.time(test_now());
    };
    expect_malformed(draft, "RFC 5280 §4.1.2.5");
  }
}

// RFC 5280 §4.1.2.4.
TEST(CertificateTest, RefusesMalformedNames) {
  Draft draft;
  draft.subject_name = [](DerWriter& w) { w.sequence([](DerWriter& w) { w.set([](DerWriter&) {}); }); };
  expect_malformed(draft, "distinguished name");
}

TEST(CertificateTest, RefusesExtensionsTwice) {
  Draft draft;
  draft.more_extensions = [](DerWriter& w) {
    for (int i = 0; i < 2; ++i)
      write_extension(w, oid("1.2.3.4"), Critical::no, [](DerWriter& w) { w.null(); });
  };
  expect_malformed(draft, "occurs twice");
}

TEST(CertificateTest, RefusesTooManyExtensions) {
  Draft draft;
  draft.more_extensions = [](DerWriter& w) {
    for (uint8_t i = 0; i < 100; ++i) {
      const uint8_t id[] = {0x2a, 0x03, i};
      w.sequence([&](DerWriter& w) {
        w.value(tag::oid, id);
        w.octet_string(Bytes());
      });
    }
  };
  expect_malformed(draft, "too many extensions");
}

// RFC 5280 §4.2.1.3, §4.2.1.6, §4.2.2.1; RFC 6960 §4.2.2.2.1.
TEST(CertificateTest, RefusesMalformedExtensions) {
  const auto text = [](unsigned number, std::string_view value) {
    return [=](DerWriter& w) {
      w.sequence([&](DerWriter& w) { w.value(tag::context(number), as_bytes(value)); });
    };
  };
  expect_malformed(with(oids::subject_alt_name, empty_sequence), "list of names is empty");
  expect_malformed(with(oids::subject_alt_name, text(2, "ex\xc3\xa4mple.com")), "not ASCII");
  expect_malformed(with(oids::subject_alt_name, text(7, "12345")), "no address has");
  expect_malformed(with(oids::subject_alt_name, text(9, "x")), "no known form");
  expect_malformed(with(oids::subject_alt_name, [](DerWriter& w) { w.null(); }), "another type");
  expect_malformed(with(oids::extended_key_usage, empty_sequence), "extendedKeyUsage is empty");
  expect_malformed(with(oids::key_usage, [](DerWriter& w) { w.named_bits(0); }), "no bit set");
  expect_malformed(with(oids::basic_constraints,
                        [](DerWriter& w) { w.sequence([](DerWriter& w) { w.octet_string(Bytes()); }); }),
                   "bytes follow");
  expect_malformed(with(oids::name_constraints, empty_sequence), "nameConstraints is empty");
  expect_malformed(with(oids::certificate_policies, empty_sequence), "certificatePolicies is empty");
  expect_malformed(with(oids::policy_mappings, empty_sequence), "policyMappings is empty");
  expect_malformed(with(oids::policy_constraints, empty_sequence), "policyConstraints is empty");
  expect_malformed(with(oids::authority_info_access, empty_sequence), "authorityInfoAccess is empty");
  expect_malformed(with(oids::ocsp_no_check, empty_sequence), "another type");
  expect_malformed(with(oids::inhibit_any_policy, [](DerWriter& w) { w.null(); }), "another type");
  expect_malformed(with(oids::subject_key_identifier, [](DerWriter& w) { w.null(); }), "another type");
  // RFC 5280 §4.2.1.13: a point is not of reasons alone, nor of nothing.
  const auto point_of = [](std::function<void(DerWriter&)> fields) {
    return [=](DerWriter& w) { w.sequence([&](DerWriter& w) { w.sequence(fields); }); };
  };
  const uint8_t key_compromise[] = {0x06, 0x40};
  for (const Oid& kind : {oids::crl_distribution_points, oids::freshest_crl}) {
    expect_malformed(with(kind, point_of([&](DerWriter& w) { w.value(tag::context(1), key_compromise); })),
                     "neither a name nor a cRLIssuer");
    expect_malformed(with(kind, point_of([](DerWriter&) {})), "neither a name nor a cRLIssuer");
  }
  expect_malformed(with(oids::certificate_policies,
                        [](DerWriter& w) {
                          w.sequence([](DerWriter& w) {
                            for (int i = 0; i < 2; ++i) w.sequence([](DerWriter& w) { w.oid(oid("1.2.3")); });
                          });
                        }),
                   "listed twice");
}

TEST(CertificateTest, RefusesNameConstraintsWithHolesOrDistances) {
  const auto subtree = [](std::function<void(DerWriter&)> body) {
    return with(oids::name_constraints, [=](DerWriter& w) {
      w.sequence([&](DerWriter& w) {
        w.explicit_tag(0, [&](DerWriter& w) { w.sequence([&](DerWriter& w) { body(w); }); });
      });
    });
  };
  const uint8_t holes[] = {192, 0, 2, 0, 255, 0, 255, 0}, short_mask[] = {192, 0, 2, 0};
  expect_malformed(subtree([&](DerWriter& w) { w.value(tag::context(7), holes); }), "mask");
  expect_malformed(subtree([&](DerWriter& w) { w.value(tag::context(7), short_mask); }), "no address has");
  expect_malformed(subtree([](DerWriter& w) {
                     w.value(tag::context(2), as_bytes("example.com"));
                     const uint8_t one = 1;
                     w.value(tag::context(1), {&one, 1});
                   }),
                   "minimum or a maximum");
}

// RFC 5480 §2.2: the uncompressed form.
TEST(CertificateTest, KeepsKeysItCannotUse) {
  Draft draft;
  draft.spki = [](DerWriter& w) {
    w.sequence([](DerWriter& w) {
      w.sequence([](DerWriter& w) {
        w.oid(oids::ec_public_key);
        w.oid(oids::p256);
      });
      w.bit_string(std::vector<uint8_t>(33, 2));  // compressed
    });
  };
  const Entity made = issue(draft);
  ASSERT_TRUE(made.certificate);
  EXPECT_FALSE(made.certificate->has_usable_key());
  EXPECT_TRUE(made.certificate->public_key().point.empty());
  EXPECT_FALSE(made.certificate->key_allows(SignatureAlgorithm::ecdsa_sha256));
  EXPECT_THAT(x509::print_key(made.certificate->parsed().public_key), HasSubstr("uncompressed"));
}

TEST(CertificateTest, ReadsPemWithTextAroundIt) {
  const std::string pem = "Subject: somebody\r\n" + encode_pem("CERTIFICATE", issue({}).der) + "trailing\n" +
                          encode_pem("X509 CERTIFICATE", issue({}).der) + encode_pem("PRIVATE KEY", Bytes());
  const auto read = Certificate::from_pem_or_der(as_bytes(pem));
  ASSERT_TRUE(read.ok()) << read.error().message();
  EXPECT_EQ(read->size(), 2u);
}

// RFC 7468 §5.
TEST(CertificateTest, SaysWhatAFileHoldsInstead) {
  const auto key = Certificate::from_pem_or_der(as_bytes(encode_pem("PRIVATE KEY", as_bytes("x"))));
  ASSERT_FALSE(key.ok());
  EXPECT_EQ(key.error().code, ErrorCode::certificate_not_found);
  EXPECT_THAT(key.error().detail, HasSubstr("PRIVATE KEY"));
  EXPECT_EQ(Certificate::from_pem_or_der({}).error().code, ErrorCode::certificate_not_found);
  const auto garbage = Certificate::from_pem_or_der(as_bytes("hello"));
  ASSERT_FALSE(garbage.ok());
  EXPECT_EQ(garbage.error().code, ErrorCode::certificate_malformed);
  const auto trusted = Certificate::from_pem_or_der(as_bytes(fixture("trusted_form.pem")));
  ASSERT_FALSE(trusted.ok());
  EXPECT_THAT(trusted.error().remedy, HasSubstr("openssl x509"));
  const auto second = Certificate::from_pem_or_der(
      as_bytes(encode_pem("CERTIFICATE", issue({}).der) + encode_pem("CERTIFICATE", as_bytes("bad"))));
  ASSERT_FALSE(second.ok());
  EXPECT_THAT(second.error().detail, HasSubstr("certificate 2 of the file"));
}

}  // namespace
}  // namespace bulla::test
