// Stapled OCSP responses and revocation lists in whole TLS handshakes, with certificates of our own CA.
#include "pki/algorithm.h"
#include "pki/certificate_writer.h"
#include "tls/pair.h"

#include <bulla/revocation_authority.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bulla::pki {
namespace {

using namespace std::chrono_literals;
using test::Pair;
using test::test_now;

enum class MustStaple : uint8_t { no, yes };

/// A CA and the identity of a server.
struct World {
  Surroundings around{.now = test_now};
  Issued ca = NewCa{.name = "Test CA"}.issue(around).value();
  CertificateAuthority authority = CertificateAuthority::create(ca.chain, ca.key.signer()).value();
  KeyPair key = KeyPair::generate().value();
  IdentityPtr identity;

  explicit World(MustStaple must_staple = MustStaple::no) {
    const std::string name = "localhost";
    const auto spki = encode_public_key(key.public_key());
    const Profile profile = {.subject = common_name(name),
                             .names = parse_names({&name, 1}).value(),
                             .spki = spki,
                             .not_before = test_now - 1h,
                             .not_after = test_now + 24h,
                             .must_staple = must_staple == MustStaple::yes};
    const Issuer issuer = {.name = ca.certificate().subject_der(),
                           .key_id = {},
                           .key = *ca.key.signer(),
                           .algorithm = signature_for(ca.key.public_key())};
    auto leaf = sign_certificate(profile, issuer, means_of(around)).value();
    identity = Identity::create({std::move(leaf)}, key.signer()).value();
  }
  IdentityPtr stapling(RevocationStatus status, Time from = test_now - 1h, Time to = test_now + 1h) const {
    const auto request = OcspRequest::create(identity->leaf(), ca.certificate()).value();
    const OcspAnswers answers = {
        .status_of = [&](std::string_view) { return OcspAnswer{.status = status, .revoked_at = from}; },
        .this_update = from,
        .next_update = to};
    const auto response = authority.ocsp_response(request, answers, {.now = from}).value();
    return identity->with_ocsp_response(to_vector(response->der()));
  }
  RootStore roots() const {
    RootStore out;
    out.add(ca.chain.front());
    return out;
  }
};

/// A handshake of this client and a server with this identity: how it ended for both.
struct Ended {
  std::optional<ErrorCode> client = {};
  std::optional<AlertDescription> alert = {};  ///< what the server was told
  friend bool operator==(const Ended&, const Ended&) = default;
};
void PrintTo(const Ended& ended, std::ostream* out) {
  *out << (ended.client ? row_of(*ended.client).name : "done") << ", alert "
       << (ended.alert ? std::to_string(int(*ended.alert)) : "none");
}

Ended handshake(ProtocolVersion version, ClientOptions client, IdentityPtr identity) {
  client.common.versions = {version, version};
  Pair pair = test::make_pair(std::move(client), ServerOptions{.identity = std::move(identity)});
  pair.run();
  EXPECT_EQ(pair.both_done(), !pair.client.error) << pair.errors();
  Ended out;
  if (pair.client.error) out.client = pair.client.error->code;
  if (pair.server.error && pair.server.error->code == ErrorCode::peer_sent_alert)
    out.alert = pair.server.error->alert;
  return out;
}

const Ended done = {};

class Stapling : public testing::TestWithParam<ProtocolVersion> {
 protected:
  Ended connect(const World& world, IdentityPtr identity, OcspStapling ocsp = OcspStapling::requested) const {
    return handshake(GetParam(), {.roots = world.roots(), .ocsp = ocsp}, std::move(identity));
  }
};
INSTANTIATE_TEST_SUITE_P(Versions, Stapling, testing::Values(ProtocolVersion::tls12, ProtocolVersion::tls13));

TEST_P(Stapling, AGoodResponseIsAccepted) {
  const World world;
  EXPECT_EQ(connect(world, world.stapling(RevocationStatus::good)), done);
}

TEST_P(Stapling, ARevokedServerIsRefused) {
  const World world;
  EXPECT_EQ(connect(world, world.stapling(RevocationStatus::revoked)),
            (Ended{ErrorCode::certificate_revoked, AlertDescription::certificate_revoked}));
}

// RFC 6066 §8: bad_certificate_status_response.
TEST_P(Stapling, Rfc6066_8_ABadResponseEndsTheHandshake) {
  const World world, other;
  const Ended bad = {ErrorCode::ocsp_response_bad, AlertDescription::bad_certificate_status_response};
  EXPECT_EQ(connect(world, world.identity->with_ocsp_response({1, 2, 3})), bad);
  EXPECT_EQ(connect(world, world.stapling(RevocationStatus::unknown)), bad);
  EXPECT_EQ(connect(world, world.stapling(RevocationStatus::good, test_now - 2h, test_now - 1h)), bad);
  // A response about another certificate, by another CA.
  EXPECT_EQ(connect(world, world.identity->with_ocsp_response(
                               to_vector(other.stapling(RevocationStatus::good)->ocsp_response()))),
            bad);
}

TEST_P(Stapling, NobodyAskedNobodyStaples) {
  const World world;
  EXPECT_EQ(connect(world, world.stapling(RevocationStatus::revoked), OcspStapling::not_requested), done);
}

// RFC 7633 §4.3.3: what the certificate promises and the client asks for.
TEST_P(Stapling, Rfc7633_4_3_3_MustStapleIsHonoured) {
  const World world(MustStaple::yes);
  EXPECT_EQ(connect(world, world.identity),
            (Ended{ErrorCode::certificate_must_staple, AlertDescription::bad_certificate}));
  EXPECT_EQ(connect(world, world.stapling(RevocationStatus::good)), done);
  EXPECT_EQ(connect(world, world.identity, OcspStapling::not_requested), done);
}

TEST_P(Stapling, ListsAndPoliciesOfTheClient) {
  const World world;
  const RevokedCertificate entries[] = {
      {.serial = world.identity->leaf().serial(), .revoked_at = test_now - 2h}};
  RevocationLists naming;
  naming.add(
      world.authority
          .revocation_list(
              {.revoked = entries, .number = 1, .this_update = test_now - 1h, .next_update = test_now + 1h})
          .value());
  const auto with = [&](WebPkiVerifier::Options options, IdentityPtr identity) {
    return handshake(GetParam(),
                     {.verifier = std::make_shared<WebPkiVerifier>(world.roots(), std::move(options)),
                      .ocsp = OcspStapling::requested},
                     std::move(identity));
  };
  const Ended revoked = {ErrorCode::certificate_revoked, AlertDescription::certificate_revoked};
  const Ended unknown = {ErrorCode::certificate_status_unknown, AlertDescription::certificate_unknown};
  EXPECT_EQ(with({.lists = naming}, world.identity), revoked);
  EXPECT_EQ(with({.lists = naming}, world.stapling(RevocationStatus::good)), revoked);
  EXPECT_EQ(with({.revocation = RevocationPolicy::ignore, .lists = naming}, world.identity), done);
  EXPECT_EQ(with({.revocation = RevocationPolicy::required}, world.identity), unknown);
  EXPECT_EQ(with({.revocation = RevocationPolicy::required}, world.stapling(RevocationStatus::good)), done);
}

// The other way round: a server that knows which clients were revoked.
TEST_P(Stapling, ARevokedClientIsRefused) {
  const World world;
  const RevokedCertificate entries[] = {
      {.serial = world.identity->leaf().serial(), .revoked_at = test_now - 2h}};
  RevocationLists lists;
  lists.add(
      world.authority
          .revocation_list(
              {.revoked = entries, .number = 1, .this_update = test_now - 1h, .next_update = test_now + 1h})
          .value());
  ClientOptions client{.roots = test::roots(), .identity = world.identity};
  client.common.versions = {GetParam(), GetParam()};
  ServerOptions server = test::server_options();
  server.client_auth = ClientAuth::required;
  // The leaf is a server's and a client's here.
  server.client_verifier =
      std::make_shared<WebPkiVerifier>(world.roots(), WebPkiVerifier::Options{.lists = lists});
  Pair pair = test::make_pair(std::move(client), std::move(server));
  pair.run();
  ASSERT_TRUE(pair.server.error) << pair.errors();
  EXPECT_EQ(pair.server.error->code, ErrorCode::certificate_revoked);
}

}  // namespace
}  // namespace bulla::pki
