// Certificates that we issue, judged by openssl; and what is not issued.
#include "pki/openssl_test.h"
#include "pki/seeded_random.h"
#include "x509/certificate.h"
#include "x509/dns_name.h"

#include <bulla/os.h>
#include <bulla/pki.h>

namespace bulla::pki {
namespace {

using test::OpensslTest;
using test::SeededRandom;
using Names = std::vector<std::string>;
using namespace std::chrono_literals;
using std::chrono::days;

const Names local_names = {"localhost", "127.0.0.1", "::1", "*.dev.example"};

struct IssueTest : OpensslTest {
  /// A CA at a fixed time.
  static Issued make_ca(KeyKind kind = {}, Time now = bulla::now(), unsigned days = 3650) {
    return NewCa{.name = "Test CA", .days = days, .key = kind}.issue({.now = now}).value();
  }
  static CertificateAuthority authority(const Issued& ca) {
    return CertificateAuthority::create(ca.chain, ca.key.signer()).value();
  }
  std::string text_of(const char* file) const {
    return must(std::string("openssl x509 -noout -text -in ") + file);
  }
};

TEST_F(IssueTest, SelfSignedIsAsSketched) {
  const auto dev = SelfSigned{.names = {"localhost", "127.0.0.1"}}.issue();
  ASSERT_TRUE(dev) << dev.error().message();
  EXPECT_TRUE(dev->identity());
  EXPECT_EQ(dev->certificate().names(), (Names{"localhost", "127.0.0.1"}));
  EXPECT_EQ(dev->certificate().subject(), "CN=localhost");
  EXPECT_FALSE(dev->certificate().is_ca());
  EXPECT_EQ(dev->certificate().parsed().version, 3);
  EXPECT_TRUE(dev->certificate().parsed().self_issued);
}

TEST_F(IssueTest, OpensslVerifiesSelfSignedOfAllKinds) {
  for (const char* kind : {"ecdsa-p256", "ecdsa-p384", "ecdsa-p521", "ed25519", "rsa-2048"}) {
    SCOPED_TRACE(kind);
    const auto issued = SelfSigned{.names = local_names, .key = *KeyKind::parse(kind)}.issue();
    ASSERT_TRUE(issued) << issued.error().message();
    put("cert.pem", issued->chain_pem());
    put("key.pem", issued->key.to_pem().reveal());
    must("openssl verify -x509_strict -purpose sslserver -CAfile cert.pem cert.pem");
    must("openssl verify -purpose sslclient -verify_hostname localhost -CAfile cert.pem cert.pem");
    must("openssl verify -verify_ip 127.0.0.1 -CAfile cert.pem cert.pem");
    must("openssl verify -verify_ip ::1 -CAfile cert.pem cert.pem");
    must("openssl verify -verify_hostname www.dev.example -CAfile cert.pem cert.pem");
    EXPECT_NE(run("openssl verify -verify_hostname other.example -CAfile cert.pem cert.pem").status, 0);
    EXPECT_EQ(must("openssl x509 -noout -pubkey -in cert.pem"), must("openssl pkey -pubout -in key.pem"));
  }
}

TEST_F(IssueTest, ProfileOfAnEndEntity) {
  const auto ca = make_ca();
  const auto issued = authority(ca).issue(local_names, 90);
  ASSERT_TRUE(issued) << issued.error().message();
  EXPECT_EQ(issued->chain.size(), 1u);  // the root stays at home
  put("ca.pem", to_pem(ca.chain));
  put("leaf.pem", issued->chain_pem());
  must("openssl verify -x509_strict -purpose sslserver -verify_hostname localhost -CAfile ca.pem leaf.pem");
  must("openssl verify -x509_strict -purpose sslclient -CAfile ca.pem leaf.pem");
  const std::string text = text_of("leaf.pem");
  for (const char* part :
       {"Version: 3", "Issuer: CN = Test CA", "Subject: CN = localhost", "X509v3 Basic Constraints: critical",
        "CA:FALSE", "X509v3 Key Usage: critical\n                Digital Signature\n",
        "TLS Web Server Authentication, TLS Web Client Authentication",
        "DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1, DNS:*.dev.example",
        "X509v3 Subject Key Identifier", "X509v3 Authority Key Identifier"})
    EXPECT_NE(text.find(part), std::string::npos) << part << '\n' << text;
}

TEST_F(IssueTest, ProfileOfACa) {
  const auto ca = NewCa{.name = "Römer CA", .path_length = 0}.issue();
  ASSERT_TRUE(ca) << ca.error().message();
  put("ca.pem", ca->chain_pem());
  must("openssl verify -x509_strict -CAfile ca.pem ca.pem");
  const std::string text = text_of("ca.pem -nameopt utf8");
  for (const char* part :
       {"CN=Römer CA", "X509v3 Basic Constraints: critical\n                CA:TRUE, pathlen:0",
        "X509v3 Key Usage: critical\n                Certificate Sign, CRL Sign\n"})
    EXPECT_NE(text.find(part), std::string::npos) << part << '\n' << text;
  EXPECT_EQ(text.find("Alternative Name"), std::string::npos);
  EXPECT_EQ(text.find("Extended Key Usage"), std::string::npos);
}

TEST_F(IssueTest, EveryKindOfCaSignsWithItsAlgorithm) {
  const std::pair<KeyKind, const char*> kinds[] = {
      {{KeyType::ec_p256}, "ecdsa-with-SHA256"},         {{KeyType::ec_p384}, "ecdsa-with-SHA384"},
      {{KeyType::ec_p521}, "ecdsa-with-SHA512"},         {{KeyType::ed25519}, "ED25519"},
      {{KeyType::rsa, 2048}, "sha256WithRSAEncryption"}, {{KeyType::rsa_pss, 2048}, "rsassaPss"}};
  for (const auto& [kind, name] : kinds) {
    SCOPED_TRACE(name);
    const auto ca = make_ca(kind);
    const auto issued = authority(ca).issue(local_names, 90);
    ASSERT_TRUE(issued) << issued.error().message();
    put("ca.pem", to_pem(ca.chain));
    put("leaf.pem", issued->chain_pem());
    must("openssl verify -x509_strict -purpose sslserver -CAfile ca.pem leaf.pem");
    EXPECT_NE(text_of("leaf.pem").find(std::string("Signature Algorithm: ") + name), std::string::npos);
  }
}

TEST_F(IssueTest, OpensslsCaSignsAndItsIntermediateIsSentAlong) {
  must(
      "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-384 -nodes -subj /O=Acme/CN=Root -days 30 "
      "-keyout root-key.pem -out root.pem");
  must("openssl req -newkey rsa:2048 -nodes -subj /O=Acme/CN=Middle -keyout middle-key.pem -out middle.csr");
  put("ext", "basicConstraints=critical,CA:TRUE\nkeyUsage=keyCertSign\nsubjectKeyIdentifier=hash\n");
  must(
      "openssl x509 -req -in middle.csr -CA root.pem -CAkey root-key.pem -CAcreateserial -days 20 -extfile "
      "ext "
      "-out middle.pem");
  must("cat middle.pem root.pem > chain.pem");
  const auto ca =
      CertificateAuthority::from_bytes(as_bytes(get("chain.pem")), as_bytes(get("middle-key.pem")));
  ASSERT_TRUE(ca) << ca.error().message();
  const auto issued = ca->issue(Names{"www.example.com"}, 90);
  ASSERT_TRUE(issued) << issued.error().message();
  ASSERT_EQ(issued->chain.size(), 2u);
  EXPECT_EQ(issued->chain[1]->subject(), "CN=Middle, O=Acme");
  put("leaf.pem", issued->chain_pem());
  must("openssl verify -CAfile root.pem -untrusted leaf.pem leaf.pem");  // their root lacks what -x509_strict
                                                                         // wants
}

// RFC 5280 §4.2.1.10, §4.2.1.11: what no verifier would accept is not issued.
TEST_F(IssueTest, NothingIsIssuedThatTheCasOwnConstraintsForbid) {
  const auto ca_with = [&](const std::string& extension) {
    must(
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=Narrow -days 30 "
        "-keyout "
        "key.pem -out ca.pem -addext keyUsage=critical,keyCertSign -addext " +
        extension);
    return CertificateAuthority::from_bytes(as_bytes(get("ca.pem")), as_bytes(get("key.pem"))).value();
  };
  const CertificateAuthority narrow =
      ca_with("'nameConstraints=critical,permitted;DNS:example.com,excluded;DNS:bad.example.com'");
  EXPECT_TRUE(narrow.issue(Names{"example.com", "www.example.com"}, 10).ok());
  for (const Names& names : {Names{"example.org"}, Names{"example.com", "a.bad.example.com"}}) {
    const auto refused = narrow.issue(names, 10);
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().code, ErrorCode::certificate_name_constraint);
    EXPECT_NE(refused.error().explain().find("constraint of CN=Narrow"), std::string::npos);
    const auto request = NewRequest{.names = names}.create();
    const auto read = CertificationRequest::from_pem_or_der(request->der);
    EXPECT_EQ(narrow.sign(*read, 10).error().code, ErrorCode::certificate_name_constraint);
  }
  // Our certificates assert no policy.
  EXPECT_EQ(ca_with("policyConstraints=requireExplicitPolicy:0").issue(Names{"a.test"}, 10).error().code,
            ErrorCode::certificate_policy);
}

TEST_F(IssueTest, SerialNumbersArePositiveOf128BitsAndDiffer) {
  const auto ca = make_ca();
  SeededRandom random(7);
  const auto first = authority(ca).issue(local_names, 1, {}, {.random = &random});
  const auto second = authority(ca).issue(local_names, 1, {}, {.random = &random});
  for (const auto* issued : {&first, &second}) {
    ASSERT_TRUE(*issued);
    const Bytes serial = (*issued)->certificate().parsed().serial;
    EXPECT_EQ(serial.size(), 16u);
    EXPECT_EQ(serial[0] & 0xc0, 0x40);
  }
  EXPECT_NE(first->certificate().serial(), second->certificate().serial());
}

TEST_F(IssueTest, ValidityBeginsAnHourAgoAndStaysWithinTheCas) {
  const Time start = std::chrono::sys_days(std::chrono::year(2030) / 1 / 1);
  const auto ca = make_ca({}, start, 100);
  EXPECT_EQ(ca.certificate().not_before(), start - 1h);
  EXPECT_EQ(ca.certificate().not_after(), start + days(100));
  const auto issuer = authority(ca);
  const auto normal = issuer.issue(local_names, 10, {}, {.now = start + days(5) + 250ms});
  ASSERT_TRUE(normal);
  EXPECT_EQ(normal->certificate().not_before(), start + days(5) - 1h);
  EXPECT_EQ(normal->certificate().not_after(), start + days(15));
  const auto early = issuer.issue(local_names, 10, {}, {.now = start - 30min});
  ASSERT_TRUE(early);
  EXPECT_EQ(early->certificate().not_before(), ca.certificate().not_before());
  const auto capped = issuer.issue(local_names, 1000, {}, {.now = start + days(50)});
  ASSERT_TRUE(capped);
  EXPECT_EQ(capped->certificate().not_after(), ca.certificate().not_after());
}

TEST_F(IssueTest, DatesBeyond2049AreGeneralizedTime) {
  const Time start = std::chrono::sys_days(std::chrono::year(2049) / 12 / 31);
  const auto issued = SelfSigned{.names = {"a.example"}, .days = 2}.issue({.now = start});
  ASSERT_TRUE(issued);
  put("cert.pem", issued->chain_pem());
  const std::string shape = must("openssl asn1parse -in cert.pem");
  EXPECT_NE(shape.find("UTCTIME           :491230230000Z"), std::string::npos) << shape;
  EXPECT_NE(shape.find("GENERALIZEDTIME   :20500102000000Z"), std::string::npos) << shape;
}

TEST_F(IssueTest, ALongNameLeavesTheSubjectEmptyAndTheNamesCritical) {
  const std::string name = std::string(60, 'a') + ".example.com";
  const auto ca = make_ca();
  const auto issued = authority(ca).issue(Names{name}, 1);
  ASSERT_TRUE(issued) << issued.error().message();
  EXPECT_EQ(issued->certificate().subject(), "(empty name)");
  put("ca.pem", to_pem(ca.chain));
  put("leaf.pem", issued->chain_pem());
  must("openssl verify -x509_strict -verify_hostname " + name + " -CAfile ca.pem leaf.pem");
  EXPECT_NE(text_of("leaf.pem").find("Subject Alternative Name: critical"), std::string::npos);
}

TEST_F(IssueTest, RefusesAnExpiredCaAndOneOfTheFuture) {
  const Time start = std::chrono::sys_days(std::chrono::year(2030) / 1 / 1);
  const auto ca = make_ca({}, start, 10);
  const auto late = authority(ca).issue(local_names, 1, {}, {.now = start + days(11)});
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, ErrorCode::ca_cannot_sign);
  EXPECT_EQ(late.error().detail, "CN=Test CA expired 24 hours ago");
  const auto early = authority(ca).issue(local_names, 1, {}, {.now = start - days(1)});
  ASSERT_FALSE(early);
  EXPECT_EQ(early.error().code, ErrorCode::ca_cannot_sign);
}

