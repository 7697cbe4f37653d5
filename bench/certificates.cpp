#include "certificates.h"

#include "asn1/pem.h"
#include "peer_certificates.h"
#include "support/credulous_provider.h"

#include <bulla/openssl_provider.h>
#include <bulla/os.h>
#include <bulla/pki.h>

#include <cstdio>
#include <cstdlib>
#include <optional>

namespace bulla::bench {
namespace {

using Der = std::vector<uint8_t>;
constexpr const char* host = "www.example.com";
constexpr const char* debians_roots = "/etc/ssl/certs/ca-certificates.crt";

void require(bool ok, const std::string& what) {
  if (ok) return;
  std::fprintf(stderr, "bulla-bench: certificates: %s\n", what.c_str());
  std::exit(1);
}

/// Leaf, intermediate, root, with the extensions that a public CA's have, but for its SCTs and policies.
std::vector<Der> make_chain(pki::KeyKind kind) {
  // libcrypto makes the keys: that is not what is measured.
  const pki::Surroundings around = {.provider = &openssl_provider()};
  const pki::Issued root = pki::NewCa{.name = "Bench root CA", .key = kind}.issue(around).value();
  const auto above = pki::CertificateAuthority::create({root.chain.front()}, root.key.signer()).value();
  pki::Issued middle =
      above.issue_ca({.name = "Bench intermediate CA", .days = 1000, .key = kind, .path_length = 0}, around)
          .value();
  const auto issuer = pki::CertificateAuthority::create(middle.chain, middle.key.signer()).value();
  const pki::Issued leaf = issuer
                               .issue(pki::Subject{.names = {host, "example.com", "*.api.example.com"}},
                                      {.days = 90,
                                       .use = pki::CertificateUse::server,
                                       .crl_url = "http://crl.example.com/intermediate.crl",
                                       .ocsp_url = "http://ocsp.example.com"},
                                      kind, around)
                               .value();
  return {to_vector(leaf.certificate().der()), to_vector(middle.certificate().der()),
          to_vector(root.certificate().der())};
}

std::vector<CertificatePtr> our_parse(std::span<const Der> ders) {
  std::vector<CertificatePtr> out;
  for (const Der& der : ders) out.push_back(Certificate::from_der(der).value());
  return out;
}
std::vector<PeerCertificate> peer_parse_all(std::span<const Der> ders, PeerCertificate (*parse)(Bytes)) {
  std::vector<PeerCertificate> out;
  for (const Der& der : ders) out.push_back(parse(der));
  return out;
}

/// A chain and both sides' view of its root, as a program holds it.
struct World {
  explicit World(pki::KeyKind kind)
      : ders(make_chain(kind)),
        ours(our_parse(sent())),
        peers(peer_parse_all(sent(), peer_parse_whole)),
        store(peer_store(peer_parse_all(root(), peer_parse_whole))) {}
  /// What a server sends: leaf and intermediate.
  std::span<const Der> sent() const { return std::span(ders).first(2); }
  std::span<const Der> root() const { return std::span(ders).last(1); }
  RootStore roots() const {
    RootStore out;
    out.add(Certificate::from_der(ders.back()).value());
    return out;
  }
  void ask(const WebPkiVerifier& verifier, std::span<const CertificatePtr> chain) const {
    require(verifier.verify({.chain = chain, .name = &server, .now = now}).ok(), "ours refuses the chain");
  }
  void ask_peer(const std::vector<PeerCertificate>& chain, PeerSignatures signatures) const {
    require(peer_verifies({chain, store.get(), host, now, signatures}), "libcrypto refuses the chain");
  }

  std::vector<Der> ders;
  std::vector<CertificatePtr> ours;
  std::vector<PeerCertificate> peers;
  PeerStore store;
  WebPkiVerifier verifier = WebPkiVerifier(roots());
  WebPkiVerifier trusting = WebPkiVerifier(roots(), {.provider = &test::credulous_provider()});
  Time now = std::chrono::floor<Time::duration>(std::chrono::system_clock::now());
  ServerName server = ServerName::parse(host).value();
};

/// One kind of key. Its world is made when a row asks for it: RSA keys take their time.
class Bench {
 public:
  Bench(Report& report, std::string name, pki::KeyKind kind)
      : report_(report), name_(std::move(name)), kind_(kind) {}
  void verifying();
  void parsing();
  void memory();

