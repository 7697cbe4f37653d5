// The OCSP responder: what it answers, to whom, for how long, and with whose key; and what OpenSSL and GnuTLS
// make of its answers. Over HTTP: tests/cli/ocsp_http_test.cpp.
#include "ca/database.h"
#include "ca/fixture.h"

#include <bulla/ca_status.h>

#include <gmock/gmock.h>

namespace bulla::ca {
namespace {

using testing::HasSubstr;
using Reason = ca::RevocationReason;
using Status = OcspResponseStatus;
using std::chrono::days, std::chrono::hours;

struct ResponderTest : CaTest {
  void SetUp() override {
    ca.emplace(make());
    const Issuer issuer = ca->unlock().value();
    good = issuer.issue({.names = {"good.example"}}).value().chain.front();
    bad = issuer.issue({.names = {"bad.example"}}).value().chain.front();
    ca->revoke(bad->serial(), Reason::key_compromise).value();
    put("good.pem", pki::to_pem({&good, 1}));
    put("bad.pem", pki::to_pem({&bad, 1}));
  }
  Responder responder(const ResponderOptions& options = {}, const pki::Surroundings& around = {}) const {
    return Responder::unlock(*ca, options, {}, around).value();
  }
  OcspRequest ask(const CertificatePtr& one, Bytes nonce = {}) const {
    return OcspRequest::create(*one, ca->certificate(), nonce).value();
  }
  OcspStatus verified(const OcspReply& reply, const CertificatePtr& one, Time at = now()) const {
    return OcspResponse::from_der(reply.der).value()->verify(*one, ca->certificate(), at).value();
  }
  std::optional<Authority> ca;
  CertificatePtr good, bad;
};

// RFC 6960 §2.2.
TEST_F(ResponderTest, GoodRevokedAndUnknown) {
  Responder one = responder();
  const OcspReply reply = one.answer(ask(good).der());
  EXPECT_EQ(reply.status, Status::successful);
  EXPECT_EQ(verified(reply, good).status, RevocationStatus::good);
  EXPECT_EQ(reply.reuse, OcspReply::Reuse::yes);
  EXPECT_EQ(reply.next_update - reply.this_update, hours(24));
  EXPECT_EQ(verified(reply, good).next_update, reply.next_update);

  const OcspStatus revoked = verified(one.answer(ask(bad).der()), bad);
  EXPECT_EQ(revoked.status, RevocationStatus::revoked);
  EXPECT_EQ(revoked.reason, bulla::RevocationReason::key_compromise);
  EXPECT_EQ(revoked.revoked_at, ca->by_serial(bad->serial()).value().revocation.value().at);

  // Signed by the CA's key, and not recorded: as a thief's would be.
  const auto stolen =
      pki::CertificateAuthority::from_bytes(read_file(path("ca/intermediate.pem")).value(),
                                            read_file(path("ca/intermediate-key.pem")).value())
          .value()
          .issue(std::vector<std::string>{"stolen.example"}, 1)
          .value()
          .chain.front();
  EXPECT_EQ(verified(one.answer(ask(stolen).der()), stolen).status, RevocationStatus::unknown);
}

TEST_F(ResponderTest, ARevocationByAnotherIsSeenByTheNextRequest) {
  Responder one = responder();
  const OcspRequest request = ask(good);
  const OcspReply first = one.answer(request.der()), again = one.answer(request.der());
  EXPECT_EQ(first.der, again.der) << "signed once";
  Authority other = open();
  other.revoke(good->serial(), Reason::superseded).value();
  EXPECT_EQ(verified(one.answer(request.der()), good).status, RevocationStatus::revoked);
}

TEST_F(ResponderTest, AnswersAgeAndAreSignedAnew) {
  Responder one = responder({.validity = hours(8)});
  const OcspRequest request = ask(good);
  const Time start = now();
  const auto at = [&](hours later) { return one.answer(request.der(), {.now = start + later}); };
  const OcspReply first = at(hours(0));
  EXPECT_EQ(at(hours(1)).der, first.der);
  const OcspReply later = at(hours(3));
  EXPECT_NE(later.der, first.der);
  EXPECT_GT(later.next_update, first.next_update);
  EXPECT_NE(at(hours(-1)).der, later.der) << "an answer of the future is none";
}

// RFC 9654 §2.1, RFC 8954.
TEST_F(ResponderTest, ANonceComesBackAndIsForOneClient) {
  Responder one = responder();
  const std::vector<uint8_t> nonce(32, 7), other(32, 8);
  const OcspReply reply = one.answer(ask(good, nonce).der());
  EXPECT_EQ(to_vector(OcspResponse::from_der(reply.der).value()->nonce()), nonce);
  EXPECT_EQ(reply.reuse, OcspReply::Reuse::no);
  EXPECT_NE(one.answer(ask(good, nonce).der()).der, reply.der);
  EXPECT_EQ(to_vector(OcspResponse::from_der(one.answer(ask(good, other).der()).der).value()->nonce()),
            other);
}

TEST_F(ResponderTest, WhatIsNoRequestIsSaidToBeNone) {
  Responder one = responder();
  for (const std::string& garbage :
       {std::string(), std::string("garbage"), std::string("\x30\x00", 2), std::string(70'000, 'x')}) {
    const OcspReply reply = one.answer(as_bytes(garbage));
    EXPECT_EQ(reply.status, Status::malformed_request);
    EXPECT_EQ(OcspResponse::from_der(reply.der).value()->status(), Status::malformed_request);
    EXPECT_EQ(reply.reuse, OcspReply::Reuse::no);
    EXPECT_FALSE(reply.trouble) << "it is the client's";
  }
}

// RFC 6960 §2.3.
TEST_F(ResponderTest, OtherCasAreNotAnsweredFor) {
  Responder one = responder();
  const Authority other = Authority::create(path("other"), {.name = "Other"}).value();
  const auto foreign = other.unlock().value().issue({.names = {"a.example"}}).value().chain.front();
  const OcspRequest request = OcspRequest::create(*foreign, other.certificate()).value();
  EXPECT_EQ(one.answer(request.der()).status, Status::unauthorized);
  // The root signed the intermediate's; this responder speaks for the intermediate.
  const auto& chain = ca->chain();
  EXPECT_EQ(one.answer(OcspRequest::create(*chain.front(), *chain.back()).value().der()).status,
            Status::unauthorized);
}

TEST_F(ResponderTest, BrokenRecordsAreNotGuessedAt) {
  if (!has_sqlite3()) GTEST_SKIP() << "sqlite3 is missing";
  Responder one = responder();
  EXPECT_EQ(one.answer(ask(bad).der()).status, Status::successful);
  sql("UPDATE certificate SET reason = 77 WHERE reason IS NOT NULL");
  const OcspReply reply = one.answer(ask(bad).der());
  EXPECT_EQ(reply.status, Status::internal_error);
  EXPECT_EQ(reply.trouble.value().code, ErrorCode::ca_records_broken);
}

TEST_F(ResponderTest, BusyRecordsAreToBeAskedLater) {
  Responder one = responder();
  const Database other = Database::open(path("ca/records.sqlite")).value();
  ASSERT_TRUE(other.run("PRAGMA locking_mode = EXCLUSIVE"));
  ASSERT_TRUE(other.run("BEGIN EXCLUSIVE"));
  const OcspReply reply = one.answer(ask(good).der());
  EXPECT_EQ(reply.status, Status::try_later);
  EXPECT_EQ(reply.trouble.value().code, ErrorCode::ca_records_busy);
}

// ---- who signs --------------------------------------------------------------------------------------------

// RFC 6960 §4.2.2.2.
TEST_F(ResponderTest, TheDelegateIsRecordedAndShortLived) {
  const Responder one = responder();
  const Record record = ca->by_serial(one.signer().serial()).value();
  EXPECT_EQ(record.made_for, Template::ocsp);
  EXPECT_EQ(name_of(record.made_for), "ocsp");
  EXPECT_LE(one.signer().not_after(), now() + days(7));
  const std::string text = text_of(one.signer());
  EXPECT_THAT(text, HasSubstr("OCSP Signing"));
  EXPECT_THAT(text, HasSubstr("OCSP No Check"));
  const auto ending = ca->records({.ending_until = now() + days(30), .now = now()}).value();
  EXPECT_TRUE(ending.empty()) << "nobody has to care for it";
}

TEST_F(ResponderTest, TheDelegateIsNotRenewedByHand) {
  const Responder one = responder();
  const Issuer issuer = ca->unlock().value();
  EXPECT_EQ(issuer.renew(one.signer().serial()).error().code, ErrorCode::bad_argument);
  EXPECT_EQ(issuer.renew_same_key(one.signer().serial()).error().code, ErrorCode::bad_argument);
}

TEST_F(ResponderTest, TheDelegateIsReplacedInTime) {
  const Time start = now();
  Responder one = responder({.delegate_days = 9}, {.now = start});
  const std::string first = one.signer().serial();
  const OcspRequest request = ask(good);
  one.answer(request.der(), {.now = start + days(5)});
  EXPECT_EQ(one.signer().serial(), first);
  const OcspReply reply = one.answer(request.der(), {.now = start + days(7)});
  EXPECT_NE(one.signer().serial(), first);
  EXPECT_EQ(verified(reply, good, start + days(7)).status, RevocationStatus::good);
}

TEST_F(ResponderTest, AnAnswerEndsWithItsSigner) {
  Responder one = responder({.delegate_days = 3, .validity = days(50)});
  const OcspReply reply = one.answer(ask(good).der());
  EXPECT_EQ(reply.next_update, one.signer().not_after());
}

TEST_F(ResponderTest, TheCasOwnKeySignsWhereThatIsWanted) {
  const size_t recorded = ca->records().value().size();
  Responder one = responder({.key = ResponderKey::ca});
  EXPECT_EQ(one.signer().serial(), ca->certificate().serial());
  EXPECT_EQ(verified(one.answer(ask(bad).der()), bad).status, RevocationStatus::revoked);
  EXPECT_EQ(ca->records().value().size(), recorded);
}

TEST_F(ResponderTest, ARevokedCaAppointsNobody) {
  ca->revoke(ca->certificate().serial(), Reason::ca_compromise).value();
  EXPECT_EQ(Responder::unlock(*ca).error().code, ErrorCode::ca_cannot_sign);
}

TEST_F(ResponderTest, OptionsThatCannotWork) {
  const auto code = [&](const ResponderOptions& options) {
    return Responder::unlock(*ca, options).error().code;
  };
  EXPECT_EQ(code({.delegate_days = 0}), ErrorCode::bad_argument);
  EXPECT_EQ(code({.delegate_days = 366}), ErrorCode::bad_argument);
  EXPECT_EQ(code({.validity = Seconds(59)}), ErrorCode::bad_argument);
  EXPECT_EQ(code({.validity = days(101)}), ErrorCode::bad_argument);
  EXPECT_EQ(
      Responder::unlock(Authority::create(path("locked"), {.name = "L", .passphrase = "secret"}).value())
          .error()
          .code,
      ErrorCode::key_passphrase_needed);
}

// ---- others -----------------------------------------------------------------------------------------------

TEST_F(ResponderTest, OpensslAsksAboutSeveralBySha1AndSha256) {
  Responder one = responder();
  const std::string issuer = "-issuer ca/intermediate.pem ";
  must("openssl ocsp " + issuer + "-cert good.pem -cert bad.pem -sha256 " + issuer +
       "-cert good.pem -reqout request.der");
  const OcspReply reply = one.answer(as_bytes(get("request.der")));
  put("response.der", reply.der);
  const std::string said =
      must("openssl ocsp -CAfile ca/root.pem -verify_other ca/intermediate.pem " + issuer +
           "-reqin request.der -no_nonce -respin response.der -cert good.pem -cert bad.pem -resp_text");
  EXPECT_THAT(said, HasSubstr("Response verify OK"));
  EXPECT_THAT(said, HasSubstr("good.pem: good"));
  EXPECT_THAT(said, HasSubstr("bad.pem: revoked"));
  EXPECT_THAT(said, HasSubstr("Reason: keyCompromise"));
  EXPECT_THAT(said, HasSubstr("Hash Algorithm: sha256"));
  EXPECT_THAT(said, HasSubstr("Hash Algorithm: sha1"));
  EXPECT_EQ(OcspResponse::from_der(reply.der).value()->size(), 3u);
}

}  // namespace
}  // namespace bulla::ca