TEST_F(IssueTest, RefusesWhatIsNoCa) {
  const auto leaf = SelfSigned{.names = {"a.example"}}.issue();
  ASSERT_TRUE(leaf);
  const auto not_ca = CertificateAuthority::create(leaf->chain, leaf->key.signer());
  ASSERT_FALSE(not_ca);
  EXPECT_EQ(not_ca.error().code, ErrorCode::ca_cannot_sign);
  const auto ca = make_ca();
  EXPECT_EQ(CertificateAuthority::create(ca.chain, leaf->key.signer()).error().code, ErrorCode::key_mismatch);
  EXPECT_EQ(CertificateAuthority::create({}, leaf->key.signer()).error().code,
            ErrorCode::certificate_not_found);
  EXPECT_EQ(CertificateAuthority::create(ca.chain, nullptr).error().code, ErrorCode::key_not_found);

  put("ext",
      "[ext]\nbasicConstraints=critical,CA:TRUE\nkeyUsage=digitalSignature\n[req]\ndistinguished_name=dn\n["
      "dn]\n");
  must(
      "openssl req -x509 -newkey ed25519 -nodes -subj /CN=x -days 3 -config ext -extensions ext -keyout "
      "k.pem -out c.pem");
  const auto no_usage = CertificateAuthority::from_bytes(as_bytes(get("c.pem")), as_bytes(get("k.pem")));
  ASSERT_FALSE(no_usage);
  EXPECT_EQ(no_usage.error().code, ErrorCode::ca_cannot_sign);
}

