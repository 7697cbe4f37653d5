// Certification requests: ours read by openssl, openssl's by us, and those that are refused.
#include "pki/openssl_test.h"
#include "x509/certificate.h"

#include <bulla/pki.h>

namespace bulla::pki {
namespace {

using test::OpensslTest;
using Names = std::vector<std::string>;

struct RequestTest : OpensslTest {
  static CertificateAuthority new_ca(std::optional<unsigned> path_length = {}) {
    const auto ca = NewCa{.name = "Test CA", .path_length = path_length}.issue();
    return CertificateAuthority::create(ca->chain, ca->key.signer()).value();
  }
  /// A request by openssl, for a P-256 key, with the lines of an extension section.
  std::string openssl_request(const std::string& subject, const std::string& extensions) const {
    put("conf", "[req]\ndistinguished_name=dn\nreq_extensions=ext\n[dn]\n[ext]\n" + extensions + "\n");
    must(
        "openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key.pem -out r.csr "
        "-utf8 -subj '" +
        subject + "' -config conf");
    return get("r.csr");
  }
  static Names texts(const std::vector<AltName>& names) {
    Names out;
    for (const AltName& name : names) out.push_back(name.text());
    return out;
  }
};

// RFC 2986 §4, §4.1; RFC 2985 §5.4.2.
TEST_F(RequestTest, OpensslVerifiesOurs) {
  for (const char* kind : {"ecdsa-p256", "ecdsa-p384", "ed25519", "rsa-2048"}) {
    SCOPED_TRACE(kind);
    const auto made =
        NewRequest{.names = {"www.example.com", "*.example.com", "::1"}, .key = *KeyKind::parse(kind)}
            .create();
    ASSERT_TRUE(made) << made.error().message();
    put("r.csr", made->pem());
    must("openssl req -in r.csr -noout -verify");
    const std::string text = must("openssl req -in r.csr -noout -text");
    EXPECT_NE(text.find("DNS:www.example.com, DNS:*.example.com, IP Address:0:0:0:0:0:0:0:1"),
              std::string::npos)
        << text;
    EXPECT_NE(text.find("Subject: CN = www.example.com"), std::string::npos) << text;
    EXPECT_NE(text.find("Version: 1 (0x0)"), std::string::npos) << text;

    const auto request = CertificationRequest::from_pem_or_der(as_bytes(made->pem()));
    ASSERT_TRUE(request) << request.error().message();
    EXPECT_EQ(texts(request->names()), (Names{"www.example.com", "*.example.com", "::1"}));
    EXPECT_TRUE(equal_vartime(request->der(), made->der));
    EXPECT_TRUE(request->not_granted().empty());
  }
}

TEST_F(RequestTest, ForAKeyThatExists) {
  const auto key = KeyPair::generate({KeyType::rsa_pss, 2048});
  ASSERT_TRUE(key);
  const auto der = NewRequest{.names = {"a.example"}}.create_for(*key->signer());
  ASSERT_TRUE(der) << der.error().message();
  put("r.der", *der);
  must("openssl req -inform DER -in r.der -noout -verify");
  EXPECT_TRUE(CertificationRequest::from_pem_or_der(*der));
}

TEST_F(RequestTest, OursAreSignedAndTheChainVerifies) {
  const auto ca = new_ca();
  const auto made = NewRequest{.names = {"www.example.com", "192.0.2.7"}}.create();
  ASSERT_TRUE(made);
  const auto request = CertificationRequest::from_pem_or_der(made->der);
  ASSERT_TRUE(request);
  const auto chain = ca.sign(*request, 30);
  ASSERT_TRUE(chain) << chain.error().message();
  EXPECT_TRUE(Identity::create(*chain, made->key.signer()));
  put("ca.pem", to_pem(ca.chain()));
  put("leaf.pem", to_pem(*chain));
  must(
      "openssl verify -x509_strict -purpose sslserver -verify_hostname www.example.com -CAfile ca.pem "
      "leaf.pem");
  must("openssl verify -x509_strict -verify_ip 192.0.2.7 -CAfile ca.pem leaf.pem");
}

TEST_F(RequestTest, OpensslsAreSigned) {
  const auto ca = new_ca();
  const std::string pem =
      openssl_request("/C=DE/O=Bäcker/CN=www.example.com",
                      "subjectAltName=DNS:www.example.com,IP:2001:db8::1\nkeyUsage=keyEncipherment");
  const auto request = CertificationRequest::from_pem_or_der(as_bytes(pem));
  ASSERT_TRUE(request) << request.error().message();
  EXPECT_EQ(request->subject(), "CN=www.example.com, O=Bäcker, C=DE");
  const auto chain = ca.sign(*request, 30);
  ASSERT_TRUE(chain);
  EXPECT_EQ((*chain)[0]->subject(), request->subject());
  EXPECT_EQ((*chain)[0]->names(), (Names{"www.example.com", "2001:db8::1"}));
  EXPECT_TRUE((*chain)[0]->allows_digital_signature());  // ours, not what was asked for
  put("ca.pem", to_pem(ca.chain()));
  put("leaf.pem", to_pem(*chain));
  must("openssl verify -x509_strict -purpose sslserver -CAfile ca.pem leaf.pem");
}

TEST_F(RequestTest, WithoutNamesTheCommonNameCounts) {
  must("openssl req -new -newkey ed25519 -nodes -keyout key.pem -out r.csr -subj /O=x/CN=Old.example.com");
  const auto request = CertificationRequest::from_pem_or_der(as_bytes(get("r.csr")));
  ASSERT_TRUE(request) << request.error().message();
  EXPECT_EQ(texts(request->names()), Names{"old.example.com"});
  EXPECT_EQ((*new_ca().sign(*request, 1))[0]->names(), Names{"old.example.com"});
}

TEST_F(RequestTest, WithoutAnyNameItIsNotSigned) {
  must("openssl req -new -newkey ed25519 -nodes -keyout key.pem -out r.csr -subj '/O=x/CN=Some Person'");
  const auto request = CertificationRequest::from_pem_or_der(as_bytes(get("r.csr")));
  ASSERT_TRUE(request);
  EXPECT_TRUE(request->names().empty());
  EXPECT_EQ(new_ca().sign(*request, 1).error().code, ErrorCode::csr_unacceptable);
}

// RFC 2986 §3; RFC 2985 §5.4; RFC 7633 §4.
TEST_F(RequestTest, GrantsByAllowListAndListsTheRest) {
  const std::string pem = openssl_request(
      "/CN=x",
      "subjectAltName=DNS:a.example,email:root@a.example,URI:https://a.example\n"
      "extendedKeyUsage=clientAuth,codeSigning\nbasicConstraints=CA:TRUE\ntlsfeature=status_request\n"
      "nameConstraints=permitted;DNS:example\n");
  const auto request = CertificationRequest::from_pem_or_der(as_bytes(pem));
  ASSERT_TRUE(request) << request.error().message();
  EXPECT_TRUE(request->wants_ca());
  EXPECT_EQ(request->not_granted(),
            (std::vector<std::string>{"name email:root@a.example", "name URI:https://a.example",
                                      "purpose 1.3.6.1.5.5.7.3.3", "extension 2.5.29.30"}));
  const auto chain = new_ca().sign(*request, 1);
  ASSERT_TRUE(chain) << chain.error().message();
  put("leaf.pem", to_pem(*chain));
  const std::string text = must("openssl x509 -in leaf.pem -noout -text");
  EXPECT_NE(text.find("CA:FALSE"), std::string::npos);
  EXPECT_NE(text.find("TLS Web Client Authentication\n"), std::string::npos);
  EXPECT_NE(text.find("status_request"), std::string::npos);
  EXPECT_NE(text.find("DNS:a.example\n"), std::string::npos);
  for (const char* part :
       {"Code Signing", "Server Authentication", "email", "URI", "Name Constraints", "CA:TRUE"})
    EXPECT_EQ(text.find(part), std::string::npos) << part;
}

TEST_F(RequestTest, AnIntermediateIsSignedWhenThatIsMeant) {
  const auto root = new_ca();
  const std::string pem = openssl_request("/CN=Intermediate", "basicConstraints=CA:TRUE");
  const auto request = CertificationRequest::from_pem_or_der(as_bytes(pem));
  ASSERT_TRUE(request);
  const auto chain = root.sign(*request, 100, CertificateRole::ca);
  ASSERT_TRUE(chain) << chain.error().message();
  const auto key = KeyPair::load(as_bytes(get("key.pem")));
  const auto intermediate = CertificateAuthority::create(*chain, key->signer());
  ASSERT_TRUE(intermediate) << intermediate.error().message();
  const auto leaf = intermediate->issue(Names{"a.example"}, 1);
  ASSERT_TRUE(leaf);
  EXPECT_EQ(leaf->chain.size(), 2u);
  put("root.pem", to_pem(root.chain()));
  put("chain.pem", leaf->chain_pem());
  must("openssl verify -x509_strict -CAfile root.pem -untrusted chain.pem chain.pem");
  // path length 0: no CA below it
  const auto made = NewRequest{.names = {"b.example"}}.create();
  const auto below = CertificationRequest::from_pem_or_der(made->der);
  EXPECT_EQ(intermediate->sign(*below, 1, CertificateRole::ca).error().code, ErrorCode::ca_cannot_sign);
}

// A mailbox that the subjectAltName of a server does not get is not left in its subject, where programs read
// it too (RFC 5280 §4.1.2.6).
TEST_F(RequestTest, AMailboxInTheSubjectIsAClientsAlone) {
  must(
      "openssl req -new -newkey ed25519 -nodes -keyout key.pem -out r.csr -addext "
      "subjectAltName=DNS:a.example -subj '/C=DE/emailAddress=root@a.example/O=Ex+emailAddress=x@b.example'");
  const auto request = CertificationRequest::from_pem_or_der(as_bytes(get("r.csr")));
  ASSERT_TRUE(request) << request.error().message();
  EXPECT_EQ(request->not_granted(),
            (Names{"name email:root@a.example in the subject", "name email:x@b.example in the subject"}));
  EXPECT_TRUE(request->not_granted(CertificateUse::client).empty());
  EXPECT_EQ((*new_ca().sign(*request, 1))[0]->subject(), "O=Ex, C=DE");
  const auto client = new_ca().sign(*request, Terms{.days = 1, .use = CertificateUse::client});
  ASSERT_TRUE(client) << client.error().message();
  EXPECT_TRUE(equal_vartime((*client)[0]->subject_der(), request->subject_der()));
}

// What is copied into a certificate is shown by programs that are less careful.
TEST_F(RequestTest, ASubjectThatIsNoTextIsNotSigned) {
  const std::string control(1, '\x1b'), long_one(256, 'a'), longest(255, 'a');
  for (const std::string& value : {control + "[2J", std::string("two\nlines"), long_one}) {
    must(
        "openssl req -new -newkey ed25519 -nodes -keyout key.pem -out r.csr -utf8 -addext "
        "subjectAltName=DNS:a.example -subj '/street=" +
        value + "'");
    const auto request = CertificationRequest::from_pem_or_der(as_bytes(get("r.csr")));
    ASSERT_TRUE(request) << request.error().message();
    for (const auto& refused :
         {new_ca().sign(*request, 1), new_ca().sign(*request, 1, CertificateRole::ca)}) {
      ASSERT_FALSE(refused);
      EXPECT_EQ(refused.error().code, ErrorCode::csr_unacceptable);
      EXPECT_LT(refused.error().detail.size(), 1000u);
    }
  }
  must(
      "openssl req -new -newkey ed25519 -nodes -keyout key.pem -out r.csr -utf8 -addext "
      "subjectAltName=DNS:a.example -subj '/street=Größe/street=" +
      longest + "'");
  EXPECT_TRUE(new_ca().sign(CertificationRequest::from_pem_or_der(as_bytes(get("r.csr"))).value(), 1));
}

TEST_F(RequestTest, TheCasOwnNameIsNotGranted) {
  must(
      "openssl req -new -newkey ed25519 -nodes -keyout key.pem -out r.csr -subj '/CN=test ca' -addext "
      "subjectAltName=DNS:a.example");
  const auto request = CertificationRequest::from_pem_or_der(as_bytes(get("r.csr")));
  ASSERT_TRUE(request);
  EXPECT_EQ(new_ca().sign(*request, 1).error().code, ErrorCode::csr_unacceptable);
  EXPECT_EQ(new_ca().sign(*request, 0).error().code, ErrorCode::bad_argument);
}

// RFC 2986 §4.2.
TEST_F(RequestTest, RefusesAlteredOnes) {
  const auto made = NewRequest{.names = {"www.example.com"}}.create();
  ASSERT_TRUE(made);
  std::vector<uint8_t> der = made->der;
  const std::string_view text = as_text(der);
  der[text.rfind("www.example.com")] = 'x';
  EXPECT_EQ(CertificationRequest::from_pem_or_der(der).error().code, ErrorCode::csr_bad_signature);
  der = made->der;
  der.back() ^= 1;
  EXPECT_EQ(CertificationRequest::from_pem_or_der(der).error().code, ErrorCode::csr_bad_signature);
  // Another key's request with this one's signature.
  const auto other = NewRequest{.names = {"www.example.com"}, .key = {KeyType::ed25519}}.create();
  ASSERT_TRUE(other);
  der = other->der;
  der.back() ^= 1;
  EXPECT_EQ(CertificationRequest::from_pem_or_der(der).error().code, ErrorCode::csr_bad_signature);
}

TEST_F(RequestTest, RefusesEveryTruncationAndSurvivesEveryFlip) {
  const auto made = NewRequest{.names = {"www.example.com", "::1"}}.create();
  ASSERT_TRUE(made);
  for (size_t size = 1; size < made->der.size(); ++size)
    EXPECT_EQ(CertificationRequest::from_pem_or_der(Bytes(made->der).first(size)).error().code,
              ErrorCode::csr_malformed)
        << size;
  for (size_t at = 0; at < made->der.size(); ++at) {
    std::vector<uint8_t> der = made->der;
    der[at] ^= 0x11;
    EXPECT_FALSE(CertificationRequest::from_pem_or_der(der)) << at;
  }
  std::vector<uint8_t> longer = made->der;
  longer.push_back(0);
  EXPECT_EQ(CertificationRequest::from_pem_or_der(longer).error().code, ErrorCode::csr_malformed);
  EXPECT_EQ(CertificationRequest::from_pem_or_der(std::vector<uint8_t>(300 * 1024)).error().code,
            ErrorCode::csr_malformed);
}

// RFC 7468 §7.
TEST_F(RequestTest, RefusesOtherFiles) {
  EXPECT_EQ(CertificationRequest::from_pem_or_der({}).error().code, ErrorCode::csr_not_found);
  const auto certificate = SelfSigned{.names = {"a.example"}}.issue();
  const auto wrong = CertificationRequest::from_pem_or_der(as_bytes(certificate->chain_pem()));
  EXPECT_EQ(wrong.error().code, ErrorCode::csr_not_found);
  EXPECT_NE(wrong.error().detail.find("CERTIFICATE"), std::string::npos);
  EXPECT_EQ(CertificationRequest::from_pem_or_der(certificate->certificate().der()).error().code,
            ErrorCode::csr_malformed);
  EXPECT_EQ(CertificationRequest::from_pem_or_der(as_bytes("-----BEGIN CERTIFICATE REQUEST-----\nMII"))
                .error()
                .code,
            ErrorCode::pem_malformed);
}

TEST_F(RequestTest, RefusesWeakAndUnknownKeysAndSignatures) {
  must("openssl req -new -newkey rsa:1024 -nodes -keyout k.pem -out weak.csr -subj /CN=a.example");
  EXPECT_EQ(CertificationRequest::from_pem_or_der(as_bytes(get("weak.csr"))).error().code,
            ErrorCode::csr_unacceptable);
  must(
      "openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:secp256k1 -nodes -keyout k.pem -out curve.csr "
      "-subj /CN=a");
  EXPECT_EQ(CertificationRequest::from_pem_or_der(as_bytes(get("curve.csr"))).error().code,
            ErrorCode::csr_unacceptable);
  must("openssl req -new -newkey rsa:2048 -sha1 -nodes -keyout k.pem -out sha1.csr -subj /CN=a.example");
  EXPECT_EQ(CertificationRequest::from_pem_or_der(as_bytes(get("sha1.csr"))).error().code,
            ErrorCode::csr_unacceptable);
}

TEST_F(RequestTest, RefusesBadNamesInside) {
  const std::string pem = openssl_request("/CN=x", "subjectAltName=DNS:*.com");
  EXPECT_EQ(CertificationRequest::from_pem_or_der(as_bytes(pem)).error().code, ErrorCode::csr_unacceptable);
  EXPECT_EQ(NewRequest{.names = {"a b"}}.create().error().code, ErrorCode::bad_name);
  EXPECT_EQ(NewRequest{}.create().error().code, ErrorCode::bad_name);
  EXPECT_EQ((NewRequest{.names = {"a.example"}, .key = {KeyType::rsa, 1024}}.create().error().code),
            ErrorCode::bad_argument);
}

}  // namespace
}  // namespace bulla::pki
