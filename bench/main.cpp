// bulla-bench [--json] [--paired] [--provider NAME] [FILTER]: ours and libssl 3.0 side by side in one run.
#include "certificates.h"
#include "evp.h"
#include "https_load.h"
#include "https_server.h"
#include "measure.h"
#include "our_pair.h"
#include "peer_openssl.h"
#include "primitives.h"
#include "provider.h"
#include "report.h"

#include <cstdio>
#include <cstring>
#include <string_view>

namespace bulla::bench {
namespace {

struct Setup {
  std::string_view name;
  OurOptions ours;
  PeerOptions peer;
};

std::vector<Setup> setups(const std::string& data_dir) {
  using enum CipherSuite;
  using enum ProtocolVersion;
  const auto setup = [&](std::string_view name, ProtocolVersion version, CipherSuite suite,
                         std::string peer_suite, NamedGroup group, std::string peer_group,
                         std::string identity) {
    Setup s{name, {version, suite}, {}};
    s.ours.group = group;
    s.ours.data_dir = s.peer.data_dir = data_dir;
    s.ours.identity = s.peer.identity = std::move(identity);
    s.peer.version = static_cast<int>(version);
    s.peer.suite = std::move(peer_suite);
    s.peer.group = std::move(peer_group);
    return s;
  };
  return {
      setup("1.3 X25519 P-256 AES-128-GCM", tls13, aes_128_gcm_sha256, "TLS_AES_128_GCM_SHA256",
            NamedGroup::x25519, "X25519", "p256"),
      setup("1.3 X25519 RSA-2048 AES-128-GCM", tls13, aes_128_gcm_sha256, "TLS_AES_128_GCM_SHA256",
            NamedGroup::x25519, "X25519", "rsa"),
      setup("1.2 P-256 ECDSA AES-128-GCM", tls12, ecdhe_ecdsa_with_aes_128_gcm_sha256,
            "ECDHE-ECDSA-AES128-GCM-SHA256", NamedGroup::secp256r1, "P-256", "p256"),
      setup("1.2 P-256 RSA-2048 AES-128-GCM", tls12, ecdhe_rsa_with_aes_128_gcm_sha256,
            "ECDHE-RSA-AES128-GCM-SHA256", NamedGroup::secp256r1, "P-256", "rsa"),
  };
}

/// Client and server of one handshake together, in cycles and per second of one core.
void handshakes(Report& report, const Setup& setup, bool resumed) {
  const std::string name =
      std::string(resumed ? "resumed" : "full") + " handshake " + std::string(setup.name);
  if (!report.wants(name)) return;
  OurOptions ours = setup.ours;
  PeerOptions peer = setup.peer;
  ours.tickets = peer.tickets = resumed;
  OurPair our_pair(ours);
  OpensslPair peer_pair(peer);
  our_pair.handshake();
  peer_pair.handshake(false);
  const Figure f = compare(300, [&] { our_pair.handshake(); }, [&] { peer_pair.handshake(resumed); });
  if (our_pair.resumed() != resumed || peer_pair.resumed() != resumed) {
    std::fprintf(stderr, "bulla-bench: %s: resumed ours %d, peer %d\n", name.c_str(), our_pair.resumed(),
                 peer_pair.resumed());
    std::exit(1);
  }
  report.row(name, "cycles", f, true);
  report.row(name, "per s", {cycles_per_second() / f.ours, cycles_per_second() / f.peer}, false);
}

void bulk(Report& report, const std::string& data_dir) {
  struct Aead {
    std::string_view name;
    CipherSuite suite;
    const char* peer;
  };
  const Aead aeads[] = {
      {"AES-128-GCM", CipherSuite::aes_128_gcm_sha256, "TLS_AES_128_GCM_SHA256"},
      {"AES-256-GCM", CipherSuite::aes_256_gcm_sha384, "TLS_AES_256_GCM_SHA384"},
      {"ChaCha20-Poly1305", CipherSuite::chacha20_poly1305_sha256, "TLS_CHACHA20_POLY1305_SHA256"}};
  for (const Aead& aead : aeads) {
    for (const size_t size : {size_t{16384}, size_t{1350}}) {
      const std::string what = std::string(aead.name) + " " + std::to_string(size) + " B";
      if (!report.wants("seal " + what) && !report.wants("open " + what)) continue;
      OurPair ours({ProtocolVersion::tls13, aead.suite, NamedGroup::x25519, data_dir});
      OpensslPair peer({.suite = aead.peer, .data_dir = data_dir});
      ours.handshake();
      peer.handshake(false);
      std::vector<uint8_t> data(size, 7), out(size);
      std::vector<double> samples[4];
      for (int i = 0; i < 2000; ++i) {
        const uint64_t t0 = cycles();
        ours.seal(data);
        const uint64_t t1 = cycles();
        ours.open();
        const uint64_t t2 = cycles();
        peer.seal(data);
        const uint64_t t3 = cycles();
        peer.open(out);
        const uint64_t t4 = cycles();
        const uint64_t t[] = {t1 - t0, t2 - t1, t3 - t2, t4 - t3};
        for (int k = 0; k < 4; ++k) samples[k].push_back(static_cast<double>(t[k]));
      }
      const auto speed = [&](int k) {
        return static_cast<double>(size) * cycles_per_second() / low_percentile(samples[k]) / 1e9;
      };
      report.row("seal " + what, "GB/s", {speed(0), speed(2)}, false);
      report.row("open " + what, "GB/s", {speed(1), speed(3)}, false);
    }
  }
}

/// What a server's half holds: at the most during a handshake, and idle after it.
void memory(Report& report, const Setup& setup) {
  const std::string name = std::string(setup.name);
  if (!report.wants("server heap idle " + name) && !report.wants("server heap peak " + name)) return;
  OurPair ours(setup.ours);
  OpensslPair peer(setup.peer);
  Account our_account, peer_account;
  ours.handshake();
  peer.handshake(false);
  our_account = peer_account = {};
  ours.handshake(our_account);
  peer.handshake(false, &peer_account);
  report.row("server heap idle " + name, "bytes",
             {static_cast<double>(our_account.now), static_cast<double>(peer_account.now)}, true);
  report.row("server heap peak " + name, "bytes",
             {static_cast<double>(our_account.peak), static_cast<double>(peer_account.peak)}, true);
}

/// The whole HTTPS server's idle connection, beside what libssl holds for TLS alone.
void https_memory(Report& report, const Setup& setup) {
  const std::string name = "https connection idle " + std::string(setup.name);
  if (!report.wants(name)) return;
  const double ours = https_idle_bytes(setup.ours.data_dir, setup.ours.identity);
  if (ours < 0) {
    std::fprintf(stderr, "bulla-bench: %s: no connections on the loopback\n", name.c_str());
    std::exit(1);
  }
  OpensslPair peer(setup.peer);
  Account account;
  peer.handshake(false);
  peer.handshake(false, &account);
  report.row(name, "bytes", {ours, static_cast<double>(account.now)}, true, ", TLS alone");
}

/// What gathering the operations of handshakes saves a server: beside it the same without.
void https_load(Report& report, const Setup& setup) {
  const std::string name = "https server, 64 clients at once, " + std::string(setup.name);
  if (!report.wants(name)) return;
  std::vector<double> gathered, alone;
  for (int i = 0; i < 5; ++i) {
    for (const auto batching : {net::Batching::automatic, net::Batching::never}) {
      const double t = loaded_handshake_microseconds(setup.ours.data_dir, setup.ours.identity, batching);
      if (t < 0) {
        std::fprintf(stderr, "bulla-bench: %s: no connections on the loopback\n", name.c_str());
        std::exit(1);
      }
      (batching == net::Batching::never ? alone : gathered).push_back(t);
    }
  }
  const Figure f = {low_percentile(gathered), low_percentile(alone)};
  report.row_beside("bulla, one at a time", name, "us CPU", f, true);
}

int run(int argc, char** argv) {
  Format format = Format::table;
  std::string filter, data_dir = BULLA_BENCH_DATA;
  for (int i = 1; i < argc; ++i) {
    const std::string_view arg = argv[i];
    if (arg == "--json") {
      format = Format::json;
    } else if (arg == "--paired") {
      measure_in_runs(5);
    } else if (arg == "--provider" && i + 1 < argc && use_provider(argv[i + 1])) {
      ++i;
    } else if (arg == "--help" || arg.starts_with("-")) {
      std::printf(
          "bulla-bench [--json] [--paired] [--provider builtin[:KERNEL]|openssl] [FILTER]\n"
          "Ours and libssl side by side; ratio > 1: ours is faster or smaller. With --provider openssl both\n"
          "have libcrypto's primitives. With --paired, rows in cycles are the median of five runs.\n");
      return arg == "--help" ? 0 : 2;
    } else {
      filter = arg;
    }
  }
  Report report(format, filter);
  if (format == Format::table)
    std::printf("%-48s %12s %12s %-8s %7s\n", default_provider().name.data(), "bulla", "libssl", "", "ratio");
  primitives(report);
  digests_beside_evp(report);
  groups_beside_evp(report);
  certificates(report);
  for (const Setup& setup : setups(data_dir)) {
    handshakes(report, setup, false);
    handshakes(report, setup, true);
  }
  bulk(report, data_dir);
  for (const Setup& setup : setups(data_dir)) memory(report, setup);
  https_memory(report, setups(data_dir).front());
  for (const Setup& setup : setups(data_dir))
    if (setup.ours.version == ProtocolVersion::tls13) https_load(report, setup);
  if (report.rows() > 0) return 0;
  std::fprintf(stderr, "bulla-bench: no row's name contains \"%s\"\n", filter.c_str());
  return 2;
}

}  // namespace
}  // namespace bulla::bench

int main(int argc, char** argv) {
  return bulla::bench::run(argc, argv);
}