TEST_F(IssueTest, RefusesBadNamesDaysAndKeys) {
  EXPECT_EQ(SelfSigned{}.issue().error().code, ErrorCode::bad_name);
  EXPECT_EQ(SelfSigned{.names = {"no name"}}.issue().error().code, ErrorCode::bad_name);
  EXPECT_EQ((SelfSigned{.names = {"a.example"}, .days = 0}.issue().error().code), ErrorCode::bad_argument);
  EXPECT_EQ((SelfSigned{.names = {"a.example"}, .days = 36501}.issue().error().code),
            ErrorCode::bad_argument);
  EXPECT_EQ((SelfSigned{.names = {"a.example"}, .key = {KeyType::rsa, 512}}.issue().error().code),
            ErrorCode::bad_argument);
  const auto ca = make_ca();
  EXPECT_EQ(authority(ca).issue(Names{}, 1).error().code, ErrorCode::bad_name);
  EXPECT_EQ(authority(ca).issue(local_names, 0).error().code, ErrorCode::bad_argument);
  for (const std::string& name : {std::string(), std::string(65, 'a'), std::string("a\nb"), std::string(" a"),
                                  std::string("a "), std::string("\xff")})
    EXPECT_EQ(NewCa{.name = name}.issue().error().code, ErrorCode::bad_name) << name;
  EXPECT_EQ((NewCa{.name = "x", .days = 0}.issue().error().code), ErrorCode::bad_argument);
}

/// A key in a broken HSM.
class BrokenKey : public SigningKey {
 public:
  enum class How { refuses, lies };
  BrokenKey(SigningKeyPtr real, How how) : real_(std::move(real)), how_(how) {}
  KeyType type() const noexcept override { return real_->type(); }
  PublicKeyView public_key() const noexcept override { return real_->public_key(); }
  void sign(Random& random, std::span<SignJob> jobs) const noexcept override {
    if (how_ == How::refuses) return;
    real_->sign(random, jobs);
    for (SignJob& job : jobs) job.signature.back() ^= 1;
  }

 private:
  SigningKeyPtr real_;
  How how_;
};

TEST_F(IssueTest, NothingIsIssuedWithASignatureThatDoesNotVerify) {
  const auto ca = make_ca();
  for (const auto how : {BrokenKey::How::refuses, BrokenKey::How::lies}) {
    const auto broken =
        CertificateAuthority::create(ca.chain, std::make_shared<BrokenKey>(ca.key.signer(), how));
    ASSERT_TRUE(broken);
    EXPECT_EQ(broken->issue(local_names, 1).error().code, ErrorCode::operation_failed);
  }
}

}  // namespace
}  // namespace bulla::pki
