// Certificates as text: every extension by its name, and whatever is odd as hexadecimal.
#include "pki/extension_text.h"

#include "asn1/der_writer.h"
#include "pki/items.h"
#include "pki/openssl_test.h"
#include "pki/sct_list.h"
#include "support/vectors.h"

#include <bulla/pki.h>

#include <gtest/gtest.h>

#include <algorithm>

namespace bulla::pki {
namespace {

using namespace asn1;

std::string joined(const std::vector<std::string>& lines) {
  std::string out;
  for (const std::string& one : lines) out += one + '|';
  return out;
}

/// An SCT as it stands in a list, with its length.
std::vector<uint8_t> sct(uint8_t version = 0, uint64_t milliseconds = 1'700'000'000'000) {
  std::vector<uint8_t> out = {version};
  out.insert(out.end(), 32, 0xab);
  for (int shift = 56; shift >= 0; shift -= 8) out.push_back(static_cast<uint8_t>(milliseconds >> shift));
  out.insert(out.end(), {0, 0, 4, 3, 0, 2, 0xca, 0xfe});
  const auto size = static_cast<uint8_t>(out.size());
  out.insert(out.begin(), {0, size});
  return out;
}
std::vector<uint8_t> list_of(const std::vector<std::vector<uint8_t>>& scts) {
  std::vector<uint8_t> list;
  for (const auto& one : scts) list.insert(list.end(), one.begin(), one.end());
  list.insert(list.begin(), {static_cast<uint8_t>(list.size() >> 8), static_cast<uint8_t>(list.size())});
  return to_der([&](DerWriter& w) { w.octet_string(list); });
}

// RFC 6962 §3.2, §3.3.
TEST(SctList, IsReadAsTheRfcHasIt) {
  const auto list = list_of({sct(), sct(0, UINT64_MAX), sct(7)});
  const auto read = read_sct_list(list);
  ASSERT_TRUE(read.has_value());
  ASSERT_EQ(read->size(), 3u);
  EXPECT_EQ((*read)[0].log_id.size(), 32u);
  EXPECT_EQ((*read)[0].time, Time(Milliseconds(1'700'000'000'000)));
  EXPECT_EQ(to_hex((*read)[0].signature), "cafe");
  EXPECT_EQ((*read)[2].version, 7);
  constexpr Oid scts = oid("1.3.6.1.4.1.11129.2.4.2");
  const std::string log = ", log " + to_hex(std::vector<uint8_t>(32, 0xab)) + '|';
  EXPECT_EQ(
      joined(extension_lines({.oid = scts.content(), .value = list})),
      "3 promises of logs|2023-11-14 22:13:20 UTC" + log + "9999-12-31 23:59:59 UTC" + log + "of version 8|");
}

TEST(SctList, RefusesWhatTheRfcForbids) {
  auto shorter = sct();
  shorter.pop_back();
  auto longer = sct();
  longer.push_back(0);
  ++longer[1];
  for (const auto& bad :
       {list_of({}), list_of({shorter}), list_of({longer}), list_of({{0, 0}}), list_of({{0, 1, 0}}),
        list_of({sct(), {0, 9, 0}}), to_der([](DerWriter& w) { w.octet_string(Bytes{}); }),
        to_der([](DerWriter& w) { w.null(); }), std::vector<uint8_t>{}})
    EXPECT_FALSE(read_sct_list(bad).has_value()) << to_hex(bad);
  // Bytes behind the list, and behind the OCTET STRING.
  auto list = list_of({sct()});
  list.push_back(0);
  EXPECT_FALSE(read_sct_list(list).has_value());
  const auto whole = list_of({sct()});
  for (size_t size = 0; size < whole.size(); ++size)
    EXPECT_FALSE(read_sct_list(Bytes(whole).first(size)).has_value()) << size;
}

TEST(ExtensionText, WhatIsUnknownOrMalformedIsHexadecimal) {
  constexpr Oid unknown = oid("1.2.3.4.5");
  const std::vector<uint8_t> value = {0xde, 0xad, 0xbe, 0xef};
  EXPECT_EQ(extension_name(unknown.content()), "1.2.3.4.5");
  EXPECT_EQ(joined(extension_lines({.oid = unknown.content(), .value = value})), "deadbeef|");
  for (const Oid& known :
       {oids::key_usage, oids::extended_key_usage, oids::subject_alt_name, oids::name_constraints,
        oids::certificate_policies, oids::policy_mappings, oids::policy_constraints, oids::inhibit_any_policy,
        oids::authority_info_access, oids::tls_feature, oids::ocsp_no_check, oids::basic_constraints,
        oids::subject_key_identifier, oids::authority_key_identifier, oid("2.5.29.31"), oid("2.5.29.18"),
        oid("1.3.6.1.4.1.11129.2.4.2"), oid("2.16.840.1.113730.1.13"), oid("2.5.29.20")}) {
    EXPECT_EQ(joined(extension_lines({.oid = known.content(), .value = value})), "deadbeef|");
    EXPECT_EQ(joined(extension_lines({.oid = known.content(), .value = {}})), "");
    EXPECT_EQ(extension_name(known.content()).find('.'), std::string::npos);
  }
  EXPECT_EQ(hex_lines(std::vector<uint8_t>(65)).size(), 3u);
}

// What a CA writes goes to a terminal: no byte of it is obeyed.
TEST(ExtensionText, IsSafeForATerminal) {
  const auto comment = to_der([](DerWriter& w) { w.value(tag::ia5_string, as_bytes("\x1b[31mred\x07")); });
  constexpr Oid netscape_comment = oid("2.16.840.1.113730.1.13");
  const std::string text = joined(extension_lines({.oid = netscape_comment.content(), .value = comment}));
  EXPECT_EQ(text.find('\x1b'), std::string::npos) << text;
  EXPECT_NE(text.find("red"), std::string::npos) << text;
}

struct DescribeWholeTest : test::OpensslTest {
  /// The text of a certificate with these extensions, made by openssl.
  std::string text_with(const std::string& extensions) const {
    put("cnf", "[req]\ndistinguished_name=d\nx509_extensions=x\n[d]\n[x]\n" + extensions);
    must(
        "openssl req -x509 -config cnf -newkey rsa:2048 -nodes -keyout k.pem -out c.pem -subj '/CN=a/O=b' "
        "-days 9");
    const std::string pem = get("c.pem");
    return describe_whole(*Certificate::from_pem_or_der(as_bytes(pem)).value().front(), Time{});
  }
};

// RFC 5280 §4.2.1, §4.2.2; RFC 7633 §4.
constexpr std::string_view every_extension =
    "basicConstraints=critical,CA:TRUE,pathlen:2\nkeyUsage=critical,keyCertSign,cRLSign\n"
    "extendedKeyUsage=serverAuth,1.2.3.4\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid,issuer\n"
    "subjectAltName=DNS:a.example,IP:192.0.2.1,email:a@a.example,URI:http://a.example/,RID:1.2.3\n"
    "issuerAltName=DNS:issuer.example\n"
    "nameConstraints=critical,permitted;DNS:example,excluded;IP:10.0.0.0/255.0.0.0,permitted;dirName:dir\n"
    "certificatePolicies=2.23.140.1.2.1,@policy\n"
    "policyConstraints=requireExplicitPolicy:3,inhibitPolicyMapping:0\ninhibitAnyPolicy=1\n"
    "crlDistributionPoints=URI:http://crl.example/a.crl,point\n"
    "authorityInfoAccess=OCSP;URI:http://ocsp.example/,caIssuers;URI:http://ca.example/ca.crt\n"
    "tlsfeature=status_request,17,99\nnoCheck=ignored\nnsComment=a comment\n1.2.3.4.5.6=DER:0401aa\n"
    "[dir]\nO=Some\n"
    "[policy]\npolicyIdentifier=1.3.5.8\nCPS.1=http://cps.example/\nuserNotice.1=@notice\n"
    "[notice]\nexplicitText=UTF8:read this\norganization=Org\nnoticeNumbers=1,2\n"
    "[point]\nfullname=URI:http://crl.example/"
    "b.crl\nreasons=keyCompromise,CACompromise\nCRLissuer=dirName:dir\n";

TEST_F(DescribeWholeTest, EveryExtensionIsShownByItsName) {
  const std::string text = text_with(std::string(every_extension));
  for (const char* part : {"Version:      3",
                           "Key:          RSA 2048",
                           "Extensions:   17",
                           "basicConstraints, critical",
                           "CA: yes",
                           "CAs below: at most 2",
                           "keyUsage, critical",
                           "keyCertSign",
                           "cRLSign",
                           "serverAuth",
                           "1.2.3.4",
                           "subjectKeyIdentifier",
                           "authorityKeyIdentifier",
                           "issuer directory:O=b, CN=a",
                           "DNS:a.example",
                           "IP:192.0.2.1",
                           "email:a@a.example",
                           "URI:http://a.example/",
                           "OID:1.2.3",
                           "issuerAltName",
                           "DNS:issuer.example",
                           "permitted DNS:example",
                           "excluded IP:10.0.0.0/255.0.0.0",
                           "permitted directory:O=Some",
                           "2.23.140.1.2.1 (domain validated)",
                           "CPS http://cps.example/",
                           "notice of Org",
                           "notice: read this",
                           "a policy is required after 3 more",
                           "policies are not mapped after 0 more",
                           "any policy counts no more after 1",
                           "URI:http://crl.example/a.crl",
                           "URI:http://crl.example/b.crl",
                           "for keyCompromise, cACompromise",
                           "signed by directory:O=Some",
                           "OCSP: URI:http://ocsp.example/",
                           "issuer's certificate: URI:http://ca.example/ca.crt",
                           "status_request (must staple)",
                           "status_request_v2",
                           "      99",
                           "ocspNoCheck",
                           "a comment",
                           "    1.2.3.4.5.6\n      0401aa",
                           "SHA-256:"})
    EXPECT_NE(text.find(part), std::string::npos) << part << '\n' << text;
}

/// What `certificate` is, printed and round-tripped byte for byte.
void expect_prints_and_round_trips(const Certificate& certificate) {
  const std::string text = describe_whole(certificate, Time{});
  EXPECT_TRUE(std::ranges::all_of(text, [](char c) {
    return c == '\n' || static_cast<unsigned char>(c) >= 0x20;
  })) << text;
  EXPECT_EQ(text.find("(malformed"), std::string::npos) << text;
  const CertificatePtr again = Certificate::from_der(certificate.der()).value();
  const std::string pem = to_pem({&again, 1});
  const auto out = Certificate::from_pem_or_der(as_bytes(pem)).value();
  ASSERT_EQ(out.size(), 1u);
  EXPECT_TRUE(equal_vartime(out.front()->der(), certificate.der()));
  EXPECT_EQ(kind_of_der(certificate.der()), ItemKind::certificate);
}

TEST(RealCertificates, EveryRootOfThisSystemPrintsAndRoundTrips) {
  const std::filesystem::path folder = "/etc/ssl/certs";
  std::error_code ignored;
  size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder, ignored)) {
    if (entry.path().extension() != ".pem" && entry.path().extension() != ".crt") continue;
    std::ifstream file(entry.path(), std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    const auto all = Certificate::from_pem_or_der(as_bytes(text));
    ASSERT_TRUE(all) << entry.path() << all.error().message();
    for (const CertificatePtr& one : *all) expect_prints_and_round_trips(*one);
    count += all->size();
  }
  if (count == 0) GTEST_SKIP() << "no certificates in /etc/ssl/certs";
}

TEST(RealCertificates, EveryRootOfMozillaPrintsAndRoundTrips) {
  const auto text = test::read_text("x509/root-store/mozilla-roots.pem");
  BULLA_NEED_VECTORS(text, "x509/root-store");
  const auto all = Certificate::from_pem_or_der(as_bytes(*text)).value();
  for (const CertificatePtr& one : all) expect_prints_and_round_trips(*one);
  test::report_cases("x509/root-store/mozilla-roots.pem", all.size());
}

}  // namespace
}  // namespace bulla::pki
