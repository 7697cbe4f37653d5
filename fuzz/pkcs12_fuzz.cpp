// Any bytes as a PKCS#12 file: with passphrases of the seeds, as far as the derivations are cheap; and once
// more as what stands inside a file whose MAC is right, so that the parsers behind it are reached.
#include "asn1/der_writer.h"
#include "base/assert.h"
#include "pki/pkcs12_ber.h"
#include "pki/pkcs12_format.h"
#include "pki/pkcs12_mac.h"
#include "pki/pkcs12_open.h"
#include "work_meter.h"

#include <bulla/bundle.h>

using namespace bulla;
using namespace bulla::asn1;

namespace {

/// A millisecond at most.
constexpr x509::KeyFileLimits cheap = {
    .pbkdf2_iterations = 1000, .scrypt_memory = uint64_t{1} << 18, .scrypt_work = 1024};

constexpr std::string_view passphrase = "correct horse";  // of the seeds

pki::Means means() {
  return pki::means_of({.now = Time{}});
}

/// The file with `safe` for its AuthenticatedSafe.
std::vector<uint8_t> around(Bytes safe) {
  std::vector<uint8_t> mac;
  DerWriter mac_writer(mac);
  const auto written = pki::write_mac(mac_writer, safe, {.passphrase = passphrase, .iterations = 1}, means());
  BULLA_ASSERT(written.ok(), "this passphrase is one");
  return to_der([&](DerWriter& w) {
    w.sequence([&](DerWriter& w) {
      w.integer(3);
      w.sequence([&](DerWriter& w) {
        w.oid(pki::oids::pkcs7_data);
        w.explicit_tag(0, [&](DerWriter& w) { w.octet_string(safe); });
      });
      w.raw(mac);
    });
  });
}

void open(Bytes file, std::string_view by) {
  const auto opened = pki::open_pkcs12(file, by, {}, means(), cheap);
  if (!opened) {
    BULLA_ASSERT(opened.error().code != ErrorCode::internal, "no input is a fault of ours");
    return;
  }
  if (!opened->key && opened->further.empty()) return;  // nothing that could be written
  const auto written = opened->write({.passphrase = "secret", .iterations = 1});
  BULLA_ASSERT(written.ok(), "what was read can be written");
  const auto again = pki::open_pkcs12(*written, "secret", {}, means(), cheap);
  BULLA_ASSERT(again.ok(), "what we write we read");
  BULLA_ASSERT(
      again->chain.size() == opened->chain.size() && again->further.size() == opened->further.size() &&
          again->friendly_name == opened->friendly_name && again->key.has_value() == opened->key.has_value(),
      "and it is the same");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const Bytes input(data, size);
  (void)pki::looks_like_pkcs12(input);
  const auto within = [&](const auto& parse) { return fuzz::within(fuzz::parser_budget, size, parse); };
  (void)within([&] { return pki::outline_pkcs12(input); });
  if (const auto definite = within([&] { return pki::with_definite_lengths(input); })) {
    const auto again = pki::with_definite_lengths(definite->reveal());
    BULLA_ASSERT(again.ok() && equal_vartime(again->reveal(), definite->reveal()),
                 "definite lengths stay so");
  }
  open(input, passphrase);
  open(input, "");
  const std::vector<uint8_t> whole = around(input);
  // Once without asking whether what comes out can be written: a key of a certain size is loaded, no more.
  (void)fuzz::within(fuzz::opening_budget, whole.size(),
                     [&] { return pki::open_pkcs12(whole, passphrase, {}, means(), cheap); });
  open(whole, passphrase);
  return 0;
}
