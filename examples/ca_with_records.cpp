// link: bulla::ca
// A CA that records what it issues: made once, then a server's and a client's certificate, a renewal, a
// revocation. Run it with a folder that is not there yet: example_ca_with_records my-ca
#include <bulla/ca.h>

#include <cstdio>

namespace ca = bulla::ca;
namespace pki = bulla::pki;

int main(int argc, char** argv) {
  const std::string folder = argc > 1 ? argv[1] : "my-ca";
  // Once; later: ca::Authority::open(folder).
  auto authority = ca::Authority::create(
      folder,
      {.name = "Example", .permitted = {"example.test", "@example.test"}, .passphrase = "correct horse"});
  if (!authority) return std::puts(authority.error().explain().c_str()), 1;
  const auto issuer = authority->unlock("correct horse");
  if (!issuer) return std::puts(issuer.error().explain().c_str()), 1;

  const auto server = issuer->issue({.names = {"www.example.test"}});
  const auto client = issuer->issue({.names = {"ada@example.test"}, .common_name = "Ada Lovelace"},
                                    {.use = pki::CertificateUse::client});
  if (!server || !client) return std::puts("nothing was issued"), 1;
  const std::string first = server->certificate().serial();
  const auto renewed = issuer->renew(first);
  if (!renewed) return std::puts(renewed.error().explain().c_str()), 1;
  // Without the key: whoever may write the folder may revoke.
  const auto revoked = authority->revoke(first, ca::RevocationReason::superseded);
  if (!revoked) return std::puts(revoked.error().explain().c_str()), 1;
  // Outside of what the CA may certify: an error that names the constraint, and no record.
  const auto refused = issuer->issue({.names = {"www.example.com"}});
  std::puts(refused ? "this should not be" : refused.error().message().c_str());

  const auto records = authority->records();
  if (!records) return std::puts(records.error().explain().c_str()), 1;
  for (const ca::Record& record : *records)
    std::printf("%s  %-8s  %s\n", record.serial().c_str(),
                std::string(name_of(record.state(record.recorded_at))).c_str(),
                record.certificate->subject().c_str());
  return refused ? 1 : 0;
}
