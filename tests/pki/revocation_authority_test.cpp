// Lists and OCSP responses that our CA makes, judged by openssl and GnuTLS; and theirs, judged by us.
#include "pki/openssl_test.h"
#include "x509/certificate.h"

#include <bulla/os.h>
#include <bulla/revocation_authority.h>

#include <gmock/gmock.h>

namespace bulla::pki {
namespace {

using namespace std::chrono_literals;
using std::chrono::days;
using test::OpensslTest;
using testing::HasSubstr;

const KeyKind ed25519 = {.type = KeyType::ed25519};

/// As openssl's index has serial numbers.
std::string upper(std::string text) {
  for (char& c : text) c = c >= 'a' ? static_cast<char>(c - 'a' + 'A') : c;
  return text;
}

struct RevocationAuthorityTest : OpensslTest {
  const Time now = std::chrono::floor<Seconds>(bulla::now());
  Issued ca = NewCa{.name = "Test CA"}.issue().value();
  CertificateAuthority authority = CertificateAuthority::create(ca.chain, ca.key.signer()).value();
  Issued good = issue("good.example"), revoked = issue("revoked.example");

  Issued issue(std::string name) const { return authority.issue({&name, 1}, 30).value(); }
  RevokedCertificate revocation(RevocationReason reason = RevocationReason::key_compromise) const {
    return {.serial = revoked.certificate().serial(), .revoked_at = now - 2h, .reason = reason};
  }
  /// A list that names `revoked`.
  RevocationListPtr list(const CertificateAuthority& of, std::span<const RevokedCertificate> entries) const {
    return of
        .revocation_list({.revoked = entries, .number = 7, .this_update = now - 1h, .next_update = now + 24h})
        .value();
  }
  OcspAnswers answers() const {
    return {.status_of =
                [this](std::string_view serial) {
                  if (serial == revoked.certificate().serial())
                    return OcspAnswer{.status = RevocationStatus::revoked,
                                      .revoked_at = now - 2h,
                                      .reason = RevocationReason::superseded};
                  return OcspAnswer{.status = serial == good.certificate().serial()
                                                  ? RevocationStatus::good
                                                  : RevocationStatus::unknown};
                },
            .this_update = now - 1min,
            .next_update = now + 12h};
  }
  OcspRequest request(const Issued& about, Bytes nonce = {}) const {
    return OcspRequest::create(about.certificate(), authority.certificate(), nonce).value();
  }
  /// ca.pem, good.pem, revoked.pem.
  void put_certificates() const {
    put("ca.pem", ca.chain_pem());
    put("good.pem", good.chain_pem());
    put("revoked.pem", revoked.chain_pem());
  }
  Result<ChainVerified> verify(const Issued& leaf, const RevocationLists& lists,
                               RevocationPolicy policy = RevocationPolicy::required) const {
    RootStore roots;
    roots.add(ca.chain.front());
    return WebPkiVerifier(roots, {.revocation = policy, .lists = lists})
        .verify({.chain = leaf.chain, .now = now});
  }
  bool lacks(const char* tool) const { return run(std::string("command -v ") + tool).status != 0; }
};

TEST_F(RevocationAuthorityTest, AListSaysWhatItWasGiven) {
  const RevokedCertificate entries[] = {
      revocation(),
      {.serial = "0abc", .revoked_at = now - 3h, .reason = RevocationReason::unspecified},
      {.serial = "80", .revoked_at = now - 4h, .invalid_since = now - 5h}};
  const auto made = list(authority, entries);
  EXPECT_EQ(made->issuer(), "CN=Test CA");
  EXPECT_EQ(made->number(), "07");
  EXPECT_EQ(made->this_update(), now - 1h);
  EXPECT_EQ(made->next_update(), now + 24h);
  EXPECT_EQ(made->size(), 3u);
  EXPECT_EQ(made->find(revoked.certificate().serial()).value().reason, RevocationReason::key_compromise);
  EXPECT_FALSE(made->find("abc").value().reason) << "RFC 5280 §5.3.1: unspecified is left out";
  EXPECT_EQ(made->find("80").value().invalid_since, now - 5h);
  EXPECT_EQ(made->find("80").value().revoked_at, now - 4h);
  RevocationLists lists;
  lists.add(made);
  EXPECT_TRUE(verify(good, lists).ok());
  const auto refused = verify(revoked, lists);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::certificate_revoked);
}

TEST_F(RevocationAuthorityTest, AnEmptyListIsAList) {
  RevocationLists lists;
  lists.add(list(authority, {}));
  EXPECT_TRUE(verify(revoked, lists).ok());
  put("ca.crl", to_pem(*list(authority, {})));
  EXPECT_THAT(must("openssl crl -in ca.crl -noout -text"), HasSubstr("No Revoked Certificates"));
}

TEST_F(RevocationAuthorityTest, ListsThatNobodyWouldAcceptAreNotMade) {
  const auto code = [&](std::vector<RevokedCertificate> entries, Time from, Time to) {
    const auto made =
        authority.revocation_list({.revoked = entries, .number = 1, .this_update = from, .next_update = to});
    return made.ok() ? std::nullopt : std::optional(made.error().code);
  };
  EXPECT_EQ(code({{.serial = "05", .revoked_at = now}}, now, now + 1h), std::nullopt);
  EXPECT_EQ(code({}, now, now), ErrorCode::bad_argument);
  EXPECT_EQ(code({{.serial = "xyz"}}, now, now + 1h), ErrorCode::bad_argument);
  EXPECT_EQ(code({{.serial = ""}}, now, now + 1h), ErrorCode::bad_argument);
  EXPECT_EQ(code({{.serial = "05"}, {.serial = "0005"}}, now, now + 1h), ErrorCode::bad_argument);
  EXPECT_EQ(code({{.serial = "05", .reason = RevocationReason::remove_from_crl}}, now, now + 1h),
            ErrorCode::bad_argument);
}

TEST_F(RevocationAuthorityTest, OpensslAndGnuTlsAcceptOurLists) {
  put_certificates();
  for (const char* kind : {"ecdsa-p256", "ecdsa-p384", "ed25519", "rsa-2048"}) {
    SCOPED_TRACE(kind);
    const Issued other = NewCa{.name = "Other CA", .key = KeyKind::parse(kind).value()}.issue().value();
    const auto of = CertificateAuthority::create(other.chain, other.key.signer()).value();
    const std::string name = "leaf.example";
    const Issued leaf = of.issue({&name, 1}, 30, ed25519).value();
    const RevokedCertificate entries[] = {
        {.serial = "1234", .revoked_at = now - 3h, .reason = RevocationReason::ca_compromise}};
    put("other.pem", other.chain_pem());
    put("leaf.pem", leaf.chain_pem());
    put("other.crl", to_pem(*list(of, entries)));
    must("openssl crl -in other.crl -CAfile other.pem -noout");
    must("openssl verify -x509_strict -crl_check -CAfile other.pem -CRLfile other.crl leaf.pem");
    if (lacks("certtool")) continue;
    must("certtool --crl-info --infile other.crl");
    EXPECT_THAT(must("certtool --verify-crl --load-ca-certificate other.pem --infile other.crl"),
                HasSubstr("Verified"));
  }
  const RevokedCertificate entries[] = {revocation()};
  put("ca.crl", to_pem(*list(authority, entries)));
  const std::string text = must("openssl crl -in ca.crl -noout -text");
  EXPECT_THAT(text, HasSubstr("Version 2"));
  EXPECT_THAT(text, HasSubstr("X509v3 Authority Key Identifier"));
  EXPECT_THAT(text, testing::ContainsRegex("X509v3 CRL Number:[^a-z]*7"));
  EXPECT_THAT(text, HasSubstr("Key Compromise"));
  must("openssl verify -crl_check -CAfile ca.pem -CRLfile ca.crl good.pem");
  const auto refused = run("openssl verify -crl_check -CAfile ca.pem -CRLfile ca.crl revoked.pem");
  EXPECT_NE(refused.status, 0);
  EXPECT_THAT(refused.output, HasSubstr("certificate revoked"));
}

TEST_F(RevocationAuthorityTest, WeAcceptOpensslsAndGnuTlssLists) {
  put_certificates();
  put("ca-key.pem", ca.key.to_pem().reveal());
  put("index.txt", "");
  put("ca.cnf",
      "[ca]\ndefault_ca=c\n[c]\ndatabase=index.txt\ncrlnumber=number\ndefault_md=sha256\n"
      "default_crl_days=30\ncrl_extensions=e\nunique_subject=no\n[e]\nauthorityKeyIdentifier=keyid\n");
  put("number", "0a\n");
  const auto read = [&](const char* file) {
    auto lists = RevocationList::from_pem_or_der(as_bytes(get(file)));
    EXPECT_TRUE(lists.ok()) << lists.error().explain();
    RevocationLists out;
    if (lists) out.add(lists->front());
    return out;
  };
  const std::string with = "openssl ca -config ca.cnf -cert ca.pem -keyfile ca-key.pem ";
  must(with + "-gencrl -out empty.crl");
  EXPECT_TRUE(verify(revoked, read("empty.crl")).ok());
  must(with + "-revoke revoked.pem -crl_reason keyCompromise");
  must(with + "-gencrl -out full.crl");
  EXPECT_TRUE(verify(good, read("full.crl")).ok());
  const auto refused = verify(revoked, read("full.crl"));
  ASSERT_FALSE(refused.ok());
  EXPECT_THAT(refused.error().detail, HasSubstr("keyCompromise"));
  if (lacks("certtool")) GTEST_SKIP() << "certtool is missing";
  put("crl.cfg", "crl_next_update = 30\ncrl_number = 5\n");
  must(
      "certtool --generate-crl --load-ca-privkey ca-key.pem --load-ca-certificate ca.pem --load-certificate "
      "revoked.pem --template crl.cfg --outfile gnutls.crl");
  // GnuTLS lets its lists begin this very second, which may lie ahead of `now`.
  EXPECT_TRUE(verify(good, read("gnutls.crl")).ok());
  EXPECT_EQ(verify(revoked, read("gnutls.crl")).error().code, ErrorCode::certificate_revoked);
}

// ---- OCSP -------------------------------------------------------------------------------------------------

TEST_F(RevocationAuthorityTest, AResponseSaysWhatItWasAsked) {
  const std::vector<uint8_t> nonce(32, 0x5a);
  const auto response = authority.ocsp_response(request(revoked, nonce), answers(), {.now = now}).value();
  EXPECT_EQ(response->status(), OcspResponseStatus::successful);
  EXPECT_EQ(to_hex(response->nonce()), to_hex(nonce));
  EXPECT_EQ(response->produced_at(), now);
  ASSERT_EQ(response->size(), 1u);
  const auto status = response->verify(revoked.certificate(), authority.certificate(), now);
  ASSERT_TRUE(status.ok()) << status.error().explain();
  EXPECT_EQ(status->status, RevocationStatus::revoked);
  EXPECT_EQ(status->reason, RevocationReason::superseded);
  EXPECT_EQ(status->revoked_at, now - 2h);
  EXPECT_EQ(status->this_update, now - 1min);
  EXPECT_EQ(status->next_update, now + 12h);
  const auto fine = authority.ocsp_response(request(good), answers()).value();
  EXPECT_TRUE(fine->nonce().empty());
  EXPECT_EQ(fine->verify(good.certificate(), authority.certificate(), now)->status, RevocationStatus::good);
  const Issued stranger = issue("stranger.example");
  const auto unknown = authority.ocsp_response(request(stranger), answers()).value();
  EXPECT_EQ(unknown->verify(stranger.certificate(), authority.certificate(), now)->status,
            RevocationStatus::unknown);
}

// RFC 6960 §2.3
TEST_F(RevocationAuthorityTest, RequestsForOthersAreNotAnswered) {
  const Issued other_ca = NewCa{.name = "Test CA"}.issue().value();
  const auto other = CertificateAuthority::create(other_ca.chain, other_ca.key.signer()).value();
  EXPECT_EQ(other.ocsp_response(request(good), answers()).value()->status(),
            OcspResponseStatus::unauthorized);
}

TEST_F(RevocationAuthorityTest, AppointedRespondersAnswer) {
  const Issued responder = authority.issue_ocsp_responder("Test responder", 7, ed25519).value();
  OcspAnswers how = answers();
  how.responder = responder.chain.front();
  how.responder_key = responder.key.signer();
  const auto response = authority.ocsp_response(request(good), how).value();
  EXPECT_TRUE(response->verify(good.certificate(), authority.certificate(), now).ok());
  put_certificates();
  put("request.der", request(good).der());
  put("response.der", response->der());
  // openssl takes the CA as trusted, and finds the responder's certificate in the response.
  EXPECT_THAT(
      must("openssl ocsp -CAfile ca.pem -issuer ca.pem -cert good.pem -respin response.der -no_nonce"),
      HasSubstr("good.pem: good"));

  const auto code = [&] { return authority.ocsp_response(request(good), how).error().code; };
  how.responder_key = ca.key.signer();
  EXPECT_EQ(code(), ErrorCode::bad_argument) << "another key";
  how.responder_key = nullptr;
  EXPECT_EQ(code(), ErrorCode::bad_argument) << "no key";
  how.responder = good.chain.front();
  how.responder_key = good.key.signer();
  EXPECT_EQ(code(), ErrorCode::bad_argument) << "not appointed";
  const Issued other_ca = NewCa{.name = "Test CA"}.issue().value();
  const auto other = CertificateAuthority::create(other_ca.chain, other_ca.key.signer()).value();
  const Issued foreign = other.issue_ocsp_responder("Test responder", 7).value();
  how.responder = foreign.chain.front();
  how.responder_key = foreign.key.signer();
  EXPECT_EQ(code(), ErrorCode::bad_argument) << "of another CA";
}

TEST_F(RevocationAuthorityTest, AnswersInTheWrongOrderAreNotMade) {
  OcspAnswers how = answers();
  how.next_update = how.this_update;
  EXPECT_EQ(authority.ocsp_response(request(good), how).error().code, ErrorCode::bad_argument);
}

TEST_F(RevocationAuthorityTest, RefusalsAreResponses) {
  const auto der = ocsp_refusal(OcspResponseStatus::try_later);
  EXPECT_EQ(OcspResponse::from_der(der).value()->status(), OcspResponseStatus::try_later);
  put("response.der", der);
  EXPECT_THAT(run("openssl ocsp -respin response.der -resp_text").output, HasSubstr("trylater"));
}

TEST_F(RevocationAuthorityTest, OpensslAndGnuTlsAcceptOurResponses) {
  put_certificates();
  must("openssl ocsp -issuer ca.pem -cert good.pem -cert revoked.pem -reqout request.der");
  const auto asked = OcspRequest::from_der(as_bytes(get("request.der"))).value();
  ASSERT_EQ(asked.size(), 2u);
  EXPECT_FALSE(asked.nonce().empty());
  put("response.der", authority.ocsp_response(asked, answers()).value()->der());
  // The request of the file has the nonce to compare with; -no_nonce keeps it from being replaced.
  const std::string said = must(
      "openssl ocsp -CAfile ca.pem -issuer ca.pem -reqin request.der -no_nonce -respin response.der "
      "-cert good.pem -cert revoked.pem");
  EXPECT_THAT(said, HasSubstr("Response verify OK"));
  EXPECT_THAT(said, HasSubstr("good.pem: good"));
  EXPECT_THAT(said, HasSubstr("revoked.pem: revoked"));
  EXPECT_THAT(said, HasSubstr("Reason: superseded"));
  if (lacks("ocsptool")) GTEST_SKIP() << "ocsptool is missing";
  put("single.der", authority.ocsp_response(request(good), answers()).value()->der());
  EXPECT_THAT(must("ocsptool --verify-response --load-signer ca.pem --infile single.der"),
              HasSubstr("Success"));
  EXPECT_THAT(must("ocsptool --response-info --infile single.der"), HasSubstr("Certificate Status: good"));
  must("ocsptool --generate-request --load-issuer ca.pem --load-cert good.pem --outfile gnutls.der");
  const auto of_gnutls = OcspRequest::from_der(as_bytes(get("gnutls.der"))).value();
  EXPECT_EQ(of_gnutls.serial(0), good.certificate().serial());
  EXPECT_TRUE(of_gnutls.is_issued_by(0, authority.certificate()));
}

TEST_F(RevocationAuthorityTest, WeAcceptOpensslsResponses) {
  put_certificates();
  put("ca-key.pem", ca.key.to_pem().reveal());
  put("request.der", request(good, std::vector<uint8_t>(16, 1)).der());
  const std::string serial = good.certificate().serial();
  put("index.txt", "V\t491231235959Z\t\t" + upper(serial) + "\tunknown\t/CN=good.example\n");
  must(
      "openssl ocsp -index index.txt -CA ca.pem -rsigner ca.pem -rkey ca-key.pem -reqin request.der -respout "
      "response.der -ndays 7");
  const auto response = OcspResponse::from_der(as_bytes(get("response.der")));
  ASSERT_TRUE(response.ok()) << response.error().explain();
  EXPECT_EQ(to_hex((*response)->nonce()), to_hex(std::vector<uint8_t>(16, 1)));
  const auto status = (*response)->verify(good.certificate(), authority.certificate(), now + 1min);
  ASSERT_TRUE(status.ok()) << status.error().explain();
  EXPECT_EQ(status->status, RevocationStatus::good);
}

}  // namespace
}  // namespace bulla::pki