 private:
  const World& world() {
    if (!world_) world_.emplace(kind_);
    return *world_;
  }
  void row(const std::string& name, unsigned rounds, const std::function<void()>& ours,
           const std::function<void()>& peer) {
    if (report_.wants(name)) report_.row(name, "cycles", compare(rounds, ours, peer), true);
  }
  void heap(const std::string& name, PeerCertificate (*parse)(Bytes));

  Report& report_;
  std::string name_;
  pki::KeyKind kind_;
  std::optional<World> world_;
};

void Bench::verifying() {
  using enum PeerSignatures;
  const std::string what = "certificate chain of 3, " + name_;
  const auto fresh = [&] { return peer_parse_all(world().sent(), peer_parse); };
  row(
      what + ": verify", 200, [&] { world().ask(world().verifier, world().ours); },
      [&] { world().ask_peer(world().peers, checked); });
  row(
      what + ": verify, all but signatures", 1000, [&] { world().ask(world().trusting, world().ours); },
      [&] { world().ask_peer(world().peers, left_out); });
  row(
      what + ": parse, verify", 200, [&] { world().ask(world().verifier, our_parse(world().sent())); },
      [&] { world().ask_peer(fresh(), checked); });
  row(
      what + ": parse, verify, all but signatures", 1000,
      [&] { world().ask(world().trusting, our_parse(world().sent())); },
      [&] { world().ask_peer(fresh(), left_out); });
}

void Bench::parsing() {
  const auto ours = [&] { require(Certificate::from_der(world().ders[0]).ok(), "ours does not parse"); };
  const std::string what = "certificate parse, " + name_;
  row(what + ", extensions too", 1000, ours, [&] { peer_parse_whole(world().ders[0]); });
  row(what + ", libcrypto's extensions unread", 1000, ours, [&] { peer_parse(world().ders[0]); });
}

template <class Make>
double kept(const Make& make) {
  Account account;
  decltype(make()) object = [&] {
    const OpenAccount open(account);
    return make();
  }();
  return static_cast<double>(account.now);
}

/// All that malloc gave for it. The second time: what libcrypto makes once for the process is no part of it.
void Bench::heap(const std::string& name, PeerCertificate (*parse)(Bytes)) {
  if (!report_.wants(name)) return;
  const std::span<const Der> all = world().ders;
  (void)peer_parse_all(all, parse);
  const Figure figure = {kept([&] { return our_parse(all); }),
                         kept([&] { return peer_parse_all(all, parse); })};
  report_.row(name, "bytes", figure, true);
}

void Bench::memory() {
  const std::string name = "certificate heap, chain of 3, " + name_;
  heap(name + ", extensions too", peer_parse_whole);
  heap(name + ", libcrypto's extensions unread", peer_parse);
}

/// Roots as every program has them.
void system_roots(Report& report) {
  const std::string name = "certificate of Debian's roots: ";
  if (!report.wants(name + "parse") && !report.wants(name + "heap")) return;
  const auto file = read_file(debians_roots);
  if (!file) return;
  std::vector<Der> ders;
  const auto blocks = asn1::decode_pem(*file).value();
  for (const asn1::PemBlock& block : blocks) ders.push_back(to_vector(block.content.reveal()));
  // One at a time: all of them take so long that something always comes between.
  Figure parse;
  for (const Der& der : ders) {
    const Figure one = compare(
        20, [&] { require(Certificate::from_der(der).ok(), "a root"); }, [&] { peer_parse_whole(der); });
    parse.ours += one.ours, parse.peer += one.peer;
  }
  const auto count = static_cast<double>(ders.size());
  const double ours = kept([&] { return our_parse(ders); });
  const double peers = kept([&] { return peer_parse_all(ders, peer_parse_whole); });
  report.row(name + "parse", "cycles", {parse.ours / count, parse.peer / count}, true);
  report.row(name + "heap", "bytes", {ours / count, peers / count}, true);
}

}  // namespace

void certificates(Report& report) {
  Bench ecdsa(report, "ECDSA P-256", {KeyType::ec_p256}), rsa(report, "RSA-2048", {KeyType::rsa, 2048});
  for (Bench* bench : {&ecdsa, &rsa}) {
    bench->verifying();
    bench->parsing();
    bench->memory();
  }
  system_roots(report);
}

}  // namespace bulla::bench
