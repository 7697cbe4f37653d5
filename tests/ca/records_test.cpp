// What is said of certificates after they were issued: found, renewed, revoked, counted.
#include "ca/fixture.h"

#include <algorithm>
#include <set>

namespace bulla::ca {
namespace {

using std::chrono::days;

struct RecordsTest : CaTest {
  static std::string issue(const Authority& ca, const std::string& name, unsigned days = 0) {
    return ca.unlock().value().issue({.names = {name}}, {.days = days}).value().certificate().serial();
  }
};

TEST_F(RecordsTest, ACertificateIsFoundByItsNumberInEverySpelling) {
  const Authority ca = make();
  const std::string serial = issue(ca, "a.example");
  std::string upper = serial, colons;
  for (char& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  for (size_t i = 0; i < serial.size(); i += 2) colons += (i ? ":" : "") + serial.substr(i, 2);
  for (const std::string& text : {serial, upper, colons, "0x" + serial, "0X" + upper, serial.substr(0, 6),
                                  serial.substr(0, 31), colons.substr(0, 8)})
    EXPECT_EQ(ca.by_serial(text).value().serial(), serial) << text;
}

TEST_F(RecordsTest, WhatIsNotRecordedIsUnknown) {
  Authority ca = make();
  const std::string serial = issue(ca, "a.example");
  std::string other = serial;
  other.back() = other.back() == '0' ? '1' : '0';
  for (const std::string& text : {std::string(), std::string("0x"), std::string("00"), std::string("zz"),
                                  other, serial + "00", serial.substr(0, 5), serial + ' ',
                                  "' OR 1=1 --" + serial, std::string("%"), std::string(100'000, 'a')}) {
    EXPECT_EQ(ca.by_serial(text).error().code, ErrorCode::ca_certificate_unknown) << text.substr(0, 50);
    EXPECT_EQ(ca.revoke(text, RevocationReason::superseded).error().code, ErrorCode::ca_certificate_unknown);
    EXPECT_LT(ca.by_serial(text).error().message().size(), 1000u);
  }
  EXPECT_EQ(ca.find("b.example").error().code, ErrorCode::ca_certificate_unknown);
  EXPECT_EQ(ca.find("a.exampl_").error().code, ErrorCode::ca_certificate_unknown);
  EXPECT_EQ(ca.unlock().value().renew(other).error().code, ErrorCode::ca_certificate_unknown);
  EXPECT_EQ(ca.unlock().value().renew_same_key(other).error().code, ErrorCode::ca_certificate_unknown);
}

TEST_F(RecordsTest, ANameMeansItsNewestCertificateThatIsNotRevoked) {
  Authority ca = make();
  const std::string first = issue(ca, "www.example.com"), second = issue(ca, "www.example.com");
  EXPECT_EQ(ca.find("WWW.example.com.").value().serial(), second);
  ASSERT_TRUE(ca.revoke(second, RevocationReason::key_compromise));
  EXPECT_EQ(ca.find("www.example.com").value().serial(), first);
  ASSERT_TRUE(ca.revoke(first, RevocationReason::key_compromise));
  EXPECT_EQ(ca.find("www.example.com").value().serial(), second);
  const std::string v6 = issue(ca, "2001:db8::1");
  EXPECT_EQ(ca.find("[2001:DB8:0:0::1]").value().serial(), v6);
  EXPECT_EQ(ca.find("Test Root CA").value().made_for, Template::ca);
}

// RFC 5280 §5.3.1.
TEST_F(RecordsTest, ARevocationHasATimeAndAReason) {
  Authority ca = make();
  const Time then = now();
  for (const char* text :
       {"unspecified", "key-compromise", "keyCompromise", "KEY_COMPROMISE", "affiliationChanged",
        "superseded", "cessation-of-operation", "privilege-withdrawn", "ca-compromise"}) {
    const std::string serial = issue(ca, "a.example");
    const RevocationReason reason = parse_reason(text).value();
    const Record told = ca.revoke(serial, reason, {.now = then}).value();
    const Record record = open().by_serial(serial).value();
    EXPECT_EQ(record.state(then), State::revoked);
    EXPECT_EQ(record.state(then + days(10'000)), State::revoked);
    ASSERT_TRUE(record.revocation);
    EXPECT_EQ(record.revocation->reason, reason);
    EXPECT_EQ(record.revocation->at, std::chrono::floor<std::chrono::seconds>(then));
    EXPECT_EQ(told.revocation->at, record.revocation->at);
  }
  EXPECT_EQ(open().records({.revoked = true}).value().size(), 9u);
  for (const char* text : {"", "because", "certificateHold", "removeFromCRL", "1"}) {
    EXPECT_EQ(parse_reason(text).error().code, ErrorCode::bad_argument) << text;
    EXPECT_NE(parse_reason(text).error().remedy.find("key-compromise"), std::string::npos);
  }
  EXPECT_EQ(static_cast<int>(parse_reason("privilegeWithdrawn").value()), 9);
}

TEST_F(RecordsTest, WhatIsRevokedStaysAsItWasRevoked) {
  Authority ca = make();
  const std::string serial = issue(ca, "a.example");
  const Record first = ca.revoke(serial, RevocationReason::key_compromise, {.now = now() - days(1)}).value();
  const Error again = ca.revoke(serial, RevocationReason::superseded).error();
  EXPECT_EQ(again.code, ErrorCode::ca_revoked);
  EXPECT_NE(again.detail.find("key-compromise"), std::string::npos) << again.detail;
  const Record record = ca.by_serial(serial).value();
  EXPECT_EQ(record.revocation->reason, RevocationReason::key_compromise);
  EXPECT_EQ(record.revocation->at, first.revocation->at);
}

TEST_F(RecordsTest, TheRootIsNotRevokedByItself) {
  Authority ca = make();
  EXPECT_EQ(ca.revoke(ca.root().serial(), RevocationReason::ca_compromise).error().code,
            ErrorCode::bad_argument);
  EXPECT_TRUE(ca.revoke(ca.certificate().serial(), RevocationReason::ca_compromise));
}

TEST_F(RecordsTest, StatesFollowTheDates) {
  const Time then = now();
  const Authority ca = make({.name = "Test"}, {.now = then});
  const auto issued =
      ca.unlock().value().issue({.names = {"a.example"}}, {.days = 10}, {.now = then}).value();
  const Record record = ca.by_serial(issued.certificate().serial()).value();
  EXPECT_EQ(record.state(issued.certificate().not_before() - std::chrono::seconds(1)), State::not_yet_valid);
  EXPECT_EQ(record.state(issued.certificate().not_before()), State::valid);
  EXPECT_EQ(record.state(issued.certificate().not_after()), State::valid);
  EXPECT_EQ(record.state(issued.certificate().not_after() + std::chrono::seconds(1)), State::expired);
}

TEST_F(RecordsTest, ThoseThatEndSoonAndStillNeedSomebody) {
  const Time then = now();
  Authority ca = make();
  const std::string soon = issue(ca, "soon.example", 10), later = issue(ca, "later.example", 30),
                    revoked = issue(ca, "revoked.example", 10), renewed = issue(ca, "renewed.example", 10);
  ASSERT_TRUE(ca.revoke(revoked, RevocationReason::superseded));
  const std::string newer = ca.unlock().value().renew(renewed, {.days = 50}).value().certificate().serial();
  const auto ending = [&](int in_days, Time at) {
    std::set<std::string> out;
    const auto found = ca.records({.ending_until = at + days(in_days), .now = at}).value();
    for (const Record& record : found) out.insert(record.serial());
    return out;
  };
  using Set = std::set<std::string>;
  EXPECT_EQ(ending(9, then), Set{});
  EXPECT_EQ(ending(11, then), Set{soon});
  EXPECT_EQ(ending(31, then), (Set{soon, later}));
  EXPECT_EQ(ending(51, then), (Set{soon, later, newer}));
  EXPECT_EQ(ending(31, then + days(12)), (Set{later})) << "what has ended is nobody's task any more";
}

// ---- renewing ---------------------------------------------------------------------------------------------

TEST_F(RecordsTest, ARenewalHasTheSameNamesAndANewKey) {
  const Authority ca = make();
  const Issuer issuer = ca.unlock().value();
  const auto old = issuer
                       .issue({.names = {"www.example.com", "*.example.com", "192.0.2.7", "2001:db8::1"}},
                              {.use = pki::CertificateUse::both, .days = 33, .key = {KeyType::ed25519}})
                       .value();
  const auto renewed = issuer.renew(old.certificate().serial()).value();
  const Certificate &before = old.certificate(), &after = renewed.certificate();
  EXPECT_EQ(after.subject(), before.subject());
  EXPECT_EQ(after.names(), before.names());
  EXPECT_NE(after.serial(), before.serial());
  EXPECT_EQ(after.public_key().type, KeyType::ed25519);
  EXPECT_FALSE(equal_vartime(after.spki(), before.spki()));
  EXPECT_EQ(after.not_after() - after.not_before(), before.not_after() - before.not_before());
  EXPECT_TRUE(renewed.identity());
  put("renewed.pem", renewed.chain_pem());
  must(
      "openssl verify -x509_strict -purpose sslclient -CAfile ca/root.pem -untrusted renewed.pem "
      "renewed.pem");
  const Record record = ca.by_serial(after.serial()).value();
  EXPECT_EQ(record.origin, Origin::renew);
  EXPECT_EQ(record.made_for, Template::both);
  EXPECT_EQ(record.predecessor, before.serial());
  EXPECT_EQ(ca.by_serial(before.serial()).value().successor, after.serial());
  EXPECT_FALSE(ca.by_serial(before.serial()).value().revocation);
}

TEST_F(RecordsTest, ARenewalMayKeepTheKeyOrTakeAnotherKind) {
  const Authority ca = make();
  const Issuer issuer = ca.unlock().value();
  const auto old = issuer.issue({.names = {"a.example"}}).value();
  const auto same = issuer.renew_same_key(old.certificate().serial(), {.days = 7}).value();
  EXPECT_TRUE(equal_vartime(same.front()->spki(), old.certificate().spki()));
  EXPECT_TRUE(Identity::create(same, old.key.signer()));
  EXPECT_LE(same.front()->not_after() - now(), days(7));
  const auto rsa = issuer.renew(same.front()->serial(), {.key = pki::KeyKind{KeyType::rsa, 2048}}).value();
  EXPECT_EQ(rsa.certificate().public_key().type, KeyType::rsa);
  const auto again = issuer.renew(rsa.certificate().serial()).value();
  EXPECT_EQ(again.certificate().public_key().modulus.size(), 256u);
}

TEST_F(RecordsTest, PeopleAndMustStapleSurviveARenewal) {
  const Authority ca = make();
  const Issuer issuer = ca.unlock().value();
  const auto ada = issuer
                       .issue({.names = {"ada@example.com"}, .common_name = "Ada Lovelace"},
                              {.use = pki::CertificateUse::client})
                       .value();
  const std::string text = text_of(issuer.renew(ada.certificate().serial()).value().certificate());
  EXPECT_NE(text.find("email:ada@example.com"), std::string::npos);
  EXPECT_NE(text.find("CN = Ada Lovelace"), std::string::npos);
  must(
      "openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout k.pem -out r.csr -subj "
      "'/O=Example/CN=b.example' -addext tlsfeature=status_request");
  const auto request = pki::CertificationRequest::from_pem_or_der(as_bytes(get("r.csr"))).value();
  const auto stapled = issuer.sign(request).value();
  const std::string renewed = text_of(*issuer.renew_same_key(stapled.front()->serial()).value().front());
  EXPECT_NE(renewed.find("status_request"), std::string::npos) << renewed;
  EXPECT_NE(renewed.find("O = Example"), std::string::npos) << renewed;
}

TEST_F(RecordsTest, NeitherRevokedCertificatesNorCasAreRenewed) {
  Authority ca = make();
  const Issuer issuer = ca.unlock().value();
  const std::string serial = issue(ca, "a.example");
  ASSERT_TRUE(ca.revoke(serial, RevocationReason::key_compromise));
  EXPECT_EQ(issuer.renew(serial).error().code, ErrorCode::ca_revoked);
  EXPECT_EQ(issuer.renew_same_key(serial).error().code, ErrorCode::ca_revoked);
  EXPECT_EQ(issuer.renew(ca.certificate().serial()).error().code, ErrorCode::bad_argument);
  EXPECT_EQ(issuer.renew(ca.root().serial()).error().code, ErrorCode::bad_argument);
  EXPECT_EQ(ca.records().value().size(), 3u);
}

TEST_F(RecordsTest, AnExpiredCertificateIsRenewed) {
  const Time then = now() - days(100);
  const Authority ca = make({.name = "Test"}, {.now = then});
  const Issuer issuer = ca.unlock().value();
  const auto old = issuer.issue({.names = {"a.example"}}, {.days = 10}, {.now = then}).value();
  EXPECT_TRUE(issuer.renew(old.certificate().serial()));
}

// RFC 5280 §5.2.3.
TEST_F(RecordsTest, CrlNumbersGoUpByOneForEverybody) {
  Authority one = make(), two = open();
  EXPECT_EQ(one.next_crl_number().value(), 1u);
  EXPECT_EQ(two.next_crl_number().value(), 2u);
  EXPECT_EQ(one.next_crl_number().value(), 3u);
  EXPECT_EQ(open().next_crl_number().value(), 4u);
}

// ---- the certificate of a server on this machine ----------------------------------------------------------

TEST_F(RecordsTest, AServersCertificateIsKeptWhileItIsGood) {
  Authority ca = make({.name = "Test", .passphrase = "secret"});
  EXPECT_EQ(ca.fitting_identity().error().code, ErrorCode::key_passphrase_needed);
  EXPECT_EQ(ca.records().value().size(), 2u);
  const auto first = ca.fitting_identity(pki::LocalCa::local_names(), "secret").value();
  EXPECT_TRUE(first.newly_issued);
  EXPECT_EQ(mode("ca/cert-localhost-key.pem"), 0600u);
  ASSERT_EQ(ca.records().value().size(), 3u);
  const std::string serial = first.identity->leaf().serial();
  EXPECT_EQ(ca.by_serial(serial).value().made_for, Template::server);
  // No key is needed for what is there, and nothing is issued.
  const auto again = open().fitting_identity().value();
  EXPECT_FALSE(again.newly_issued);
  EXPECT_EQ(again.identity->leaf().serial(), serial);
  EXPECT_EQ(again.identity->chain().size(), 2u);
  // Other names are another certificate.
  EXPECT_TRUE(open().fitting_identity({"other.example"}, "secret").value().newly_issued);
  // Two thirds of its days are gone.
  const Time late = first.identity->leaf().not_after() - std::chrono::days(29);
  EXPECT_EQ(ca.fitting_identity(pki::LocalCa::local_names(), {}, {.now = late}).error().code,
            ErrorCode::key_passphrase_needed);
  // What clients are told to refuse is not shown to them.
  ASSERT_TRUE(ca.revoke(serial, RevocationReason::key_compromise));
  EXPECT_EQ(ca.fitting_identity().error().code, ErrorCode::key_passphrase_needed);
  const auto next = ca.fitting_identity(pki::LocalCa::local_names(), "secret").value();
  EXPECT_TRUE(next.newly_issued);
  EXPECT_NE(next.identity->leaf().serial(), serial);
}

TEST_F(RecordsTest, AServersCertificateThatIsNotInTheRecordsIsNotShown) {
  Authority ca = make();
  ASSERT_TRUE(Authority::create(path("elsewhere"), {.name = "Test"}).value().fitting_identity());
  must("cp elsewhere/cert-localhost.pem elsewhere/cert-localhost-key.pem ca/");
  EXPECT_TRUE(ca.fitting_identity().value().newly_issued);
  put("ca/cert-localhost.pem", "garbage");
  EXPECT_TRUE(ca.fitting_identity().value().newly_issued);
}

// ---- the local CA -----------------------------------------------------------------------------------------

TEST_F(RecordsTest, TheLocalCaIsAdoptedAsItIs) {
  const auto local = pki::LocalCa::open({.folder = folder(), .name = "Local"}).value();
  const auto fitting = local.fitting_identity().value();
  ASSERT_TRUE(local.fitting_identity({"other.example"}));
  put("ca/cert-foreign.pem", pki::SelfSigned{.names = {"a.example"}}.issue().value().chain_pem());
  put("ca/cert-garbage.pem", "garbage");
  const std::string before = must("cat ca/ca.pem ca/ca-key.pem ca/cert-* | sha256sum");

  EXPECT_TRUE(Authority::is_there(folder()));
  EXPECT_FALSE(Authority::keeps_records(folder()));
  Authority ca = open();
  EXPECT_TRUE(Authority::keeps_records(folder()));
  EXPECT_TRUE(ca.is_local());
  EXPECT_EQ(ca.root_path(), path("ca/ca.pem"));
  EXPECT_EQ(must("cat ca/ca.pem ca/ca-key.pem ca/cert-* | sha256sum"), before);
  EXPECT_EQ(mode("ca/records.sqlite"), 0600u);
  ASSERT_EQ(ca.records().value().size(), 3u);
  const auto found = ca.records().value();
  for (const Record& record : found) EXPECT_EQ(record.origin, Origin::local);
  EXPECT_EQ(ca.find("Local").value().made_for, Template::ca);
  EXPECT_EQ(ca.find("localhost").value().serial(), fitting.identity->leaf().serial());
  EXPECT_EQ(ca.find("localhost").value().made_for, Template::both);

  const auto issued = ca.unlock().value().issue({.names = {"www.example.com"}}).value();
  EXPECT_EQ(issued.chain.size(), 1u);
  put("leaf.pem", issued.chain_pem());
  must("openssl verify -x509_strict -CAfile ca/ca.pem leaf.pem");
  ASSERT_TRUE(ca.revoke(fitting.identity->leaf().serial(), RevocationReason::superseded));
  // What `bulla serve` makes later is recorded the next time.
  ASSERT_TRUE(local.fitting_identity({"third.example"}));
  EXPECT_EQ(open().records().value().size(), 5u);
  EXPECT_EQ(open().records().value().size(), 5u);
  EXPECT_EQ(ca.revoke(ca.root().serial(), RevocationReason::superseded).error().code,
            ErrorCode::bad_argument);
}

TEST_F(RecordsTest, AnAdoptionThatWasCutOffIsRepeated) {
  ASSERT_TRUE(pki::LocalCa::open({.folder = folder(), .name = "Local"}));
  put("ca/records.sqlite", "");
  EXPECT_EQ(open().records().value().size(), 1u);
}

TEST_F(RecordsTest, ALocalCaThatWasMadeAnewKeepsTheOldRecords) {
  const Time then = now() - days(3650);
  const auto old = pki::LocalCa::open({.folder = folder(), .name = "Local"}, {.now = then}).value();
  ASSERT_TRUE(old.fitting_identity({"old.example"}, {.now = then}));
  ASSERT_EQ(open().records().value().size(), 2u);
  const auto next = pki::LocalCa::open({.folder = folder(), .name = "Local"}).value();
  ASSERT_TRUE(next.newly_made());
  ASSERT_TRUE(next.fitting_identity({"new.example"}));
  EXPECT_EQ(open().records().value().size(), 4u);
  EXPECT_EQ(open().find("old.example").value().state(now()), State::expired);
}

}  // namespace
}  // namespace bulla::ca
